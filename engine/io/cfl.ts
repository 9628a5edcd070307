/**
 * BART's .hdr/.cfl pair. NAME.hdr is text: "# Dimensions", then up to 16 sizes; other "# Keyword" blocks are skipped.
 * NAME.cfl is complex float32, little endian, first dimension fastest. Dimensions: 0 read, 1 phase1, 2 phase2, 3 coil,
 * 4 maps, 5 TE, 6 coeff, 7 coeff2, 8 iter, 9 cshift, 10 time, 11 time2, 12 level, 13 slice, 14 average, 15 batch.
 */
import { elements, type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { claimedBytes } from './size-limit.ts';

/** First dimension fastest, always 16 sizes. */
export interface CflArray {
  dimensions: number[];
  /** Interleaved re, im. */
  data: Float32Array;
}

export const CFL_DIMENSIONS = [
  ...['read', 'phase1', 'phase2', 'coil', 'maps', 'TE', 'coeff', 'coeff2'],
  ...['iter', 'cshift', 'time', 'time2', 'level', 'slice', 'average', 'batch'],
] as const;

const AXES = 16;
const COIL = 3;
const SLICE = 13;
const MAX_HEADER_BYTES = 1 << 20;

/** True for the text of a BART header. */
export function isCflHeader(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_HEADER_BYTES) return false;
  return /^# Dimensions[ \t]*\r?\n/m.test(new TextDecoder('latin1').decode(bytes));
}

/** The 16 sizes a header names, missing ones 1. */
export function parseCflHeader(bytes: Uint8Array, path?: string): number[] {
  const where = path === undefined ? {} : { path };
  if (bytes.length > MAX_HEADER_BYTES)
    throw new EngineError(
      'bad-input',
      `a header of ${bytes.length} bytes, at most ${MAX_HEADER_BYTES} accepted`,
      where,
    );
  const text = new TextDecoder('latin1').decode(bytes);
  const match = /^# Dimensions[ \t]*\r?\n([^\r\n#]*)/m.exec(text);
  if (match === null) throw new EngineError('bad-input', 'no "# Dimensions" line in the .hdr file', where);
  const words = match[1]
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length < 1 || words.length > AXES)
    throw new EngineError('bad-input', `${words.length} dimensions in the .hdr file, expected 1 to ${AXES}`, where);
  const dimensions = words.map((word) => {
    if (!/^[1-9]\d{0,15}$/.test(word))
      throw new EngineError('bad-input', `"${word}" in the .hdr file is not a positive size`, where);
    return Number(word);
  });
  while (dimensions.length < AXES) dimensions.push(1);
  return dimensions;
}

/** Parses the pair; the data file must be exactly as long as the header says. */
export function readCfl(header: Uint8Array, data: Uint8Array, path?: string): CflArray {
  const dimensions = parseCflHeader(header, path);
  const claimed = claimedBytes(dimensions, 8, { path, field: '"# Dimensions"' });
  if (claimed !== data.length)
    throw new EngineError(
      'bad-input',
      `the .hdr file promises ${claimed} bytes for [${dimensions}], the .cfl file has ${data.length}`,
      path === undefined ? {} : { path },
    );
  // Not data.slice(): Node's Buffers return a view of the same memory from it.
  return { dimensions, data: new Float32Array(new Uint8Array(data).buffer) };
}

/** The pair of files. */
export function writeCfl(array: CflArray): { header: Uint8Array; data: Uint8Array } {
  const { dimensions, data } = array;
  if (dimensions.length > AXES || elements(dimensions) * 2 !== data.length)
    throw new EngineError('mismatch', `dimensions [${dimensions}] do not fit ${data.length / 2} complex numbers`);
  const sizes = [...dimensions, ...new Array<number>(AXES - dimensions.length).fill(1)];
  return {
    header: new TextEncoder().encode(`# Dimensions\n${sizes.join(' ')}\n# Creator\ntangent\n`),
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
  };
}

/**
 * k-space or maps as complex64 [slices, coils, phase1 (ky, y), read (kx, x)]. BART's first dimension is our last axis,
 * so the memory order is already right where only read, phase1, coil and one outer dimension are larger than 1.
 * Slices = slice dimension × every other outer one (outermost last in BART, first here). A second phase dimension
 * (3D k-space) needs a transform along it first, so it is refused here (cfl-scan.ts does it).
 */
export function cflToSlices(array: CflArray, path?: string): { array: NdArray<'complex64'>; outer: OuterAxis[] } {
  const { dimensions, data } = array;
  if (dimensions[2] > 1)
    throw new EngineError('unsupported', `three-dimensional data [${dimensions}] (phase2 > 1) given as slices`, {
      ...(path === undefined ? {} : { path }),
      hint: 'Transform along the second phase dimension first (bart fft -i -u 4), then move it to dimension 13.',
    });
  const [nx, ny] = dimensions;
  const coils = dimensions[COIL];
  const outer = outerAxes(dimensions);
  const slices = outer.reduce((product, axis) => product * axis.size, 1);
  // Everything above the coil dimension is slower than it: already [slices, coils, y, x] in memory.
  return { array: ndarray('complex64', [slices, coils, ny, nx], data), outer };
}

export interface OuterAxis {
  name: string;
  size: number;
}

/** Outer dimensions larger than 1, slowest first (the order in which they fold into the slice axis). */
function outerAxes(dimensions: readonly number[]): OuterAxis[] {
  const axes: OuterAxis[] = [];
  for (let d = AXES - 1; d > COIL; d--)
    if (dimensions[d] > 1) axes.push({ name: CFL_DIMENSIONS[d], size: dimensions[d] });
  return axes;
}

/** complex64 [slices, coils, y, x] (leading axes may be absent) as BART dimensions: read x, phase1 y, coil, slice. */
export function slicesToCfl(array: NdArray<'complex64'>): CflArray {
  if (array.shape.length < 2 || array.shape.length > 4)
    throw new EngineError('mismatch', `expected [slices, coils, y, x], found [${array.shape}]`);
  const shape = [...new Array<number>(4 - array.shape.length).fill(1), ...array.shape];
  const dimensions = new Array<number>(AXES).fill(1);
  dimensions[0] = shape[3];
  dimensions[1] = shape[2];
  dimensions[COIL] = shape[1];
  dimensions[SLICE] = shape[0];
  return { dimensions, data: array.data };
}
