import { describe, expect, test } from 'vitest';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../../engine/arrays/random.ts';
import { norm } from '../../../engine/arrays/statistics.ts';
import { quietContext } from '../../../engine/context.ts';
import { choleskyLower, solveLower, solveLowerAdjoint } from '../../../engine/linear/dense.ts';
import { totalVariation } from '../../../engine/linear/total-variation.ts';
import { wavelet } from '../../../engine/linear/wavelet.ts';
import { createSense } from '../../../engine/physics/mri/sense.ts';
import type { MriSlice } from '../../../engine/physics/mri/slice.ts';
import { mriMethod, mriMethods, runMriMethod } from '../../../engine/recon/registry.ts';

const context = quietContext();

function noise(length: number, seed: number): Float32Array {
  const out = new Float32Array(length);
  fillNormal(out, { seed, sample: 0, slice: 0, step: 0 });
  return out;
}

/** A smooth complex object, normalised coil maps, and its k-space under a column mask, without noise. */
function example(rows: number, columns: number, coils: number, keep: (column: number) => boolean) {
  const truth = new Float32Array(2 * rows * columns);
  const maps = new Float32Array(2 * coils * rows * columns);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const at = 2 * (y * columns + x);
      const inside = (y - rows / 2) ** 2 / (rows / 3) ** 2 + (x - columns / 2) ** 2 / (columns / 3) ** 2 < 1;
      truth[at] = inside ? 1 + 0.5 * Math.cos(x / 3) : 0;
      truth[at + 1] = inside ? 0.4 * Math.sin(y / 4) : 0;
      let energy = 0;
      for (let c = 0; c < coils; c++) energy += 1 + Math.cos((Math.PI * x) / columns + (2 * Math.PI * c) / coils);
      for (let c = 0; c < coils; c++) {
        const size = Math.sqrt((1 + Math.cos((Math.PI * x) / columns + (2 * Math.PI * c) / coils)) / energy);
        maps[2 * c * rows * columns + at] = size * Math.cos(c + y / 9);
        maps[2 * c * rows * columns + at + 1] = size * Math.sin(c + y / 9);
      }
    }
  const mask = Uint8Array.from({ length: rows * columns }, (_, i) => (keep(i % columns) ? 1 : 0));
  const slice: MriSlice = {
    kspace: ndarray('complex64', [coils, rows, columns], new Float32Array(2 * coils * rows * columns)),
    mask: ndarray('uint8', [rows, columns], mask),
    maps: ndarray('complex64', [coils, rows, columns], maps),
    sigma: 0,
  };
  const sense = createSense({ maps: slice.maps, mask: slice.mask, plain: true });
  sense.apply(truth, slice.kspace.data);
  return { slice, truth, sense };
}

function difference(a: NdArray<'complex64'>, b: Float32Array): number {
  return norm(a.data.map((value, i) => value - b[i])) / norm(b);
}

describe('every MRI method', () => {
  test.each([...mriMethods.keys()])('%s: full sampling returns the object when nothing is penalised', async (id) => {
    const { slice, truth } = example(18, 16, 4, () => true);
    const parameters = id === 'zero-filled' ? {} : { lambda: 0 };
    const image = await runMriMethod(mriMethod(id), slice, parameters, context);
    expect(image.shape).toEqual([18, 16]);
    expect(difference(image, truth)).toBeLessThan(1e-4);
  });

  test.each([
    ...mriMethods.keys(),
  ])('%s: averaged lines count by their number and keep the iteration stable', async (id) => {
    const { slice, truth } = example(18, 16, 4, () => true);
    const averages = ndarray(
      'float32',
      [18, 16],
      Float32Array.from({ length: 288 }, (_, i) => (i % 3 === 0 ? 4 : 1)),
    );
    const parameters = id === 'zero-filled' ? {} : { lambda: 0, iterations: 300 };
    const image = await runMriMethod(mriMethod(id), { ...slice, averages }, parameters, context);
    expect(difference(image, truth)).toBeLessThan(1e-3);
  });

  test.each([...mriMethods.keys()])('%s: scaling or turning the data scales or turns the image', async (id) => {
    const { slice } = example(16, 18, 4, (x) => x % 2 === 0 || Math.abs(x - 9) < 2);
    const method = mriMethod(id);
    const plain = await runMriMethod(method, slice, {}, context);
    const turned = slice.kspace.data.slice();
    for (let i = 0; i < turned.length; i += 2) {
      turned[i] = -7.3 * slice.kspace.data[i + 1];
      turned[i + 1] = 7.3 * slice.kspace.data[i];
    }
    const other = await runMriMethod(
      method,
      { ...slice, kspace: ndarray('complex64', [4, 16, 18], turned) },
      {},
      context,
    );
    const expected = plain.data.slice();
    for (let i = 0; i < expected.length; i += 2) {
      expected[i] = -7.3 * plain.data[i + 1];
      expected[i + 1] = 7.3 * plain.data[i];
    }
    expect(difference(other, expected)).toBeLessThan(1e-4);
  });

  test.each([
    ...mriMethods.keys(),
  ])('%s: two runs agree to the bit, and maps of another size are refused', async (id) => {
    const { slice } = example(16, 16, 3, (x) => x % 2 === 0);
    const method = mriMethod(id);
    const first = await runMriMethod(method, slice, {}, context);
    expect(await runMriMethod(method, slice, {}, context)).toEqual(first);
    const maps = ndarray('complex64', [2, 16, 16], slice.maps.data.subarray(0, 2 * 2 * 256));
    await expect(runMriMethod(method, { ...slice, maps }, {}, context)).rejects.toThrow('maps are [2,16,16]');
  });
});

describe('CG-SENSE', () => {
  test('equals dense least squares with the Tikhonov term', async () => {
    const rows = 6;
    const columns = 8;
    const pixels = rows * columns;
    const { slice, sense } = example(rows, columns, 3, (x) => x % 2 === 0 || x === 5);
    slice.kspace.data.set(noise(slice.kspace.data.length, 3));
    const lambda = 0.02;
    const gram = new Float64Array(2 * pixels * pixels);
    for (let j = 0; j < pixels; j++) {
      const unit = new Float32Array(2 * pixels);
      unit[2 * j] = 1;
      const column = sense.normal(unit);
      for (let i = 0; i < pixels; i++) {
        gram[2 * (i * pixels + j)] = column[2 * i] + (i === j ? lambda : 0);
        gram[2 * (i * pixels + j) + 1] = column[2 * i + 1];
      }
    }
    const factor = choleskyLower(gram, pixels);
    const exact = Float64Array.from(sense.adjoint(slice.kspace.data));
    solveLowerAdjoint(factor, pixels, solveLower(factor, pixels, exact));
    const image = await runMriMethod(
      mriMethod('cg-sense'),
      slice,
      { lambda, iterations: 200, tolerance: 1e-7 },
      context,
    );
    expect(difference(image, Float32Array.from(exact))).toBeLessThan(1e-5);
  });
});

describe('compressed sensing', () => {
  test('l1-wavelet without shifts meets the optimality conditions of its objective', async () => {
    const rows = 16;
    const columns = 20;
    const { slice, sense } = example(rows, columns, 3, (x) => x % 3 === 0 || Math.abs(x - 10) < 3);
    const lambda = 0.02;
    const levels = 2;
    const image = await runMriMethod(
      mriMethod('l1-wavelet'),
      slice,
      { lambda, levels, shifts: false, iterations: 3000 },
      context,
    );
    const rhs = sense.adjoint(slice.kspace.data);
    let peak = 0;
    for (let i = 0; i < rhs.length; i += 2) peak = Math.max(peak, Math.hypot(rhs[i], rhs[i + 1]));
    const w = wavelet({ rows, columns, levels });
    const residual = sense.normal(image.data).map((value, i) => rhs[i] - value);
    const g = w.apply(residual);
    const c = w.apply(image.data);
    const weight = lambda * peak;
    let zeros = 0;
    for (let i = 0; i < c.length; i += 2) {
      const size = Math.hypot(c[i], c[i + 1]);
      expect(Math.hypot(g[i], g[i + 1])).toBeLessThan(weight * 1.005);
      if (size < 1e-3) zeros++;
      else {
        expect(Math.abs(g[i] - (weight * c[i]) / size)).toBeLessThan(0.005 * weight);
        expect(Math.abs(g[i + 1] - (weight * c[i + 1]) / size)).toBeLessThan(0.005 * weight);
      }
    }
    expect(zeros).toBeGreaterThan(c.length / 8);
  });

  test('tv: no small change lowers its objective', async () => {
    const rows = 12;
    const columns = 14;
    const { slice, sense } = example(rows, columns, 3, (x) => x % 3 === 0 || Math.abs(x - 7) < 2);
    const lambda = 0.02;
    const image = await runMriMethod(mriMethod('tv'), slice, { lambda, iterations: 2000, inner: 20 }, context);
    const rhs = sense.adjoint(slice.kspace.data);
    let peak = 0;
    for (let i = 0; i < rhs.length; i += 2) peak = Math.max(peak, Math.hypot(rhs[i], rhs[i + 1]));
    const objective = (x: Float32Array): number => {
      const residual = sense.apply(x).map((value, i) => value - slice.kspace.data[i]);
      return norm(residual) ** 2 / 2 + lambda * peak * totalVariation(x, rows, columns);
    };
    const best = objective(image.data);
    for (let seed = 0; seed < 40; seed++) {
      const direction = noise(image.data.length, seed);
      const size = 10 ** -(1 + (seed % 4));
      expect(objective(image.data.map((value, i) => value + size * direction[i]))).toBeGreaterThan(best * (1 - 1e-6));
    }
    expect(objective(image.data.map((value) => 0.99 * value))).toBeGreaterThan(best);
    expect(objective(image.data.map((value) => 1.01 * value))).toBeGreaterThan(best);
  });

  test('an aborted run says so and leaves', async () => {
    const { slice } = example(16, 16, 3, (x) => x % 2 === 0);
    const controller = new AbortController();
    let seen = 0;
    const run = runMriMethod(
      mriMethod('l1-wavelet'),
      slice,
      {},
      quietContext({
        signal: controller.signal,
        progress: ({ fraction }) => {
          seen = fraction;
          if (fraction > 0.1) controller.abort();
        },
      }),
    );
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toBeLessThan(0.2);
  });

  test('all-zero measurements are refused with a hint', async () => {
    const { slice } = example(16, 16, 3, (x) => x % 2 === 0);
    slice.kspace.data.fill(0);
    await expect(runMriMethod(mriMethod('tv'), slice, {}, context)).rejects.toMatchObject({ code: 'bad-input' });
  });
});
