/** The coupled data consistency of one group of slices: total variation along z and the residuals of all slices at once. */
import { check } from '../errors.ts';
import type { LinearOperator } from '../linear/operator.ts';
import { complexSpace, realSpace } from '../linear/typed-space.ts';
import type { Job } from './groups.ts';
import type { DdsParameters } from './parameters.ts';
import type { DdsProblem } from './problem.ts';
import { imageLength } from './problem.ts';
import { VolumeTv } from './volume.ts';

export interface VolumeSolver extends Pick<VolumeTv, 'makeConsistent' | 'state' | 'scratch'> {
  /**
   * out[i] ← ‖A x − y/scale‖² of every slice, or an equal share each where they are measured together; false where it must be
   * done slice by slice.
   */
  residuals(volume: Float32Array, scale: number, out: Float64Array): boolean;
}

/**
 * The slices of the jobs, consecutive and of one sample, as one volume. `estimateFirst`: volume.ts.
 */
export function openVolume(
  problem: DdsProblem,
  parameters: DdsParameters,
  jobs: readonly Job[],
  estimateFirst: boolean,
): VolumeSolver {
  const { height, width, complex } = problem;
  const slices = jobs.map(({ slice }) => problem.slices[slice]);
  const shape = [slices.length, height, width];
  const whole = slices.length === problem.slices.length;
  const operator = whole
    ? (problem.volumeOperator ?? problem.slabOperator?.(0, slices.length))
    : problem.slabOperator?.(jobs[0].slice, slices.length);
  const joint = problem.volumeMeasurement;
  const predicted = operator && checkedRange(operator, joint ? [{ measurement: joint }] : slices);
  const space = operator?.domain ?? (complex ? complexSpace : realSpace)(shape);
  const tv = new VolumeTv(slices, imageLength(problem), space, {
    iterations: parameters.cgIters,
    tolerance: parameters.cgTol,
    // A volume measured as a whole is solved so without total variation too.
    rho: parameters.tv === false ? 1e-30 : parameters.rho,
    lambda: parameters.tv === false ? 0 : parameters.lambda,
    admmIterations: parameters.admmIters,
    boundary: parameters.zBoundary,
    complex,
    estimateFirst,
    ...(operator ? { operator } : {}),
  });
  return {
    makeConsistent: (volume, backProjected, gamma, context) => tv.makeConsistent(volume, backProjected, gamma, context),
    state: tv.state,
    scratch: tv.scratch,
    residuals(volume, scale, out) {
      if (operator === undefined || predicted === undefined) return false;
      operator.apply(volume, predicted);
      if (joint) {
        out.fill(squaredDistance(predicted, 0, joint, scale) / slices.length);
        return true;
      }
      let at = 0;
      slices.forEach(({ measurement }, i) => {
        out[i] = squaredDistance(predicted, at, measurement, scale);
        at += measurement.length;
      });
      return true;
    },
  };
}

/** ‖a[at …] − y/scale‖². */
function squaredDistance(a: Float32Array, at: number, y: Float32Array, scale: number): number {
  let sum = 0;
  for (let j = 0; j < y.length; j++) sum += (a[at + j] - y[j] / scale) ** 2;
  return sum;
}

/** A measurement of the volume: those of its slices, one after the other. */
function checkedRange(
  operator: LinearOperator<Float32Array>,
  slices: readonly { measurement: Float32Array }[],
): Float32Array {
  const expected = slices.reduce((sum, { measurement }) => sum + measurement.length, 0);
  const range = operator.range.zeros();
  check(
    range.length === expected,
    () => `the volume is measured by ${range.length} numbers, its slices by ${expected}`,
    {
      code: 'mismatch',
      path: 'volumeOperator',
    },
  );
  return range;
}
