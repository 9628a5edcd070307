/** Coordinates of points along their principal axes. */
import type { RunContext } from '../../context.ts';
import { lanczos } from '../../linear/lanczos.ts';
import type { PointCloud } from './inputs.ts';

/** The first `kept` of them, [count, kept]; centred. */
export async function principalComponents(
  { data, count, dimensions }: PointCloud,
  kept: number,
  context: RunContext,
): Promise<PointCloud> {
  const centred = data.slice();
  for (let c = 0; c < dimensions; c++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += data[i * dimensions + c];
    for (let i = 0; i < count; i++) centred[i * dimensions + c] -= sum / count;
  }
  const row = (i: number) => centred.subarray(i * dimensions, (i + 1) * dimensions);
  const forward = (axis: Float64Array, scores: Float64Array) => {
    for (let i = 0; i < count; i++) {
      const point = row(i);
      let sum = 0;
      for (let c = 0; c < dimensions; c++) sum += point[c] * axis[c];
      scores[i] = sum;
    }
  };
  const backward = (scores: Float64Array, axis: Float64Array) => {
    axis.fill(0);
    for (let i = 0; i < count; i++) {
      const point = row(i);
      for (let c = 0; c < dimensions; c++) axis[c] += scores[i] * point[c];
    }
  };
  // Eigenvectors of the smaller of XᵀX and X Xᵀ; the scores are X v, or u times the singular value.
  const out = new Float64Array(count * kept);
  const found = Math.min(kept, count, dimensions);
  const options = { steps: Math.max(300, 5 * found), acceptUnconverged: true, context };
  if (dimensions <= count) {
    const held = new Float64Array(count);
    const square = (x: Float64Array, y: Float64Array) => {
      forward(x, held);
      backward(held, y);
    };
    const { vectors } = await lanczos(square, dimensions, found, options);
    for (let l = 0; l < found; l++) {
      forward(vectors.subarray(l * dimensions, (l + 1) * dimensions), held);
      for (let i = 0; i < count; i++) out[i * kept + l] = held[i];
    }
  } else {
    const held = new Float64Array(dimensions);
    const square = (x: Float64Array, y: Float64Array) => {
      backward(x, held);
      forward(held, y);
    };
    const { values, vectors } = await lanczos(square, count, found, options);
    for (let l = 0; l < found; l++) {
      const singular = Math.sqrt(Math.max(0, values[l]));
      for (let i = 0; i < count; i++) out[i * kept + l] = singular * vectors[l * count + i];
    }
  }
  return { data: out, count, dimensions: kept };
}

/** Fewer coordinates where there are more than `kept`; unchanged where the points span no more than that. */
export async function reduced(points: PointCloud, kept: number, context: RunContext): Promise<PointCloud> {
  if (kept === 0 || points.dimensions <= kept) return points;
  // count points span count − 1 dimensions: all components together are a rotation, which changes no distance.
  if (points.count - 1 <= kept) return points;
  return principalComponents(points, kept, context);
}
