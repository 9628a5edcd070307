import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weldVertices } from '../../engine/linear/weld-vertices.ts';

describe('welding', () => {
  it('joins what is close enough, across the borders of its cells, and keeps the rest in order', () => {
    const { vertices, number } = weldVertices(
      Float64Array.of(0.999, 0, 0, 1.001, 0, 0, 5, 5, 5, 0.999, 0.0005, 0, 5, 5, 5.2, -0, 0, 0),
      0.01,
    );
    expect([...number]).toEqual([0, 0, 1, 0, 2, 3]);
    expect([...vertices]).toEqual([0.999, 0, 0, 5, 5, 5, 5, 5, 5.2, -0, 0, 0]);
  });

  it('with no tolerance joins equal places alone, both zeros being one', () => {
    const { number } = weldVertices(Float64Array.of(0, 1, 2, -0, 1, 2, 1e-300, 1, 2, 0, 1, 2), 0);
    expect([...number]).toEqual([0, 0, 1, 0]);
  });

  it('leaves kept vertices further apart than the tolerance and moves none by more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -6, max: 6 }))), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        (places, tolerance) => {
          const input = Float64Array.from(places.flat(), (value) => 0.37 * value);
          const { vertices, number } = weldVertices(input, tolerance);
          const distance = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) =>
            Math.hypot(...[0, 1, 2].map((c) => a[3 * i + c] - b[3 * j + c]));
          for (const [v, w] of number.entries()) expect(distance(input, v, vertices, w)).toBeLessThanOrEqual(tolerance);
          for (let a = 0; a < vertices.length / 3; a++)
            for (let b = 0; b < a; b++) expect(distance(vertices, a, vertices, b)).toBeGreaterThan(tolerance);
        },
      ),
    );
  });
});
