import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  centreCrop,
  centreResize,
  conjMultiply,
  interleavedToPlanes,
  magnitude,
  multiply,
  phase,
  planesToInterleaved,
  zeroPad,
} from '../../engine/arrays/complex.ts';
import { fillNormal } from '../../engine/arrays/random.ts';
import { dot } from '../../engine/arrays/statistics.ts';

const normal = (length: number, step = 0): Float32Array => {
  const out = new Float32Array(length);
  fillNormal(out, { seed: 1, sample: 0, slice: 0, step });
  return out;
};

describe('arithmetic', () => {
  it('magnitude, phase and products of known numbers', () => {
    const a = Float32Array.from([3, 4, 0, -2]);
    const b = Float32Array.from([1, -1, 5, 6]);
    expect([...magnitude(a)]).toEqual([5, 2]);
    expect([...phase(a)]).toEqual([Math.atan2(4, 3), -Math.PI / 2].map(Math.fround));
    expect([...multiply(a, b)]).toEqual([7, 1, 12, -10]);
    expect([...conjMultiply(a, b)]).toEqual([-1, -7, -12, 10]);
    expect([...multiply(a, b, a)]).toEqual([7, 1, 12, -10]);
    expect(() => multiply(a, new Float32Array(2))).toThrow(/2 and 1/);
  });

  it('planes and interleaved are each other’s inverse', () => {
    const x = Float32Array.from([1, 2, 3, 4, 5, 6]);
    expect([...interleavedToPlanes(x)]).toEqual([1, 3, 5, 2, 4, 6]);
    expect(planesToInterleaved(interleavedToPlanes(x))).toEqual(x);
  });
});

describe('centre crop and pad', () => {
  it('carry the centre floor(n/2) to floor(m/2) for all parities', () => {
    for (const n of [4, 5, 8, 9])
      for (const m of [2, 3, 4, 5, 7, 10]) {
        const x = new Float32Array(n * n);
        x[Math.floor(n / 2) * n + Math.floor(n / 2)] = 1;
        const y = centreResize(x, [n, n], [m, m]);
        expect(y.indexOf(1)).toBe(Math.floor(m / 2) * m + Math.floor(m / 2));
      }
  });

  it('are exact adjoints, real and complex, mixed crop and pad', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, size, fc.constantFrom(1, 2), (h, w, newH, newW, c) => {
        const u = normal(c * 3 * h * w, 1);
        const v = normal(c * 3 * newH * newW, 2);
        const au = centreResize(u, [3, h, w], [newH, newW]);
        const hv = centreResize(v, [3, newH, newW], [h, w]);
        expect(dot(au, v)).toBeCloseTo(dot(u, hv), 10);
      }),
    );
  });

  it('crop undoes pad, and each refuses the other’s work', () => {
    const x = normal(2 * 5 * 6);
    expect(centreCrop(zeroPad(x, [5, 6], [8, 9]), [8, 9], [5, 6])).toEqual(x);
    expect(() => centreCrop(x, [5, 6], [6, 6])).toThrow(/larger/);
    expect(() => zeroPad(x, [5, 6], [4, 9])).toThrow(/smaller/);
    expect(() => centreCrop(x, [7, 6], [2, 2])).toThrow(/cannot hold/);
  });
});
