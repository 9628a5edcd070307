import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupThreshold, softThreshold, softThresholdComplex } from '../../engine/linear/proximal.ts';

const numbers = (length: number) =>
  fc.array(fc.float({ min: -5, max: 5, noNaN: true }), { minLength: length, maxLength: length });
const threshold = fc.double({ min: 0, max: 4, noNaN: true });

/** x minimises ½‖x − v‖² + t‖x‖ over one group exactly when v − x = t x/‖x‖, or x = 0 and ‖v‖ ≤ t. */
function expectOptimal(v: number[], x: number[], t: number): void {
  const size = Math.hypot(...x);
  if (size > 0)
    v.forEach((value, i) => {
      expect(Math.abs(value - x[i] - (t * x[i]) / size)).toBeLessThan(2e-5);
    });
  else expect(Math.hypot(...v)).toBeLessThanOrEqual(t + 1e-6);
}

describe('proximal maps', () => {
  test('soft threshold, real', () => {
    expect(Array.from(softThreshold(Float32Array.of(-3, -1, 0, 0.5, 1, 2.5), 1))).toEqual([-2, 0, 0, 0, 0, 1.5]);
    fc.assert(
      fc.property(numbers(6), threshold, (v, t) => {
        const x = softThreshold(Float32Array.from(v), t);
        v.forEach((value, i) => {
          expectOptimal([value], [x[i]], t);
        });
      }),
    );
  });

  test('soft threshold, complex: shrinks the modulus, keeps the phase', () => {
    const x = softThresholdComplex(Float32Array.of(3, 4, 0, -0.5, 0, 0), 1);
    expect(x[0]).toBeCloseTo(2.4, 6);
    expect(x[1]).toBeCloseTo(3.2, 6);
    expect(Array.from(x.subarray(2))).toEqual([0, -0, 0, 0].map((value) => expect.closeTo(value)));
    fc.assert(
      fc.property(numbers(8), threshold, (v, t) => {
        const y = softThresholdComplex(Float32Array.from(v), t);
        for (let i = 0; i < 8; i += 2) expectOptimal(v.slice(i, i + 2), Array.from(y.subarray(i, i + 2)), t);
      }),
    );
  });

  test('group threshold: planes of one position share one factor', () => {
    fc.assert(
      fc.property(numbers(12), threshold, fc.constantFrom<1 | 2>(1, 2), (v, t, width) => {
        const x = groupThreshold(Float32Array.from(v), 3, width, t);
        for (let i = 0; i < 4; i += width) {
          const members = [0, 4, 8].flatMap((plane) => (width === 1 ? [plane + i] : [plane + i, plane + i + 1]));
          expectOptimal(
            members.map((at) => v[at]),
            members.map((at) => x[at]),
            t,
          );
        }
      }),
    );
    expect(() => groupThreshold(new Float32Array(7), 2, 1, 1)).toThrow(/7 numbers are not 2 planes/);
  });

  test('a negative or undefined threshold is refused', () => {
    expect(() => softThreshold(new Float32Array(2), -1)).toThrow(/threshold is -1/);
    expect(() => softThresholdComplex(new Float32Array(2), Number.NaN)).toThrow(/threshold is NaN/);
  });
});
