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

/** float32 roundoff 6e-8 grows like √log n in mixed radix, like √r in a radix r done by its definition. */
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

  it('transforms the first and middle axes of rank 4, and blocks too large to move at once, like single lines', () => {
    for (const [shape, axis] of [
      [[6, 2, 3, 5], 0],
      [[2, 9, 3, 5], 1],
      [[2, 3, 10, 5], -2],
      [[2, 12, 30_001], 1],
    ] as [number[], number][]) {
      const n = shape.at(axis < 0 ? axis : axis - shape.length) ?? 0;
      const inner = shape.slice(axis < 0 ? axis + shape.length + 1 : axis + 1).reduce((p, s) => p * s, 1);
      const x = noise(2 * shape.reduce((p, s) => p * s, 1));
      const y = fftAxis(x, shape, axis, 'forward');
      const lines = x.length / 2 / n;
      for (let line = 0; line < lines; line += Math.max(1, Math.floor(lines / 97))) {
        const base = Math.floor(line / inner) * n * inner + (line % inner);
        const at = (a: Float32Array) =>
          Float32Array.from({ length: 2 * n }, (_, i) => a[2 * (base + Math.floor(i / 2) * inner) + (i % 2)]);
        expect(relativeError(at(y), naive(at(x), n, 'forward'))).toBeLessThan(TOLERANCE);
      }
    }
  });
});

describe('centring', () => {
  it.each([8, 9, 10, 12, 13, 397])('a delta at floor(n/2) becomes the constant 1/√n, at n = %i', (n) => {
    const x = new Float32Array(2 * n);
    x[2 * Math.floor(n / 2)] = 1;
    const y = fft1(x, n, 1, 'forward');
    for (let k = 0; k < n; k++) {
      expect(y[2 * k]).toBeCloseTo(1 / Math.sqrt(n), 6);
      expect(y[2 * k + 1]).toBeCloseTo(0, 6);
    }
  });

  it.each([
    [64, 64],
    [65, 81],
    [60, 49],
  ])('a shifted Gaussian becomes a Gaussian times a linear phase, on %i×%i', (h, w) => {
    // continuous transform of exp(−x²/2σ²) sampled: aliasing and truncation are below 1e-7 at these widths
    const sigma = 4;
    const [dy, dx] = [2, -3];
    const x = new Float32Array(2 * h * w);
    const [cy, cx] = [Math.floor(h / 2), Math.floor(w / 2)];
    for (let i = 0; i < h; i++)
      for (let j = 0; j < w; j++)
        x[2 * (i * w + j)] = Math.exp(-((i - cy - dy) ** 2 + (j - cx - dx) ** 2) / (2 * sigma * sigma));
    const y = fft2(x, [1, h, w], 'forward');
    const expected = new Float64Array(x.length);
    for (let i = 0; i < h; i++)
      for (let j = 0; j < w; j++) {
        const [ky, kx] = [(i - cy) / h, (j - cx) / w];
        const size =
          ((2 * Math.PI * sigma ** 2) / Math.sqrt(h * w)) *
          Math.exp(-2 * Math.PI ** 2 * sigma ** 2 * (ky * ky + kx * kx));
        const angle = -2 * Math.PI * (ky * dy + kx * dx);
        expected[2 * (i * w + j)] = size * Math.cos(angle);
        expected[2 * (i * w + j) + 1] = size * Math.sin(angle);
      }
    expect(relativeError(y, expected)).toBeLessThan(2e-6);
  });
});

describe('batches and memory', () => {
  it.each([7, 16, 230, 397])('a row is transformed to the same bits alone and in any batch, n = %i', (n) => {
    const x = noise(2 * n * 7);
    const together = fft1(x, n, 7, 'inverse');
    for (let row = 0; row < 7; row++) {
      const [from, to] = [2 * n * row, 2 * n * (row + 1)];
      expect(fft1(x.subarray(from, to), n, 1, 'inverse')).toEqual(together.subarray(from, to));
    }
  });

  it('survives growth of its memory, and takes views that start anywhere', () => {
    const small = noise(2 * 48 * 20 + 1).subarray(1);
    const before = fft2(small, [1, 20, 48], 'forward');
    const large = noise(2 * 1200 * 1100);
    const spectrum = fft2(large, [1, 1200, 1100], 'forward');
    expect(relativeError(fft2(spectrum, [1, 1200, 1100], 'inverse', spectrum), large)).toBeLessThan(TOLERANCE);
    const prime = noise(2 * 65_537);
    expect(relativeError(fft1(fft1(prime, 65_537, 1, 'forward'), 65_537, 1, 'inverse'), prime)).toBeLessThan(TOLERANCE);
    expect(fft2(small, [1, 20, 48], 'forward')).toEqual(before);
  });

  it('returns empty arrays for empty input and refuses sizes that do not fit', () => {
    expect(fft2(new Float32Array(0), [0, 4, 4], 'forward')).toHaveLength(0);
    expect(() => fft1(new Float32Array(8), 3, 1, 'forward')).toThrow(/needs 6 numbers, its input has 8/);
    expect(() => fft2(new Float32Array(8), [1, 2, 2], 'forward', new Float32Array(4))).toThrow(/its output has 4/);
    expect(() => fftAxis(new Float32Array(8), [2, 2], 2, 'forward')).toThrow(/axis 2 is outside/);
    expect(() => fftAxis(new Float32Array(8), [2.5, 2], 0, 'forward')).toThrow(/not a count/);
  });
});
