/** How a field compares with the truth, and how far it leaves the tangent planes. */
import { rootMeanSquare } from './spectral-field.ts';
import { toAmbient, toLocal } from './tangent-frames.ts';

export interface Agreement {
  /** Mean cosine of the angle between field and truth. */
  alignment: number;
  /** ‖field − truth‖/‖truth‖, all vectors as one. */
  relativeError: number;
  /** Share of vectors within two standard deviations of the truth; null without any. */
  coverage: number | null;
}

/** field, truth [N, D]; std [N]; over the points `at`. Null over none. */
export function agreement(
  field: Float64Array,
  truth: Float64Array,
  std: Float64Array | undefined,
  dimensions: number,
  at: readonly number[],
): Agreement | null {
  if (at.length === 0) return null;
  let [cosines, errors, energy, within] = [0, 0, 0, 0];
  for (const i of at) {
    let [inner, a, b, error] = [0, 0, 0, 0];
    for (let k = i * dimensions; k < (i + 1) * dimensions; k++) {
      inner += field[k] * truth[k];
      a += field[k] ** 2;
      b += truth[k] ** 2;
      error += (field[k] - truth[k]) ** 2;
    }
    if (a > 0 && b > 0) cosines += inner / Math.sqrt(a * b);
    errors += error;
    energy += b;
    if (std !== undefined && Math.sqrt(error) <= 2 * std[i]) within++;
  }
  return {
    alignment: cosines / at.length,
    relativeError: Math.sqrt(errors / energy),
    coverage: std === undefined ? null : within / at.length,
  };
}

/** out ← T Tᵀ field, [N, D]. */
export function projected(field: Float64Array, frames: Float64Array, dimensions: number, m: number): Float64Array {
  const out = new Float64Array(field.length);
  const local = new Float64Array(m);
  for (let at = 0; at < field.length; at += dimensions) {
    toLocal(local, frames, at * m, field.subarray(at, at + dimensions));
    toAmbient(out.subarray(at, at + dimensions), frames, at * m, local);
  }
  return out;
}

/** Mean length of the normal parts over the root mean square length; 0 of a field of zeros. */
export function offTangent(field: Float64Array, frames: Float64Array, dimensions: number, m: number): number {
  const flat = projected(field, frames, dimensions, m);
  let sum = 0;
  for (let at = 0; at < field.length; at += dimensions) {
    let normal = 0;
    for (let k = at; k < at + dimensions; k++) normal += (field[k] - flat[k]) ** 2;
    sum += Math.sqrt(normal);
  }
  const scale = rootMeanSquare(field, dimensions);
  return scale > 0 ? (sum * dimensions) / field.length / scale : 0;
}
