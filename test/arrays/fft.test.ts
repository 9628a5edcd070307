import { describe, expect, it } from 'vitest';
import { type FftDirection, fft1, fft2, fftAxis } from '../../engine/arrays/fft.ts';

/** Reproducible numbers in [−1, 1) without the code under test. */
function noise(length: number, seed = 1): Float32Array {
  const out = new Float32Array(length);
  let s = seed >>> 0;
  for (let i = 0; i < length; i++) {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    out[i] = s / 2 ** 31 - 1;
  }
  return out;
}

/** The definition in float64: centred, orthonormal, n² operations. */
function naive(x: ArrayLike<number>, n: number, direction: FftDirection): Float64Array {
  const out = new Float64Array(2 * n);
  const c = Math.floor(n / 2);
  const sign = direction === 'forward' ? -1 : 1;
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (sign * 2 * Math.PI * (((j - c) * (k - c)) % n)) / n;
      out[2 * k] += x[2 * j] * Math.cos(angle) - x[2 * j + 1] * Math.sin(angle);
      out[2 * k + 1] += x[2 * j] * Math.sin(angle) + x[2 * j + 1] * Math.cos(angle);
    }
    out[2 * k] /= Math.sqrt(n);
    out[2 * k + 1] /= Math.sqrt(n);
  }
  return out;
}

function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let d = 0;
  let e = 0;
  for (let i = 0; i < expected.length; i++) {
    d += (found[i] - expected[i]) ** 2;
    e += expected[i] ** 2;
  }
  return Math.sqrt(d / e);
}

const energy = (x: ArrayLike<number>): number => Array.from(x).reduce((s, v) => s + v * v, 0);

/** float32 roundoff 6e-8 grows like √log n; PFFFT's float32 twiddles add a few 1e-7. */
const TOLERANCE = 1e-6;
const sizes = [...Array.from({ length: 64 }, (_, i) => i + 1), 216, 230, 231, 320, 368, 397, 640];

describe('fft1', () => {
  it.each(sizes)('equals the definition at n = %i, both directions, three rows', (n) => {
    const x = noise(6 * n, n);
    for (const direction of ['forward', 'inverse'] as const) {
      const found = fft1(x, n, 3, direction);
      for (let row = 0; row < 3; row++) {
        const expected = naive(x.subarray(2 * n * row, 2 * n * (row + 1)), n, direction);
        expect(relativeError(found.subarray(2 * n * row, 2 * n * (row + 1)), expected)).toBeLessThan(TOLERANCE);
      }
    }
  });
});

describe('fft2 and fftAxis', () => {
  it.each([
    [1, 16, 16],
    [2, 5, 7],
    [1, 17, 32],
    [3, 30, 23],
    [2, 48, 33],
  ])('fft2 of [%i, %i, %i] is the row transform followed by the column transform', (b, h, w) => {
    const x = noise(2 * b * h * w);
    for (const direction of ['forward', 'inverse'] as const) {
      const expected = new Float64Array(x.length);
      for (let i = 0; i < b * h; i++)
        expected.set(naive(x.subarray(2 * w * i, 2 * w * (i + 1)), w, direction), 2 * w * i);
      for (let image = 0; image < b; image++)
        for (let c = 0; c < w; c++) {
          const at = (i: number) => 2 * ((image * h + i) * w + c);
          const column = new Float64Array(2 * h);
          for (let i = 0; i < h; i++) column.set(expected.subarray(at(i), at(i) + 2), 2 * i);
          const transformed = naive(column, h, direction);
          for (let i = 0; i < h; i++) expected.set(transformed.subarray(2 * i, 2 * i + 2), at(i));
        }
      expect(relativeError(fft2(x, [b, h, w], direction), expected)).toBeLessThan(TOLERANCE);
      const byAxes = fftAxis(fftAxis(x, [b, h, w], 2, direction), [b, h, w], 1, direction);
      expect(relativeError(byAxes, expected)).toBeLessThan(TOLERANCE);
      const inPlace = x.slice();
      expect(fft2(inPlace, [b, h, w], direction, inPlace)).toBe(inPlace);
      expect(relativeError(inPlace, expected)).toBeLessThan(TOLERANCE);
    }
  });

  it('keeps energy (Parseval) and comes back', () => {
    for (const [h, w] of [
      [216, 230],
      [64, 320],
      [37, 41],
    ] as const) {
      const x = noise(2 * h * w);
      const y = fft2(x, [1, h, w], 'forward');
      expect(Math.abs(energy(y) / energy(x) - 1)).toBeLessThan(TOLERANCE);
      expect(relativeError(fft2(y, [1, h, w], 'inverse'), x)).toBeLessThan(TOLERANCE);
    }
  });
});
