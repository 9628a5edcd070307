/**
 * Functions of a sparse symmetric matrix L with spectrum in [0, 2φ] as Chebyshev series: f(L) ≈ ½ c₀ T₀ + Σ c_j T_j(L/φ − I),
 * T_j = 2 (L/φ − I) T_{j−1} − T_{j−2}; columns of the result a few at a time.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import type { CsrMatrix } from '../../linear/csr.ts';
import { heatError } from './heat-error.ts';

/** What the coefficients dropped may add up to. */
const tail = 1e-12;
export const largestOrder = 20_000;
export const columnBlock = 32;

/** Coefficients up to the smallest order that leaves `tail`. */
function shortened(coefficients: Float64Array): Float64Array {
  let dropped = 0;
  let keep = coefficients.length;
  for (; keep > 1; keep--) {
    dropped += Math.abs(coefficients[keep - 1]);
    if (dropped > tail) break;
  }
  return coefficients.slice(0, keep);
}

/**
 * Of exp(−t λ): c_j = 2 (−1)^j e^{−tφ} I_j(tφ); the scaled Bessel functions by downward recurrence, normalised by
 * e^{−x} (I₀ + 2 Σ I_j) = 1. Throws E_PARAM beyond order 20000.
 */
export function heatCoefficients(t: number, phi: number): Float64Array {
  const x = t * phi;
  // Beyond it I_j(x) e^{−x} is far below the tail: exp(−j²/2x) for j < x, (x e/2j)^j after.
  const start = Math.ceil(Math.min(9 * Math.sqrt(x) + 60, 1.4 * x + 60)) + 20;
  if (!(start <= largestOrder))
    throw heatError(
      'E_PARAM',
      `tau × largest eigenvalue is ${(2 * x).toExponential(1)}: chebyshev would need an order above ${largestOrder}`,
      'tau',
      'Choose kernel=euler.',
    );
  const bessel = new Float64Array(start + 2);
  bessel[start] = 1e-290;
  for (let j = start; j > 0; j--) {
    bessel[j - 1] = ((2 * j) / x) * bessel[j] + bessel[j + 1];
    if (bessel[j - 1] > 1e250) for (let i = j - 1; i <= start; i++) bessel[i] *= 1e-250;
  }
  let sum = bessel[0];
  for (let j = 1; j <= start; j++) sum += 2 * bessel[j];
  return shortened(bessel.subarray(0, start + 1).map((value, j) => ((j % 2 === 0 ? 2 : -2) * value) / sum));
}

/** Of any smooth f, from its values at Chebyshev nodes; undefined beyond order 4096. */
export function coefficientsOf(f: (lambda: number) => number, phi: number): Float64Array | undefined {
  for (let nodes = 128; nodes <= 8192; nodes *= 2) {
    const values = Float64Array.from({ length: nodes }, (_, m) =>
      f(phi * (1 + Math.cos((Math.PI * (m + 0.5)) / nodes))),
    );
    // cos(π j (m + ½)/nodes) repeats after 4 nodes quarter-steps.
    const cosine = Float64Array.from({ length: 4 * nodes }, (_, q) => Math.cos((Math.PI * q) / (2 * nodes)));
    const coefficients = new Float64Array(nodes / 2);
    for (let j = 0; j < coefficients.length; j++) {
      let sum = 0;
      for (let m = 0; m < nodes; m++) sum += values[m] * cosine[(j * (2 * m + 1)) % (4 * nodes)];
      coefficients[j] = (2 * sum) / nodes;
    }
    const kept = shortened(coefficients);
    if (kept.length < 0.8 * coefficients.length) return kept;
  }
  return undefined;
}

/**
 * Columns of several functions of L, given by their coefficients: `visit` receives for each the block [n, width] of the
 * columns from `first`, valid until it returns. `done` of n columns are reported as progress.
 */
export async function functionColumns(
  matrix: CsrMatrix,
  phi: number,
  functions: readonly Float64Array[],
  visit: (block: readonly Float64Array[], first: number, width: number) => void,
  context: RunContext,
): Promise<void> {
  const n = matrix.rows;
  const order = Math.max(...functions.map(({ length }) => length));
  const perCheckpoint = Math.max(1, Math.floor(4e7 / ((matrix.value.length + n * functions.length) * columnBlock)));
  for (let first = 0; first < n; first += columnBlock) {
    const width = Math.min(columnBlock, n - first);
    let [before, now, next] = [0, 1, 2].map(() => new Float64Array(n * width));
    const sums = functions.map(() => new Float64Array(n * width));
    for (let c = 0; c < width; c++) before[(first + c) * width + c] = 1;
    accumulate(sums, functions, 0, before);
    if (order > 1) {
      shiftedProduct(matrix, phi, before, now, width);
      accumulate(sums, functions, 1, now);
    }
    for (let j = 2; j < order; j++) {
      if (j % perCheckpoint === 0) await checkpoint(context);
      shiftedProduct(matrix, phi, now, next, width);
      for (let i = 0; i < next.length; i++) next[i] = 2 * next[i] - before[i];
      accumulate(sums, functions, j, next);
      [before, now, next] = [now, next, before];
    }
    visit(sums, first, width);
    context.progress({ fraction: (first + width) / n, stage: 'heat' });
    await checkpoint(context);
  }
}

function accumulate(sums: Float64Array[], functions: readonly Float64Array[], j: number, term: Float64Array): void {
  for (const [f, coefficients] of functions.entries()) {
    if (j >= coefficients.length) continue;
    const factor = j === 0 ? coefficients[0] / 2 : coefficients[j];
    const sum = sums[f];
    for (let i = 0; i < sum.length; i++) sum[i] += factor * term[i];
  }
}

/** Y ← (L/φ − I) X. */
function shiftedProduct(matrix: CsrMatrix, phi: number, x: Float64Array, y: Float64Array, width: number): void {
  blockProduct(matrix, x, y, width);
  for (let i = 0; i < y.length; i++) y[i] = y[i] / phi - x[i];
}

/** Y ← A X for X [columns, width]. */
export function blockProduct(matrix: CsrMatrix, x: Float64Array, y: Float64Array, width: number): void {
  const { rows, rowStart, column, value } = matrix;
  y.fill(0);
  for (let i = 0; i < rows; i++)
    for (let at = rowStart[i]; at < rowStart[i + 1]; at++) {
      const factor = value[at];
      for (let c = 0, p = i * width, q = column[at] * width; c < width; c++) y[p + c] += factor * x[q + c];
    }
}
