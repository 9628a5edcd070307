import { describe, expect, it } from 'vitest';
import { norm } from '../../engine/arrays/statistics.ts';
import { adjointError } from '../../engine/linear/adjoint-test.ts';
import { compose, identity, scaled } from '../../engine/linear/compose.ts';
import { finiteDifference } from '../../engine/linear/finite-difference.ts';
import { type LinearOperator, normal } from '../../engine/linear/operator.ts';
import { complexSpace, realSpace } from '../../engine/linear/typed-space.ts';

describe('typed spaces', () => {
  it('work in place and take the real inner product', async () => {
    const space = complexSpace([2]);
    const x = Float32Array.from([1, 2, 3, 4]);
    const y = Float32Array.from([0, 1, 0, 1]);
    expect(space.axpy(2, x, y)).toBe(y);
    expect([...y]).toEqual([2, 5, 6, 9]);
    expect(space.scale(0.5, y)).toBe(y);
    expect([...y]).toEqual([1, 2.5, 3, 4.5]);
    expect(await space.dot(x, y)).toBe(1 + 5 + 9 + 18);
    expect(space.axpby(2, x, -1, y)).toBe(y);
    expect([...y]).toEqual([1, 1.5, 3, 3.5]);
    expect(space.zeros()).toHaveLength(4);
    expect(realSpace([2, 3]).zeros()).toHaveLength(6);
    const z = space.copy(x);
    z[0] = 9;
    expect(x[0]).toBe(1);
    expect(space.assign(x, z)).toBe(z);
    expect([...z]).toEqual([...x]);
  });

  it('treat every element alike, whatever the length', () => {
    for (let n = 0; n < 10; n++) {
      const space = realSpace([n]);
      const x = Float32Array.from({ length: n }, (_, i) => i + 1);
      const y = Float32Array.from({ length: n }, (_, i) => 10 * i);
      expect([...space.axpy(2, x, space.copy(y))]).toEqual([...y].map((v, i) => v + 2 * x[i]));
      expect([...space.axpby(2, x, 3, space.copy(y))]).toEqual([...y].map((v, i) => 3 * v + 2 * x[i]));
      expect([...space.scale(-2, space.copy(x))]).toEqual([...x].map((v) => -2 * v));
    }
  });
});

describe('adjointError', () => {
  const space = complexSpace([6]);
  const operator = (apply: (x: Float32Array) => Float32Array): LinearOperator<Float32Array> => ({
    name: 'probe',
    domain: space,
    range: space,
    apply,
    adjoint: apply,
  });

  it('passes a self-adjoint operator, catches a wrong factor and a conjugation', () => {
    expect(adjointError(operator((x) => x.map((v) => 3 * v)))).toBeLessThan(1e-6);
    const wrong = { ...operator((x) => x.map((v) => 3 * v)), adjoint: (x: Float32Array) => x.map((v) => 3.01 * v) };
    expect(adjointError(wrong)).toBeGreaterThan(1e-4);
    // self-adjoint under the real inner product, but not complex-linear
    expect(adjointError(operator((x) => x.map((v, i) => (i % 2 === 0 ? v : -v))))).toBeGreaterThan(1e-2);
    expect(adjointError(operator((x) => x.map(() => Number.NaN)))).toBeNaN();
  });
});

describe('finite differences', () => {
  const cases: [shape: number[], axis: number][] = [
    [[5], 0],
    [[1, 4], 0],
    [[2, 3], 0],
    [[6, 4, 3], 0],
    [[3, 5, 4], 1],
    [[3, 5, 4], 2],
  ];
  it.each(cases)('of %j along axis %i have exact transposes and normals in both boundary modes', (shape, axis) => {
    for (const boundary of ['neumann', 'periodic'] as const)
      for (const dtype of ['float32', 'complex64'] as const) {
        const d = finiteDifference(shape, axis, boundary, dtype);
        if (shape[axis] > 1) expect(adjointError(d, 3)).toBeLessThan(1e-6);
        const x = Float32Array.from({ length: d.domain.length }, (_, i) => Math.sin(3 * i));
        const fused = normal(d, x);
        const plain = d.adjoint(d.apply(x));
        for (let i = 0; i < x.length; i++) expect(fused[i]).toBeCloseTo(plain[i], 5);
      }
  });

  it('are known on a ramp, vanish on one slice, and reuse memory that held other numbers', () => {
    const ramp = Float32Array.from([1, 2, 4]);
    const dirty = () => new Float32Array(3).fill(Number.NaN);
    expect([...finiteDifference([3], 0).apply(ramp, dirty())]).toEqual([1, 2, 0]);
    expect([...finiteDifference([3], 0, 'periodic').apply(ramp, dirty())]).toEqual([1, 2, -3]);
    expect([...finiteDifference([3], 0).adjoint(ramp, dirty())]).toEqual([-1, -1, 2]);
    expect([...finiteDifference([3], 0, 'periodic').adjoint(ramp, dirty())]).toEqual([3, -1, -2]);
    expect(norm(finiteDifference([1, 3], 0).apply(ramp))).toBe(0);
    expect(norm(finiteDifference([1, 3], 0, 'periodic').adjoint(ramp))).toBe(0);
    expect(() => finiteDifference([3], 1)).toThrow(/axis 1/);
  });
});

describe('composed operators', () => {
  it('keep their adjoints and fuse their normals', () => {
    const z = finiteDifference([4, 5], 0);
    const y = finiteDifference([4, 5], 1, 'periodic');
    for (const op of [compose(y, z), scaled(-2.5, z), identity(realSpace([7])), compose(scaled(3, y), z)]) {
      expect(adjointError(op, 1)).toBeLessThan(1e-6);
      const x = Float32Array.from(op.domain.zeros(), (_, i) => Math.cos(i * i));
      const fused = normal(op, x);
      const plain = op.adjoint(op.apply(x));
      for (let i = 0; i < x.length; i++) expect(fused[i]).toBeCloseTo(plain[i], 4);
    }
    const x = Float32Array.from(z.domain.zeros(), (_, i) => Math.cos(i * i));
    expect(compose(y, z).apply(x)).toEqual(y.apply(z.apply(x)));
    expect(() => compose(z, finiteDifference([4, 4], 0))).toThrow(/cannot apply/);
  });
});
