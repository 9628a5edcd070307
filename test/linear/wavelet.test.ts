import { describe, expect, test } from 'vitest';
import { createRandom, fillNormal } from '../../engine/arrays/random.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { adjointError } from '../../engine/linear/adjoint-test.ts';
import { wavelet, waveletLevels } from '../../engine/linear/wavelet.ts';
import { waveletShrinkage } from '../../engine/linear/wavelet-shrinkage.ts';

function noise(length: number, seed: number): Float32Array {
  const out = new Float32Array(length);
  fillNormal(out, { seed, sample: 0, slice: 0, step: 0 });
  return out;
}

function distance(a: Float32Array, b: Float32Array): number {
  return norm(a.map((value, i) => value - b[i]));
}

describe('wavelet transform', () => {
  test('is an isometry with exact inverse at every size from 8 to 70, both axes, all levels', () => {
    for (let rows = 8; rows <= 70; rows++) {
      const columns = 78 - rows;
      for (const levels of [1, waveletLevels(rows, columns, 4), 3]) {
        const w = wavelet({ rows, columns, levels });
        const x = noise(2 * rows * columns, rows);
        const c = w.apply(x);
        const size = norm(x);
        expect(Math.abs(norm(c) / size - 1)).toBeLessThan(1e-6);
        expect(distance(w.adjoint(c), x)).toBeLessThan(1e-6 * size);
        expect(distance(w.apply(w.adjoint(x)), x)).toBeLessThan(1e-6 * size);
      }
    }
  });

  test('is exactly adjoint and works in place', () => {
    for (const [rows, columns] of [
      [1, 1],
      [1, 9],
      [2, 2],
      [16, 32],
      [17, 23],
    ]) {
      const w = wavelet({ rows, columns });
      expect(adjointError(w, 3)).toBeLessThan(1e-6);
      const x = noise(2 * rows * columns, 1);
      const expected = w.apply(x);
      const held = x.slice();
      expect(w.apply(held, held)).toEqual(expected);
      expect(w.adjoint(held, held)).toEqual(w.adjoint(expected));
    }
  });

  test('has two vanishing moments: a linear ramp leaves no detail away from the border', () => {
    const n = 32;
    const x = new Float32Array(2 * n * n);
    for (let y = 0; y < n; y++)
      for (let c = 0; c < n; c++) {
        x[2 * (y * n + c)] = 1 + 0.5 * c - 0.25 * y;
        x[2 * (y * n + c) + 1] = 2 - 0.125 * c;
      }
    const coefficients = wavelet({ rows: n, columns: n, levels: 1 }).apply(x);
    const half = n / 2;
    for (let y = 0; y < n; y++)
      for (let c = 0; c < n; c++) {
        const detail = y >= half || c >= half;
        const atBorder = y % half === half - 1 || c % half === half - 1;
        if (!detail || atBorder) continue;
        expect(Math.abs(coefficients[2 * (y * n + c)])).toBeLessThan(1e-5);
        expect(Math.abs(coefficients[2 * (y * n + c) + 1])).toBeLessThan(1e-5);
      }
  });

  test('an odd axis hands its last sample on, unchanged', () => {
    const x = new Float32Array(2 * 9);
    x[16] = 3;
    x[17] = -2;
    const c = wavelet({ rows: 1, columns: 9, levels: 1 }).apply(x);
    expect(Array.from(c.subarray(8, 10))).toEqual([3, -2]);
    expect(norm(c)).toBeCloseTo(Math.sqrt(13), 6);
  });

  test('refuses levels and sizes it cannot do', () => {
    expect(() => wavelet({ rows: 8, columns: 8, levels: 4 })).toThrow(/levels is 4, expected 0 to 3/);
    expect(() => wavelet({ rows: 8, columns: 8, levels: -1 })).toThrow(/expected 0 to 3/);
    expect(() => wavelet({ rows: 0, columns: 8 })).toThrow(/rows is 0/);
  });
});

describe('wavelet shrinkage', () => {
  const rows = 24;
  const columns = 19;

  test('is the proximal map of t‖W x‖₁: v − p is t times a subgradient', () => {
    const w = wavelet({ rows, columns, levels: 2 });
    const v = noise(2 * rows * columns, 5);
    const t = 0.7;
    const p = waveletShrinkage(w)(v.slice(), t);
    const wp = w.apply(p);
    const g = w.apply(v.map((value, i) => value - p[i]));
    let zeros = 0;
    for (let i = 0; i < wp.length; i += 2) {
      const size = Math.hypot(wp[i], wp[i + 1]);
      if (size > 1e-4) {
        expect(g[i]).toBeCloseTo((t * wp[i]) / size, 3);
        expect(g[i + 1]).toBeCloseTo((t * wp[i + 1]) / size, 3);
      } else {
        zeros++;
        expect(Math.hypot(g[i], g[i + 1])).toBeLessThan(t + 1e-4);
      }
    }
    expect(zeros).toBeGreaterThan(20);
  });

  test('threshold 0 returns the image, shifts or not; the same seed draws the same shifts', () => {
    const w = wavelet({ rows, columns, levels: 2 });
    const v = noise(2 * rows * columns, 6);
    const shrink = waveletShrinkage(w, { random: createRandom(4) });
    for (let i = 0; i < 5; i++) expect(distance(shrink(v.slice(), 0), v)).toBeLessThan(1e-5);
    const first = waveletShrinkage(w, { random: createRandom(9) });
    const second = waveletShrinkage(w, { random: createRandom(9) });
    for (let i = 0; i < 3; i++) expect(first(v.slice(), 0.5)).toEqual(second(v.slice(), 0.5));
    expect(first(v.slice(), 0.5)).not.toEqual(waveletShrinkage(w)(v.slice(), 0.5));
  });

  test('the approximation can be kept out of the penalty', () => {
    const w = wavelet({ rows: 16, columns: 16, levels: 1 });
    const flat = new Float32Array(512).fill(1);
    const kept = waveletShrinkage(w, { shrinkApproximation: false })(flat.slice(), 0.5);
    expect(distance(kept, flat)).toBeLessThan(1e-5);
    // Every approximation coefficient of the constant is 2(1 + i): it loses 0.5 of its modulus 2√2.
    const shrunk = waveletShrinkage(w)(flat.slice(), 0.5);
    expect(shrunk[0]).toBeCloseTo(1 - 0.5 / (2 * Math.SQRT2), 5);
  });
});
