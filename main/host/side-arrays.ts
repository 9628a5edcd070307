/** Arrays given beside a scan: coil maps and reference images, from .npy or .npz. Shapes and numbers are checked here. */
import { type Dtype, type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { EngineError } from '../../engine/errors.ts';
import { readFileBytes } from '../../engine/io/file-bytes.ts';
import { checkFinite } from '../../engine/io/finite.ts';
import { readNpy } from '../../engine/io/npy.ts';
import { openNpz } from '../../engine/io/npz.ts';
import { isZip } from '../../engine/io/zip.ts';
import type { SliceRange } from './open-input.ts';

/** Cuts the leading axis when the array covers the whole scan and only some slices are wanted. */
function cut<D extends Dtype>(a: NdArray<D>, range: SliceRange): NdArray<D> {
  const count = range.to - range.from;
  const whole = range.count === undefined ? a.shape[0] >= range.to && a.shape[0] !== count : a.shape[0] === range.count;
  if (!whole || a.shape[0] === count) return a;
  const stride = a.data.length / a.shape[0];
  const data = a.data.subarray(range.from * stride, range.to * stride) as NdArray<D>['data'];
  return ndarray(a.dtype, [count, ...a.shape.slice(1)], data);
}

/** A .npy, or the member of a .npz with one of the usual names. */
async function readArray(path: string, field: string, names: readonly string[]): Promise<NdArray> {
  const bytes = await readFileBytes(path);
  if (!isZip(bytes)) {
    const array = readNpy(bytes, path);
    checkFinite(array, field, path);
    return array;
  }
  const archive = openNpz(bytes, path);
  const name = names.find((candidate) => archive.has(candidate));
  if (name === undefined)
    throw new EngineError(
      'bad-input',
      `the file holds ${archive.names.slice(0, 12).join(', ')}, expected ${names.join(' or ')}`,
      { path },
    );
  const array = archive.array(name);
  checkFinite(array, name, path);
  return array;
}

/** complex64 [slices, coils, y, x]; [coils, y, x] is one set for all slices. */
export async function readMaps(path: string, range: SliceRange): Promise<NdArray<'complex64'>> {
  const array = await readArray(path, 'maps', ['maps', 'sens']);
  const expected = 'complex64 [slices, coils, y, x] or [coils, y, x]';
  if (array.dtype !== 'complex64' || array.shape.length < 3 || array.shape.length > 4)
    throw new EngineError('bad-input', `maps are ${array.dtype} [${array.shape}], expected ${expected}`, { path });
  const maps = ndarray('complex64', array.shape, array.data as Float32Array);
  return maps.shape.length === 4 ? cut(maps, range) : maps;
}

/** float32 magnitude [slices, y, x]; [y, x] is taken as one slice. */
export async function readReference(path: string, range: SliceRange): Promise<NdArray<'float32'>> {
  const array = await readArray(path, 'reference', ['reference', 'ref']);
  if (array.shape.length < 2 || array.shape.length > 3)
    throw new EngineError('bad-input', `reference is [${array.shape}], expected [slices, y, x] or [y, x]`, { path });
  const shape = array.shape.length === 2 ? [1, ...array.shape] : array.shape;
  return cut(ndarray('float32', shape, magnitude(array)), range);
}

function magnitude(array: NdArray): Float32Array {
  if (array.dtype !== 'complex64')
    return array.data instanceof Float32Array ? array.data : Float32Array.from(array.data);
  const out = new Float32Array(array.data.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Math.hypot(array.data[2 * i], array.data[2 * i + 1]);
  return out;
}
