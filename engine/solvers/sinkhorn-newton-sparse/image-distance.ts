/** W₁ or W₂ between two images as distributions of mass, and where the mass moved. */
import { type NdArray, ndarray, zeros } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import { distanceCost, type PointSet, subset, type Warnings } from './inputs.ts';
import type { SinkhornParameters } from './manifest.ts';
import { transportError } from './problem.ts';
import { runTransport, type Transport } from './run-transport.ts';

export interface Grid {
  /** [rows, columns]. */
  shape: readonly [number, number];
  /** Pixel height and width, mm. */
  spacing: readonly [number, number];
  values: Float64Array;
}

/** Mean over blocks such that no side exceeds `most`; edge blocks may be smaller. Non-finite pixels count as 0. */
export function areaAveraged(image: NdArray, most: number, spacing: readonly [number, number]): Grid {
  const [height, width] = image.shape;
  const block = Math.max(1, Math.ceil(Math.max(height, width) / most));
  const rows = Math.ceil(height / block);
  const columns = Math.ceil(width / block);
  const values = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const cell = Math.floor(y / block) * columns + Math.floor(x / block);
      const value = image.data[at];
      values[cell] += Number.isFinite(value) ? Math.max(0, value) : 0;
      counts[cell]++;
    }
  for (let k = 0; k < values.length; k++) values[k] /= counts[k];
  return { shape: [rows, columns], spacing: [spacing[0] * block, spacing[1] * block], values };
}

/** Centres of the pixels in mm, (row, column). */
function centres({ shape: [rows, columns], spacing }: Grid): PointSet {
  const data = new Float64Array(2 * rows * columns);
  for (let y = 0, at = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      data[at++] = (y + 0.5) * spacing[0];
      data[at++] = (x + 0.5) * spacing[1];
    }
  return { data, count: rows * columns, dimensions: 2 };
}

function masses({ values }: Grid, name: string, floor: number): Float64Array {
  let sum = 0;
  for (const value of values) sum += value;
  if (!(sum > 0)) throw transportError('E_ZERO_MASS', `${name} has no positive pixel`, name);
  return values.map((value) => ((1 - floor) * value) / sum + floor / values.length);
}

export interface ImageDistance {
  transport: Transport;
  source: PointSet;
  target: PointSet;
  /** float64 [h, w, 2]: mean shift (rows, columns) of the mass of each source pixel, mm. */
  displacement: NdArray<'float64'>;
}

export async function imageDistance(
  sourceImage: NdArray,
  targetImage: NdArray,
  parameters: SinkhornParameters,
  warnings: Warnings,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<ImageDistance> {
  const { gridSize, spacing, massFloor } = parameters;
  const grids = [sourceImage, targetImage].map((image) => areaAveraged(image, gridSize, spacing));
  const [source, target] = grids.map(centres);
  const [r, c] = [masses(grids[0], 'source', massFloor), masses(grids[1], 'target', massFloor)];
  const rows = Uint32Array.from(r.keys()).filter((i) => r[i] > 0);
  const columns = Uint32Array.from(c.keys()).filter((j) => c[j] > 0);
  if (rows.length < r.length || columns.length < c.length)
    warnings.push({
      code: 'zero-weights',
      message: `${r.length - rows.length + c.length - columns.length} pixels carry no mass and were dropped`,
    });
  const [from, to] = [subset(source, rows), subset(target, columns)];
  const transport = await runTransport(
    Float64Array.from(rows, (i) => r[i]),
    Float64Array.from(columns, (j) => c[j]),
    distanceCost(from, to, parameters),
    parameters,
    context,
  );
  const displacement = zeros('float64', [...grids[0].shape, 2]);
  for (const [a, i] of rows.entries()) {
    let [mass, y, x] = [0, 0, 0];
    for (let b = 0; b < to.count; b++) {
      const moved = transport.plan[a * to.count + b];
      mass += moved;
      y += moved * to.data[2 * b];
      x += moved * to.data[2 * b + 1];
    }
    displacement.data[2 * i] = y / mass - source.data[2 * i];
    displacement.data[2 * i + 1] = x / mass - source.data[2 * i + 1];
  }
  return {
    transport,
    source: from,
    target: to,
    displacement: ndarray('float64', displacement.shape, displacement.data),
  };
}
