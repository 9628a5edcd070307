import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { EngineError } from '../../engine/errors.ts';
import { nmse, psnr, psnrMinMax, qualityMetrics, ssim } from '../../engine/recon/metrics.ts';

const shape = [2, 20, 23];

/** Smooth volume and a disturbed copy, by formula, so that another program can compute the same numbers. */
function fixture(): { image: NdArray<'float32'>; reference: NdArray<'float32'> } {
  const [slices, rows, columns] = shape;
  const g = new Float32Array(slices * rows * columns);
  const f = new Float32Array(g.length);
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const n = (z * rows + y) * columns + x;
        g[n] = 1.5 + Math.sin(0.31 * x + 0.5 * z) + 0.8 * Math.cos(0.23 * y * (1 + z));
        f[n] = g[n] + 0.1 * Math.sin(1.7 * n) + 0.02 * (((n * 37) % 11) - 5);
      }
  return { image: ndarray('float32', shape, f), reference: ndarray('float32', shape, g) };
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof EngineError ? error.code : `not an EngineError: ${error}`;
  }
  return 'no error';
}

describe('metrics', () => {
  // scikit-image 0.26.0: peak_signal_noise_ratio and structural_similarity, data_range = max of the reference volume.
  test('agree with scikit-image on the fixture', () => {
    const { image, reference } = fixture();
    expect(psnr(image, reference)).toBeCloseTo(30.830683095019378, 5);
    expect(ssim(image, reference)).toBeCloseTo(0.9801813435192501, 7);
    expect(nmse(image, reference)).toBeCloseTo(0.002915429913589136, 8);
    expect(psnrMinMax(image, reference)).toBeCloseTo(30.13316271722899, 5);
    expect(qualityMetrics(image, reference)).toEqual({
      psnr: psnr(image, reference),
      ssim: ssim(image, reference),
      nmse: nmse(image, reference),
    });
  });

  test('the smallest image SSIM accepts is one window', () => {
    const { image, reference } = fixture();
    const corner = (a: NdArray<'float32'>) => {
      const data = new Float32Array(49);
      for (let y = 0; y < 7; y++) for (let x = 0; x < 7; x++) data[7 * y + x] = a.data[23 * y + x];
      return ndarray('float32', [7, 7], data);
    };
    expect(ssim(corner(image), corner(reference))).toBeCloseTo(0.9701665832026471, 7);
  });

  test('equal images are perfect, complex images count by magnitude', () => {
    const { reference } = fixture();
    const turned = new Float32Array(2 * reference.data.length);
    for (let i = 0; i < reference.data.length; i++) turned[2 * i + 1] = -reference.data[i];
    const positive = ndarray('float32', shape, reference.data.map(Math.abs));
    expect(psnr(positive, positive)).toBe(Number.POSITIVE_INFINITY);
    expect(ssim(ndarray('complex64', shape, turned), positive)).toBeCloseTo(1, 12);
    expect(nmse(ndarray('complex64', shape, turned), positive)).toBe(0);
  });

  test('a constant error e has PSNR 20 log10(L/e) and scales cancel', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (e, s) => {
          const g = Float32Array.from({ length: 64 }, (_, i) => s * (i / 63));
          const f = g.map((v) => v + s * e);
          const a = ndarray('float32', [8, 8], f);
          const b = ndarray('float32', [8, 8], g);
          expect(psnr(a, b)).toBeCloseTo(-20 * Math.log10(e), 3);
          expect(psnrMinMax(a, b)).toBeGreaterThan(100);
        },
      ),
    );
  });

  test('refuse what has no value', () => {
    const { image, reference } = fixture();
    const zero = ndarray('float32', [8, 8], new Float32Array(64));
    const bad = ndarray('float32', [8, 8], new Float32Array(64).fill(Number.NaN));
    const one = ndarray('float32', [8, 8], new Float32Array(64).fill(1));
    expect(code(() => psnr(image, ndarray('float32', [40, 23], reference.data)))).toBe('mismatch');
    expect(code(() => psnr(one, zero))).toBe('bad-input');
    expect(code(() => nmse(one, zero))).toBe('bad-input');
    expect(code(() => psnr(bad, one))).toBe('numerical');
    expect(code(() => ssim(ndarray('float32', [4, 16], one.data), ndarray('float32', [4, 16], one.data)))).toBe(
      'bad-input',
    );
    expect(code(() => psnrMinMax(one, one))).toBe('bad-input');
    expect(code(() => psnr(ndarray('float32', [64], one.data), ndarray('float32', [64], one.data)))).toBe('bad-input');
  });
});
