import { describe, expect, test } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { admm } from '../../engine/linear/admm.ts';
import { identity } from '../../engine/linear/compose.ts';
import { fista } from '../../engine/linear/fista.ts';
import { softThreshold } from '../../engine/linear/proximal.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';

const rows = 20;
const columns = 8;
const weight = 1.5;

/** A small lasso ½‖Ax − y‖² + w‖x‖₁ with its Gram matrix, right-hand side and largest eigenvalue bound (trace). */
function lasso() {
  const random = createRandom(11);
  const a = Float64Array.from({ length: rows * columns }, () => random.normal());
  const y = Float64Array.from({ length: rows }, () => 2 * random.normal());
  const gram = new Float64Array(columns * columns);
  const rhs = new Float32Array(columns);
  let trace = 0;
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++)
      for (let r = 0; r < rows; r++) gram[i * columns + j] += a[r * columns + i] * a[r * columns + j];
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += a[r * columns + i] * y[r];
    rhs[i] = sum;
    trace += gram[i * columns + i];
  }
  const normal = (x: Float32Array, out: Float32Array = new Float32Array(columns)): Float32Array => {
    const result = new Float64Array(columns);
    for (let i = 0; i < columns; i++) for (let j = 0; j < columns; j++) result[i] += gram[i * columns + j] * x[j];
    out.set(result);
    return out;
  };
  const objective = (x: Float32Array): number => {
    let value = 0;
    for (let r = 0; r < rows; r++) {
      let sum = -y[r];
      for (let j = 0; j < columns; j++) sum += a[r * columns + j] * x[j];
      value += sum * sum;
    }
    return value / 2 + weight * x.reduce((sum, v) => sum + Math.abs(v), 0);
  };
  return { gram, rhs, trace, normal, objective };
}

/** Solves the k×k system by elimination with pivoting; undefined when singular. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const m = matrix.map((line, i) => [...line, right[i]]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r][c]) > Math.abs(m[pivot][c])) pivot = r;
    [m[c], m[pivot]] = [m[pivot], m[c]];
    for (let r = c + 1; r < n; r++) {
      const factor = m[r][c] / m[c][c];
      for (let k = c; k <= n; k++) m[r][k] -= factor * m[c][k];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r--) {
    let sum = m[r][n];
    for (let k = r + 1; k < n; k++) sum -= m[r][k] * x[k];
    x[r] = sum / m[r][r];
  }
  return x;
}

/** The lasso's solution by trying every sign pattern: stationary on its support, consistent signs, lowest objective. */
function bruteForce({ gram, rhs, objective }: ReturnType<typeof lasso>): Float32Array {
  let best = new Float32Array(columns);
  let lowest = objective(best);
  for (let pattern = 1; pattern < 3 ** columns; pattern++) {
    const signs = Array.from({ length: columns }, (_, i) => (Math.floor(pattern / 3 ** i) % 3) - 1);
    const support = signs.flatMap((s, i) => (s === 0 ? [] : [i]));
    if (support.length === 0) continue;
    const x = solve(
      support.map((i) => support.map((j) => gram[i * columns + j])),
      support.map((i) => rhs[i] - weight * signs[i]),
    );
    if (x.some((value, k) => Math.sign(value) !== signs[support[k]])) continue;
    const candidate = new Float32Array(columns);
    support.forEach((i, k) => {
      candidate[i] = x[k];
    });
    const value = objective(candidate);
    if (value < lowest) {
      lowest = value;
      best = candidate;
    }
  }
  return best;
}

const space = realSpace([columns]);
const problem = lasso();
const exact = bruteForce(problem);

function expectExact(x: Float32Array): void {
  exact.forEach((value, i) => {
    expect(Math.abs(x[i] - value)).toBeLessThan(2e-5);
  });
}

describe('lasso by brute force', () => {
  test('has zeros and non-zeros, so the tests below see both', () => {
    const zeros = exact.filter((v) => v === 0).length;
    expect(zeros).toBeGreaterThan(0);
    expect(zeros).toBeLessThan(columns);
  });

  test.each(['none', 'gradient', 'function'] as const)('FISTA finds it, restart %s', async (restart) => {
    const result = await fista({
      space,
      normal: problem.normal,
      rhs: problem.rhs,
      prox: (v, step) => softThreshold(v, step * weight),
      step: 1 / problem.trace,
      iterations: 3000,
      tolerance: 1e-9,
      restart,
      objective: problem.objective,
    });
    expectExact(result.x);
    expect(result.changes.length).toBe(result.iterations);
    if (restart === 'none') expect(result.restarts).toBe(0);
    else expect(result.restarts).toBeGreaterThan(0);
  });

  test('FISTA keeps its O(1/k²) promise: F(x_k) − F* ≤ 2‖x*‖²/(s (k + 1)²)', async () => {
    const best = problem.objective(exact);
    const size = exact.reduce((sum, v) => sum + v * v, 0);
    const gaps: number[] = [];
    await fista({
      space,
      normal: problem.normal,
      rhs: problem.rhs,
      prox: (v, step) => softThreshold(v, step * weight),
      step: 1 / problem.trace,
      iterations: 60,
      onIteration: (_, x) => {
        gaps.push(problem.objective(x) - best);
      },
    });
    gaps.forEach((gap, i) => {
      expect(gap).toBeLessThanOrEqual((2 * size * problem.trace) / (i + 2) ** 2 + 1e-4);
    });
  });

  test('ADMM finds it', async () => {
    const result = await admm({
      space,
      normal: problem.normal,
      rhs: problem.rhs,
      terms: [{ operator: identity(space), prox: (v: Float32Array, step) => softThreshold(v, step * weight), rho: 10 }],
      iterations: 500,
      cgIterations: 20,
      tolerance: 1e-7,
    });
    expectExact(result.x);
    expect(result.reason).toBe('converged');
  });

  test('the start is not modified and nonsense is refused', async () => {
    const start = new Float32Array(columns).fill(1);
    const options = {
      space,
      normal: problem.normal,
      rhs: problem.rhs,
      prox: (v: Float32Array) => v,
      step: 1 / problem.trace,
      iterations: 3,
      start,
    };
    await fista(options);
    expect(start).toEqual(new Float32Array(columns).fill(1));
    await expect(fista({ ...options, step: 0 })).rejects.toThrow(/step is 0/);
    await expect(fista({ ...options, restart: 'function' })).rejects.toThrow(/needs an objective/);
    await expect(fista({ ...options, step: 1e30, iterations: 50 })).rejects.toThrow(/left the finite numbers/);
  });
});
