import { describe, expect, test } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { identity } from '../../engine/linear/compose.ts';
import { finiteDifference } from '../../engine/linear/finite-difference.ts';
import type { LinearOperator } from '../../engine/linear/operator.ts';
import { type PdhgTerm, pdhg } from '../../engine/linear/pdhg.ts';
import { softThreshold } from '../../engine/linear/proximal.ts';
import type { VectorSpace } from '../../engine/linear/space.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';

type Vector = Float32Array;

function dense(rows: number, columns: number, entries: Float64Array): LinearOperator<Vector, Vector> {
  const [domain, range] = [realSpace([columns]), realSpace([rows])];
  return {
    name: `dense ${rows}×${columns}`,
    domain,
    range,
    apply(x, out = range.zeros()) {
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += entries[r * columns + c] * x[c];
        out[r] = sum;
      }
      return out;
    },
    adjoint(y, out = domain.zeros()) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let r = 0; r < rows; r++) sum += entries[r * columns + c] * y[r];
        out[c] = sum;
      }
      return out;
    },
  };
}

/** ½‖Kx − y‖² as a term. */
function leastSquares(operator: LinearOperator<Vector, Vector>, normSquared: number, y: Vector) {
  const proxDual = (v: Vector, sigma: number) => {
    for (let i = 0; i < v.length; i++) v[i] = (v[i] - sigma * y[i]) / (1 + sigma);
    return v;
  };
  return { operator, normSquared, proxDual } satisfies PdhgTerm<Vector, Vector>;
}

/** λ‖Kx‖₁ as a term: the dual variable lies in [−λ, λ]. */
function sumOfMagnitudes(operator: LinearOperator<Vector, Vector>, normSquared: number, lambda: number) {
  const proxDual = (v: Vector) => v.map((value) => Math.max(-lambda, Math.min(lambda, value)));
  return { operator, normSquared, proxDual } satisfies PdhgTerm<Vector, Vector>;
}

function problem() {
  const random = createRandom(5);
  const [rows, columns] = [15, 6];
  const entries = Float64Array.from({ length: rows * columns }, () => random.normal());
  const y = Float32Array.from({ length: rows }, () => 3 * random.normal());
  const frobenius = entries.reduce((sum, value) => sum + value * value, 0);
  return { operator: dense(rows, columns, entries), y, normSquared: frobenius };
}

describe('primal-dual hybrid gradients', () => {
  test('a lasso fulfils its optimality conditions', async () => {
    const { operator, y, normSquared } = problem();
    const weight = 6;
    const { x, reason, primal, dual } = await pdhg({
      space: operator.domain,
      terms: [leastSquares(operator, normSquared, y)],
      prox: (v, tau) => softThreshold(v, tau * weight),
      iterations: 20_000,
      tolerance: 1e-6,
    });
    expect(reason).toBe('converged');
    expect(Math.max(primal.at(-1) ?? 1, dual.at(-1) ?? 1)).toBeLessThanOrEqual(1e-6);
    const residual = operator.apply(x).map((value, i) => value - y[i]);
    const gradient = operator.adjoint(residual);
    let zero = 0;
    x.forEach((value, j) => {
      if (value === 0) zero++;
      if (value === 0) expect(Math.abs(gradient[j])).toBeLessThan(weight);
      else expect(gradient[j]).toBeCloseTo(-weight * Math.sign(value), 2);
    });
    expect(zero).toBeGreaterThan(0);
    expect(zero).toBeLessThan(x.length);
  });

  test('two terms of very different norm: total variation of a step has a closed form', async () => {
    const space = realSpace([6]);
    const y = new Float32Array([0, 0, 0, 1, 1, 1]);
    const solve = (balance?: number) =>
      pdhg({
        space,
        terms: [leastSquares(identity(space), 1, y), sumOfMagnitudes(finiteDifference([6], 0), 400, 0.2)],
        iterations: 30_000,
        tolerance: 1e-7,
        ...(balance === undefined ? {} : { balance }),
      });
    for (const balance of [undefined, 0.5, 5]) {
      const { x, reason } = await solve(balance);
      expect(reason).toBe('converged');
      x.forEach((value, i) => {
        expect(value).toBeCloseTo(i < 3 ? 1 / 15 : 14 / 15, 4);
      });
    }
  });

  test('one step from a start is what the algorithm says', async () => {
    const space = realSpace([1]);
    const y = new Float32Array([3]);
    const start = new Float32Array([2]);
    const terms = [leastSquares(identity(space), 1, y)];
    const { x } = await pdhg({ space, terms, iterations: 2, start });
    // σ = τ = 1: y₁ = (0 + 2 − 3)/2 = −½, x₁ = 2.5, x̄ = 3; y₂ = (−½ + 3 − 3)/2 = −¼, x₂ = 2.75
    expect(x[0]).toBeCloseTo(2.75, 6);
    expect(start[0]).toBe(2);
  });

  test('a run goes on from the duals and the image that another left', async () => {
    const { operator, y, normSquared } = problem();
    const base = {
      space: operator.domain,
      terms: [leastSquares(operator, normSquared, y)],
      tolerance: 1e-6,
      iterations: 20_000,
    };
    const duals: Vector[] = [];
    const first = await pdhg({ ...base, duals });
    expect(duals).toHaveLength(1);
    const second = await pdhg({ ...base, duals, start: first.x });
    expect(second.iterations).toBeLessThan(first.iterations / 5);
    second.x.forEach((value, j) => {
      expect(value).toBeCloseTo(first.x[j], 4);
    });
  });

  test('vectors are allocated once, whatever the number of iterations', async () => {
    const { operator, y, normSquared } = problem();
    let allocated = 0;
    const counted = (space: VectorSpace<Vector>): VectorSpace<Vector> => {
      const counting =
        <A extends Vector[]>(create: (...args: A) => Vector) =>
        (...args: A) => {
          allocated++;
          return create(...args);
        };
      return { ...space, zeros: counting(space.zeros), copy: counting(space.copy) };
    };
    const domain = counted(operator.domain);
    const term = leastSquares({ ...operator, domain, range: counted(operator.range) }, normSquared, y);
    const count = async (iterations: number) => {
      allocated = 0;
      await pdhg({ space: domain, terms: [term], iterations });
      return allocated;
    };
    expect(await count(1)).toBe(await count(100));
    expect(allocated).toBeLessThanOrEqual(6);
  });

  test('a norm stated too small, a bad balance and no terms are refused; a cancelled run stops', async () => {
    const { operator, y } = problem();
    const base = { space: operator.domain, terms: [leastSquares(operator, 1e-3, y)] };
    await expect(pdhg({ ...base, iterations: 2000 })).rejects.toMatchObject({ code: 'numerical' });
    await expect(pdhg({ ...base, iterations: 1, balance: 0 })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(pdhg({ ...base, terms: [], iterations: 1 })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(pdhg({ ...base, terms: [leastSquares(operator, 0, y)], iterations: 1 })).rejects.toMatchObject({
      code: 'bad-usage',
    });
    await expect(pdhg({ ...base, iterations: 1 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
