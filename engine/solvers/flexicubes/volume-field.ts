/** From a volume to the field s the surface is taken from: s < 0 inside, and where its points lie in mm. */
import { elements, type NdArray } from '../../arrays/ndarray.ts';
import { checkpoint, type RunContext } from '../../context.ts';
import type { ArrayArtifact } from '../artifact.ts';
import { type Affine, volumeAffine } from './affine.ts';
import type { Field, GridSize } from './dual-surface.ts';
import { flexicubesError } from './flexicubes-error.ts';
import { gaussianSmooth } from './gaussian-smooth.ts';
import type { FlexicubesParameters } from './manifest.ts';
import { otsuMidpoint } from './otsu.ts';

export type Warnings = { code: string; message: string; value?: number }[];

export interface VolumeField {
  s: Field;
  size: GridSize;
  /** From grid coordinates of `s` to mm. */
  affine: Affine;
  iso: number;
}

const largestVolume = 2.7e8;
/** From here on values are kept in float32, to save memory. */
const largestDouble = 2 ** 26;

function shapeOf({ shape }: NdArray): GridSize {
  if (shape.length !== 3 || shape.some((side) => side < 2))
    throw flexicubesError(
      'E_SHAPE',
      `the volume is [${shape.join(', ')}], expected three axes [z, y, x] of at least 2`,
      'volume',
    );
  if (elements(shape) > largestVolume)
    throw flexicubesError(
      'E_TOO_LARGE',
      `the volume has ${elements(shape)} voxels, at most ${largestVolume} are possible`,
      'volume',
      'Crop or average it first.',
    );
  return [shape[2], shape[1], shape[0]];
}

function finiteRange(values: ArrayLike<number>, [nx, ny]: GridSize): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      const index = [Math.floor(i / (nx * ny)), Math.floor(i / nx) % ny, i % nx];
      throw flexicubesError('E_INPUT_VALUE', `the volume holds ${value} at [${index.join(', ')}] (z, y, x)`, 'volume');
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Half way to the next value that occurs, where more than 1 % of the voxels equal iso: plateaus have no surface. */
function offPlateau(iso: number, values: Field, warnings: Warnings): number {
  let equal = 0;
  let next = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === iso) equal++;
    else if (values[i] > iso && values[i] < next) next = values[i];
  }
  if (equal <= 0.01 * values.length || next === Number.POSITIVE_INFINITY) return iso;
  const moved = (iso + next) / 2;
  warnings.push({
    code: 'iso-moved',
    message: `${((100 * equal) / values.length).toFixed(1)} % of the voxels equal iso ${iso}: ${moved} was used`,
    value: moved,
  });
  return moved;
}

/** Throws E_SHAPE, E_TOO_LARGE, E_INPUT_VALUE, E_PARAM, E_EMPTY_SURFACE. */
export async function volumeField(
  artifact: ArrayArtifact,
  parameters: FlexicubesParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<VolumeField> {
  const { array } = artifact;
  const size = shapeOf(array);
  if (array.dtype === 'complex64')
    throw flexicubesError(
      'E_INPUT_VALUE',
      'the volume is complex, expected real numbers',
      'volume',
      'Give magnitudes.',
    );
  const affine = volumeAffine(artifact, parameters.spacing);
  const values: Field =
    array.data.length > largestDouble ? Float32Array.from(array.data) : Float64Array.from(array.data);
  await checkpoint(context);
  const range = finiteRange(values, size);
  await checkpoint(context);
  if (parameters.smooth > 0) await gaussianSmooth(values, size, parameters.smooth, context);
  const asked = parameters.iso ?? otsuMidpoint(values);
  if (!(asked >= range[0] && asked <= range[1]) || range[0] === range[1])
    throw flexicubesError(
      'E_EMPTY_SURFACE',
      `there is no surface at iso ${asked}: the volume ranges from ${range[0]} to ${range[1]}`,
      'iso',
    );
  const iso = offPlateau(asked, values, warnings);
  await checkpoint(context);
  const sign = parameters.inside === 'above' ? 1 : -1;
  for (let i = 0; i < values.length; i++) values[i] = sign * (iso - values[i]);
  const field = parameters.closeBoundary ? padded(values, size, affine) : { s: values, size, affine };
  if (!hasBoth(field.s))
    throw flexicubesError(
      'E_EMPTY_SURFACE',
      `no voxel is ${parameters.inside} iso ${iso}: the volume ranges from ${range[0]} to ${range[1]}`,
      'iso',
    );
  return { ...field, iso };
}

function hasBoth(s: Field): boolean {
  const inside = s[0] < 0;
  for (let i = 1; i < s.length; i++) if (s[i] < 0 !== inside) return true;
  return false;
}

/** One layer outside, as far outside as the field goes anywhere, so that caps lie close to the last voxel. */
function padded(values: Field, [nx, ny, nz]: GridSize, affine: Affine): Omit<VolumeField, 'iso'> {
  const size = [nx + 2, ny + 2, nz + 2] as const;
  const count = size[0] * size[1] * size[2];
  const s: Field = values instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  s.fill(largest);
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const from = nx * (y + ny * z);
      s.set(values.subarray(from, from + nx), 1 + size[0] * (y + 1 + size[1] * (z + 1)));
    }
  const origin = [0, 1, 2].map(
    (row) => affine.origin[row] - affine.columns.reduce((sum, column) => sum + column[row], 0),
  );
  return { s, size, affine: { ...affine, origin: [origin[0], origin[1], origin[2]] } };
}
