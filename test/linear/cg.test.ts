import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { dot, norm } from '../../engine/arrays/statistics.ts';
import { quietContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { cg, cgWorkspace } from '../../engine/linear/cg.ts';
import type { VectorSpace } from '../../engine/linear/space.ts';
import { complexSpace } from '../../engine/linear/typed-space.ts';

/** C^n in float64. */
function complex128(n: number): VectorSpace<Float64Array> {
  return {
    name: `complex128 [${n}]`,
    zeros: () => new Float64Array(2 * n),
    copy: (x) => x.slice(),
    axpy: (a, x, y) => y.map((v, i) => v + a * x[i]),
    scale: (a, x) => x.map((v) => a * v),
    dot: (x, y) => Promise.resolve(dot(x, y)),
  };
}

function matvec(a: Float64Array, n: number, x: Float64Array): Float64Array {
  const y = new Float64Array(2 * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const at = 2 * (i * n + j);
      y[2 * i] += a[at] * x[2 * j] - a[at + 1] * x[2 * j + 1];
      y[2 * i + 1] += a[at] * x[2 * j + 1] + a[at + 1] * x[2 * j];
    }
  return y;
}

function randomVector(n: number, seed: number): Float64Array {
  const r = createRandom(seed, 1);
  return Float64Array.from({ length: 2 * n }, () => r.normal());
}

/** Q Λ Qᴴ with a random unitary Q (Gram–Schmidt), so the eigenvalues are known. */
function hermitian(eigenvalues: number[], seed: number): Float64Array {
  const n = eigenvalues.length;
  const columns: Float64Array[] = [];
  for (let k = 0; k < n; k++) {
    let v = randomVector(n, seed * 1000 + k);
    for (let pass = 0; pass < 2; pass++)
      for (const q of columns) {
        let re = 0;
        let im = 0;
        for (let i = 0; i < 2 * n; i += 2) {
          re += q[i] * v[i] + q[i + 1] * v[i + 1];
          im += q[i] * v[i + 1] - q[i + 1] * v[i];
        }
        v = v.map((x, i) => x - (i % 2 === 0 ? re * q[i] - im * q[i + 1] : re * q[i] + im * q[i - 1]));
      }
    const length = norm(v);
    columns.push(v.map((x) => x / length));
  }
  const a = new Float64Array(2 * n * n);
  for (let k = 0; k < n; k++) {
    const q = columns[k];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        a[2 * (i * n + j)] += eigenvalues[k] * (q[2 * i] * q[2 * j] + q[2 * i + 1] * q[2 * j + 1]);
        a[2 * (i * n + j) + 1] += eigenvalues[k] * (q[2 * i + 1] * q[2 * j] - q[2 * i] * q[2 * j + 1]);
      }
  }
  return a;
}

const N = 60;
const space = complex128(N);
const difference = (x: Float64Array, y: Float64Array): Float64Array => x.map((v, i) => v - y[i]);

describe('cg on random Hermitian positive definite 60×60 systems', () => {
  it.each([1, 2, 3])('is exact within 60 iterations, energy and error norm fall at each (seed %i)', async (seed) => {
    const r = createRandom(seed);
    const a = hermitian(
      Array.from({ length: N }, () => 0.1 + 3 * r.uniform()),
      seed,
    );
    const apply = (x: Float64Array) => matvec(a, N, x);
    const solution = randomVector(N, seed + 50);
    const b = apply(solution);
    const start = randomVector(N, seed + 90);
    let energy = Number.POSITIVE_INFINITY;
    let error = Number.POSITIVE_INFINITY;
    for (let m = 0; m <= N; m++) {
      const { x } = await cg(apply, b, start, space, { iterations: m });
      const e = 0.5 * dot(x, apply(x)) - dot(b, x);
      const d = difference(x, solution);
      const inB = Math.sqrt(Math.max(0, dot(d, apply(d))));
      // further down only roundoff is left: the energy, a constant of order 100 plus half the squared error, shows
      // changes of 1e-14, the error norm itself those of 1e-9
      if (error > 1e-6 * norm(solution)) expect(e).toBeLessThan(energy);
      if (error > 1e-9 * norm(solution)) expect(inB).toBeLessThan(error);
      energy = e;
      error = inB;
    }
    const { x, residuals, iterations } = await cg(apply, b, start, space, { iterations: N });
    expect(norm(difference(x, solution)) / norm(solution)).toBeLessThan(1e-8);
    expect(residuals).toHaveLength(iterations + 1);
    const first = norm(difference(b, apply(start))) / norm(b);
    expect(residuals[0]).toBeCloseTo(first, 12);
  });

  it.each([1, 2, 5])('needs %i iterations for that many distinct eigenvalues', async (k) => {
    const a = hermitian(
      Array.from({ length: N }, (_, i) => 1 + (i % k)),
      9,
    );
    const apply = (x: Float64Array) => matvec(a, N, x);
    const b = randomVector(N, 4);
    const exact = await cg(apply, b, space.zeros(), space, { iterations: N, tolerance: 1e-10 });
    expect(exact.reason).toBe('converged');
    expect(exact.iterations).toBe(k);
    if (k > 1) {
      const before = await cg(apply, b, space.zeros(), space, { iterations: k - 1, tolerance: 1e-10 });
      expect(before.reason).toBe('iterations');
    }
  });

  it('leaves a start with zero residual, and zero b, unchanged', async () => {
    const a = hermitian(Array(N).fill(2), 3);
    const apply = (x: Float64Array) => matvec(a, N, x);
    const x0 = randomVector(N, 7);
    for (const [b, start] of [
      [apply(x0), x0],
      [space.zeros(), space.zeros()],
    ]) {
      const held = start.slice();
      const result = await cg(apply, b, start, space, { iterations: 5 });
      expect(result).toMatchObject({ iterations: 0, reason: 'converged', residuals: [0] });
      expect(result.x).toEqual(held);
      expect(start).toEqual(held);
    }
  });

  it('finds zero for b = 0 from any start, with residuals in absolute terms', async () => {
    const result = await cg((x: Float64Array) => x.slice(), space.zeros(), randomVector(N, 2), space, {
      iterations: 3,
    });
    expect(norm(result.x)).toBe(0);
    expect(result.reason).toBe('converged');
  });
});

describe('cg on float32', () => {
  const n = 24;
  const single = complexSpace([n]);
  const matrices = [1, 2, 3].map((seed) =>
    hermitian(
      Array.from({ length: n }, (_, i) => 1 + i / 6),
      seed,
    ),
  );
  const apply = (index: number) => (x: Float32Array, out?: Float32Array) => {
    const y = out ?? new Float32Array(2 * n);
    y.set(matvec(matrices[index], n, Float64Array.from(x)));
    return y;
  };
  const right = [1, 2, 3].map((seed) => Float32Array.from(randomVector(n, seed)));

  it('a workspace used for system after system gives what each gives alone, and allocates no x', async () => {
    const workspace = cgWorkspace(single);
    for (const i of [0, 1, 2, 0]) {
      const x0 = single.zeros();
      const alone = await cg(apply(i), right[i], x0, single, { iterations: 8, tolerance: 1e-6 });
      const shared = await cg(apply(i), right[i], x0, single, { iterations: 8, tolerance: 1e-6, workspace });
      expect(shared).toEqual(alone);
      expect(shared.x).toBe(workspace.x);
      expect(x0.every((v) => v === 0)).toBe(true);
    }
  });

  it('stops on a direction of no or negative curvature and keeps the iterate', async () => {
    const result = await cg((x) => single.scale(-1, x.slice()), right[0], single.zeros(), single, { iterations: 4 });
    expect(result).toMatchObject({ reason: 'breakdown', iterations: 0 });
    expect(norm(result.x)).toBe(0);
  });

  it('names the iteration in which numbers stop being finite', async () => {
    let calls = 0;
    const poisoned = (x: Float32Array) => (calls++ === 3 ? x.map(() => Number.NaN) : apply(0)(x));
    await expect(cg(poisoned, right[0], single.zeros(), single, { iterations: 9 })).rejects.toThrow(
      /⟨p, Bp⟩ became NaN in iteration 3/,
    );
    await expect(
      cg(
        apply(0),
        right[0].map(() => Number.POSITIVE_INFINITY),
        single.zeros(),
        single,
        { iterations: 1 },
      ),
    ).rejects.toBeInstanceOf(EngineError);
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const context = quietContext({ signal: controller.signal });
    await expect(cg(apply(0), right[0], single.zeros(), single, { iterations: 9 }, context)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
