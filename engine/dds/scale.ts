/**
 * The intensity scale: networks know images of magnitude about 1, so the measurement is divided by s before sampling
 * and the result multiplied by s after. s is read from a quick reconstruction without prior, 10 iterations of CG on
 * A*A x = A*y from zero (CG-SENSE for MRI), one s for all slices: the 0.99 quantile of |x|, or its maximum.
 * Everything is homogeneous of degree one in y, so scaling the data scales the result. Data that are all zero give s = 1.
 */
import { quantile } from '../arrays/statistics.ts';
import type { RunContext } from '../context.ts';
import { checkpoint } from '../context.ts';
import { normal } from '../linear/operator.ts';
import { magnitude } from './layout.ts';
import { solveInPlace } from './normal-solve.ts';
import type { DdsProblem, DdsSlice } from './problem.ts';
import { imageLength } from './problem.ts';

export type ScaleRule = 'auto' | 'max' | 'none' | number;

const quantileLevel = 0.99;
const referenceIterations = 10;

/** The divisor s > 0. `auto` follows the prior's own rule. */
export async function intensityScale(
  problem: DdsProblem,
  rule: ScaleRule,
  priorRule: 'quantile' | 'max' | 'none',
  context: RunContext,
): Promise<number> {
  if (typeof rule === 'number') return rule;
  const effective = rule === 'auto' ? priorRule : rule;
  if (effective === 'none') return 1;
  const pixels = problem.height * problem.width;
  const magnitudes = new Float32Array(problem.slices.length * pixels);
  for (let z = 0; z < problem.slices.length; z++) {
    await checkpoint(context);
    const slice = problem.slices[z];
    const image = slice.scaleReference ?? (await quickImage(slice, imageLength(problem), context));
    magnitude(image, magnitudes.subarray(z * pixels, (z + 1) * pixels), problem.complex);
  }
  const value = effective === 'max' ? maximum(magnitudes) : quantile(magnitudes, quantileLevel);
  // An image that is zero almost everywhere has no 0.99 quantile to speak of; its maximum still says its size.
  const scale = value > 0 ? value : maximum(magnitudes);
  return scale > 0 ? scale : 1;
}

/** Least-squares image by a few CG iterations from zero. */
export async function quickImage(slice: DdsSlice, length: number, context: RunContext): Promise<Float32Array> {
  const { operator } = slice;
  const image = new Float32Array(length);
  const options = { iterations: referenceIterations, tolerance: 1e-6 };
  await solveInPlace(
    (x, out) => normal(operator, x, out),
    operator.adjoint(slice.measurement),
    image,
    operator.domain,
    options,
    context,
  );
  return image;
}

function maximum(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, value);
  return largest;
}
