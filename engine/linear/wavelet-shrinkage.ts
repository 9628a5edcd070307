/**
 * prox of t‖W T_s x‖₁ for an orthonormal wavelet transform W and a circular shift T_s:
 *
 *   v ↦ T_s⁻¹ Wᴴ soft_t(W T_s v),     soft_t(c) = c·max(1 − t/|c|, 0)
 *
 * exact because W T_s is unitary. Drawing s anew for every call ("random shifting", the stochastic form of cycle
 * spinning) removes the dependence on the dyadic grid: R. Coifman, D. Donoho, Translation-invariant de-noising (1995);
 * M. Figueiredo, R. Nowak, IEEE Trans. Image Process. 12 (2003) 906–916.
 */
import type { Random } from '../arrays/random.ts';
import { softThresholdComplex } from './proximal.ts';
import type { Wavelet } from './wavelet.ts';

export interface WaveletShrinkageOptions {
  /** Draws the shift of each call; absent = no shift. */
  random?: Random;
  /** Also shrink the coarsest low–low block. Default true: the penalty is a norm of all coefficients. */
  shrinkApproximation?: boolean;
}

/** A map that shrinks a complex image in place by threshold t ≥ 0 and returns it. Keeps one image of scratch. */
export function waveletShrinkage(
  transform: Wavelet,
  options: WaveletShrinkageOptions = {},
): (v: Float32Array, threshold: number) => Float32Array {
  const { rows, columns } = transform;
  const { random, shrinkApproximation = true } = options;
  const coefficients = transform.range.zeros();
  const [approximationRows, approximationColumns] = transform.approximation;
  const kept = new Float32Array(shrinkApproximation ? 0 : 2 * approximationRows * approximationColumns);
  const width = 2 * approximationColumns;
  return (v, threshold) => {
    const down = random ? random.integer(rows) : 0;
    const right = random ? random.integer(columns) : 0;
    roll(v, coefficients, rows, columns, down, right);
    transform.apply(coefficients, coefficients);
    for (let y = 0; y < kept.length / width; y++)
      kept.set(coefficients.subarray(2 * y * columns, 2 * y * columns + width), y * width);
    softThresholdComplex(coefficients, threshold);
    for (let y = 0; y < kept.length / width; y++)
      coefficients.set(kept.subarray(y * width, (y + 1) * width), 2 * y * columns);
    transform.adjoint(coefficients, coefficients);
    return roll(coefficients, v, rows, columns, (rows - down) % rows, (columns - right) % columns);
  };
}

/** to[(y + down) mod rows, (x + right) mod columns] ← from[y, x], complex. */
function roll(
  from: Float32Array,
  to: Float32Array,
  rows: number,
  columns: number,
  down: number,
  right: number,
): Float32Array {
  const width = 2 * columns;
  const cut = 2 * (columns - right);
  for (let y = 0; y < rows; y++) {
    const source = y * width;
    const target = ((y + down) % rows) * width;
    to.set(from.subarray(source, source + cut), target + 2 * right);
    to.set(from.subarray(source + cut, source + width), target);
  }
  return to;
}
