/** H = exp(−t L) [n, n] on a graph: implicit Euler steps, a Chebyshev polynomial, or a sum without cancellation. */
import { checkpoint, type RunContext } from '../../context.ts';
import { type CsrMatrix, csrMultiply } from '../../linear/csr.ts';
import { symmetricProduct } from '../../linear/dense-product.ts';
import { lanczos } from '../../linear/lanczos.ts';
import { invertPositiveDefinite } from '../../linear/positive-definite.ts';
import { blockProduct, columnBlock, functionColumns, heatCoefficients } from './chebyshev.ts';
import { heatError } from './heat-error.ts';
import type { HeatParameters } from './manifest.ts';

const largestExact = 1500;

export interface HeatKernel {
  /** Symmetric [n, n]. */
  values: Float64Array;
  /** Degree of the polynomial, steps of Euler, or terms of the exact sum. */
  order: number;
}

/** A graph Laplacian with what its kernels need of its spectrum. */
export interface HeatOperator {
  matrix: CsrMatrix;
  /** Largest Ritz value of 30 Lanczos steps. */
  lambdaMax: number;
}

export async function heatOperator(matrix: CsrMatrix, context: RunContext): Promise<HeatOperator> {
  const { values } = await lanczos((x, out) => csrMultiply(matrix, x, out), matrix.rows, 1, {
    block: 1,
    steps: 30,
    acceptUnconverged: true,
    context,
  });
  return { matrix, lambdaMax: values[0] };
}

/** Half the upper end of the spectrum, with a margin for what 30 steps may miss. */
export const halfSpectrum = ({ lambdaMax }: HeatOperator) => (1.01 * lambdaMax) / 2;

/** Throws E_TOO_LARGE for `exact` above 1500 points. */
export async function heatKernel(
  operator: HeatOperator,
  t: number,
  { kernel, steps }: Pick<HeatParameters, 'kernel' | 'steps'>,
  context: RunContext,
): Promise<HeatKernel> {
  if (kernel === 'euler') return { values: await euler(operator.matrix, t, steps, context), order: steps };
  if (kernel === 'exact') {
    checkExact(operator.matrix.rows);
    return exact(operator.matrix, t, context);
  }
  const phi = halfSpectrum(operator);
  const coefficients = heatCoefficients(t, phi);
  const n = operator.matrix.rows;
  const values = new Float64Array(n * n);
  const store = ([block]: readonly Float64Array[], first: number, width: number) => {
    for (let i = 0; i < n; i++) values.set(block.subarray(i * width, (i + 1) * width), i * n + first);
  };
  await functionColumns(operator.matrix, phi, [coefficients], store, context);
  return { values: symmetrised(values, n), order: coefficients.length - 1 };
}

export function checkExact(n: number): void {
  if (n > largestExact)
    throw heatError(
      'E_TOO_LARGE',
      `kernel exact takes ${largestExact} points at most, found ${n}`,
      'kernel',
      'Choose euler or chebyshev, or lower maxPoints.',
    );
}

function symmetrised(values: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const mean = (values[i * n + j] + values[j * n + i]) / 2;
      values[i * n + j] = mean;
      values[j * n + i] = mean;
    }
  return values;
}

/** (I + (t/K) L)^(−K). Within a component every entry is positive, however far apart. */
async function euler({ rows: n, ...rest }: CsrMatrix, t: number, steps: number, context: RunContext) {
  const system = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let at = rest.rowStart[i]; at < rest.rowStart[i + 1]; at++)
      system[i * n + rest.column[at]] = (t / steps) * rest.value[at];
    system[i * n + i] += 1;
  }
  context.progress({ fraction: 0.05, stage: 'heat' });
  const inverse = await invertPositiveDefinite(system, n, context);
  context.progress({ fraction: 0.3, stage: 'heat' });
  return power(inverse, n, steps, context);
}

/** A^exponent for symmetric A by squares and cubes. */
async function power(a: Float64Array, n: number, exponent: number, context: RunContext): Promise<Float64Array> {
  if (exponent === 1) return a;
  if (exponent % 2 === 0) {
    const half = await power(a, n, exponent / 2, context);
    return symmetricProduct(half, half, n, n, context);
  }
  if (exponent % 3 === 0) {
    const third = await power(a, n, exponent / 3, context);
    return symmetricProduct(third, await symmetricProduct(third, third, n, n, context), n, n, context);
  }
  return symmetricProduct(a, await power(a, n, exponent - 1, context), n, n, context);
}

/**
 * exp(−t L) = (e^{−θ} Σ θ^k/k! P^k)^(2^s) with c = max L_ii, P = I − L/c and θ = t c/2^s. No entry of P is negative, so nothing
 * cancels: entries far below the rounding of an eigendecomposition keep their digits. (Uniformisation; A. Jensen, Skand.
 * Aktuarietidskr. 36, 1953.)
 */
async function exact(matrix: CsrMatrix, t: number, context: RunContext): Promise<HeatKernel> {
  const n = matrix.rows;
  let c = 0;
  for (let i = 0; i < n; i++)
    for (let at = matrix.rowStart[i]; at < matrix.rowStart[i + 1]; at++)
      if (matrix.column[at] === i) c = Math.max(c, matrix.value[at]);
  const { doublings, terms } = plan(t * c, matrix.value.length, n);
  const theta = (t * c) / 2 ** doublings;
  const transition = { ...matrix, value: matrix.value.slice() };
  for (let i = 0; i < n; i++)
    for (let at = matrix.rowStart[i]; at < matrix.rowStart[i + 1]; at++)
      transition.value[at] = matrix.column[at] === i ? 1 - matrix.value[at] / c : -matrix.value[at] / c;
  let values: Float64Array = new Float64Array(n * n);
  const perCheckpoint = Math.max(1, Math.floor(4e7 / (matrix.value.length * columnBlock)));
  for (let first = 0; first < n; first += columnBlock) {
    const width = Math.min(columnBlock, n - first);
    let [term, next] = [new Float64Array(n * width), new Float64Array(n * width)];
    for (let b = 0; b < width; b++) term[(first + b) * width + b] = Math.exp(-theta);
    const sum = term.slice();
    for (let k = 1; k <= terms; k++) {
      if (k % perCheckpoint === 0) await checkpoint(context);
      blockProduct(transition, term, next, width);
      for (let i = 0; i < next.length; i++) {
        next[i] *= theta / k;
        sum[i] += next[i];
      }
      [term, next] = [next, term];
    }
    for (let i = 0; i < n; i++) values.set(sum.subarray(i * width, (i + 1) * width), i * n + first);
    context.progress({ fraction: (0.7 * (first + width)) / n, stage: 'heat' });
    await checkpoint(context);
  }
  values = symmetrised(values, n);
  for (let s = 0; s < doublings; s++) {
    values = await symmetricProduct(values, values, n, n, context);
    context.progress({ fraction: 0.7 + (0.3 * (s + 1)) / doublings, stage: 'heat' });
  }
  return { values, order: terms };
}

/** Cheapest number of doublings, and the terms until a Poisson probability of mean θ falls below 1e-40. */
function plan(mean: number, nonzeros: number, n: number): { doublings: number; terms: number } {
  let best = { doublings: 0, terms: 0, cost: Number.POSITIVE_INFINITY };
  for (let doublings = 0; doublings <= 60; doublings++) {
    const theta = mean / 2 ** doublings;
    if (theta > 500) continue;
    // Every doubling doubles the rounding: no more of them than bring θ to 1.
    if (theta < 1 && doublings > 0) break;
    let logTerm = -theta;
    let terms = 0;
    while (terms < theta || logTerm > -92) logTerm += Math.log(theta / ++terms);
    const cost = terms * nonzeros * n + (doublings * n * n * n) / 4;
    if (cost < best.cost) best = { doublings, terms, cost };
  }
  return best;
}
