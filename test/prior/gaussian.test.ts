import { describe, expect, it } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { fitGaussian } from '../../engine/prior/fit-gaussian.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';

const wave = (length: number, phase = 0) => Float32Array.from({ length }, (_, i) => Math.sin(0.9 * i * i + phase));

/** p = 1/(1 + (r/2)²), r the distance from the zero frequency on both axes as cycles per image: symmetric. */
function spectrum(h: number, w: number) {
  const p = (i: number) => {
    const ky = Math.floor(i / w) - Math.floor(h / 2);
    const kx = (i % w) - Math.floor(w / 2);
    return 1 / (1 + (Math.min(Math.abs(ky), Math.abs(h - Math.abs(ky))) ** 2 + kx ** 2) / 4);
  };
  return ndarray(
    'float32',
    [h, w],
    Float32Array.from({ length: h * w }, (_, i) => p(i)),
  );
}

interface Complex {
  re: number;
  im: number;
}

/** Posterior mean for x = √ᾱ x_0 + √(1−ᾱ) ε with dense covariance Σ = F* diag(p) F: x̂0 = μ + √ᾱ Σ (ᾱΣ + (1−ᾱ)I)⁻¹ (x − √ᾱμ). */
function densePosteriorMean(
  x: Complex[],
  mu: Complex[],
  p: Float32Array,
  h: number,
  w: number,
  alphaBar: number,
): Complex[] {
  const n = h * w;
  // Σ[j, l] = (1/n) Σ_k p[k] exp(2πi k·(j−l)): real for symmetric p.
  const sigma = (j: number, l: number) => {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const ky = Math.floor(k / w) - Math.floor(h / 2);
      const kx = (k % w) - Math.floor(w / 2);
      const dy = Math.floor(j / w) - Math.floor(l / w);
      sum += p[k] * Math.cos(2 * Math.PI * ((ky * dy) / h + (kx * ((j % w) - (l % w))) / w));
    }
    return sum / n;
  };
  const cov = Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (_, l) => sigma(j, l)));
  const solve = (rhs: number[]): number[] => {
    const a = cov.map((row, j) => row.map((v, l) => alphaBar * v + (j === l ? 1 - alphaBar : 0)));
    const b = [...rhs];
    for (let c = 0; c < n; c++)
      for (let r = c + 1; r < n; r++) {
        const f = a[r][c] / a[c][c];
        for (let k = c; k < n; k++) a[r][k] -= f * a[c][k];
        b[r] -= f * b[c];
      }
    for (let c = n - 1; c >= 0; c--) {
      for (let k = c + 1; k < n; k++) b[c] -= a[c][k] * b[k];
      b[c] /= a[c][c];
    }
    return b;
  };
  const root = Math.sqrt(alphaBar);
  const part = (key: 're' | 'im') => {
    const s = solve(x.map((v, i) => v[key] - root * mu[i][key]));
    return cov.map((row, j) => mu[j][key] + root * row.reduce((sum, v, l) => sum + v * s[l], 0));
  };
  const [re, im] = [part('re'), part('im')];
  return re.map((v, i) => ({ re: v, im: im[i] }));
}

describe('gaussianPrior', () => {
  it.each([
    [4, 6, 0.9],
    [5, 3, 0.3],
    [6, 5, 1e-4],
  ])('is the dense posterior mean on complex %i×%i images at alpha-bar %f', async (h, w, alphaBar) => {
    const n = h * w;
    const x = wave(4 * n);
    const mean = ndarray('complex64', [h, w], wave(2 * n, 1));
    const p = spectrum(h, w);
    const prior = gaussianPrior({ channels: 2, mean, spectrum: p });
    const { noise } = await prior.predictNoise(x, { batch: 2, height: h, width: w }, { t: 0, alphaBar });
    const mu = Array.from({ length: n }, (_, i) => ({ re: mean.data[2 * i], im: mean.data[2 * i + 1] }));
    for (const b of [0, 1]) {
      const item = Array.from({ length: n }, (_, i) => ({ re: x[2 * b * n + i], im: x[2 * b * n + n + i] }));
      const clean = densePosteriorMean(item, mu, p.data, h, w, alphaBar);
      for (let i = 0; i < n; i++) {
        const expected = (v: number, x0: number) => (v - Math.sqrt(alphaBar) * x0) / Math.sqrt(1 - alphaBar);
        expect(noise[2 * b * n + i]).toBeCloseTo(expected(item[i].re, clean[i].re), 5);
        expect(noise[2 * b * n + n + i]).toBeCloseTo(expected(item[i].im, clean[i].im), 5);
      }
    }
  });

  it('is the dense posterior mean on real images', async () => {
    const [h, w, alphaBar] = [5, 4, 0.6];
    const x = wave(h * w);
    const p = spectrum(h, w);
    const prior = gaussianPrior({ channels: 1, mean: 0.5, spectrum: p });
    const { noise } = await prior.predictNoise(x, { batch: 1, height: h, width: w }, { t: 0, alphaBar });
    const item = Array.from(x, (re) => ({ re, im: 0 }));
    const clean = densePosteriorMean(
      item,
      item.map(() => ({ re: 0.5, im: 0 })),
      p.data,
      h,
      w,
      alphaBar,
    );
    for (let i = 0; i < h * w; i++)
      expect(noise[i]).toBeCloseTo((x[i] - Math.sqrt(alphaBar) * clean[i].re) / Math.sqrt(1 - alphaBar), 5);
  });

  it('treats a constant spectrum and a scalar variance alike, on any size', async () => {
    const x = wave(2 * 5 * 7);
    const shape = { batch: 1, height: 5, width: 7 };
    const level = { t: 0, alphaBar: 0.7 };
    const flat = ndarray('float32', [5, 7], new Float32Array(35).fill(0.25));
    const white = gaussianPrior({ channels: 2, mean: 0.5, spectrum: 0.25 });
    const image = gaussianPrior({ channels: 2, mean: 0.5, spectrum: flat });
    const a = (await white.predictNoise(x, shape, level)).noise;
    const b = (await image.predictNoise(x, shape, level)).noise;
    for (let i = 0; i < x.length; i++) expect(a[i]).toBeCloseTo(b[i], 6);
    expect([white.variance, white.scaleRule, white.channels]).toEqual([0.25, 'none', 2]);
    const gain = Math.sqrt(0.3) / (0.7 * 0.25 + 0.3);
    expect(a[0]).toBeCloseTo(gain * (x[0] - Math.sqrt(0.7) * 0.5), 6);
    expect(a[35]).toBeCloseTo(gain * x[35], 6);
  });

  it('has a hash that depends on everything that changes its output', () => {
    const hashes = [
      gaussianPrior({ channels: 2, spectrum: 0.25 }),
      gaussianPrior({ channels: 1, spectrum: 0.25 }),
      gaussianPrior({ channels: 2, spectrum: 0.26 }),
      gaussianPrior({ channels: 2, spectrum: 0.25, mean: 0.5 }),
      gaussianPrior({ channels: 2, spectrum: spectrum(4, 6) }),
      gaussianPrior({ channels: 2, spectrum: spectrum(6, 4) }),
    ].map((p) => p.hash);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(gaussianPrior({ channels: 2, spectrum: 0.25 }).hash).toBe(hashes[0]);
  });

  it('refuses spectra and means that cannot be', async () => {
    const lopsided = spectrum(4, 6);
    lopsided.data[9] = 5;
    const negative = spectrum(4, 6);
    negative.data[0] = -1;
    const infinite = ndarray('float32', [1, 1], Float32Array.of(Number.POSITIVE_INFINITY));
    expect(() => gaussianPrior({ channels: 1, spectrum: lopsided })).toThrowError(/opposite frequency/);
    expect(() => gaussianPrior({ channels: 2, spectrum: negative })).toThrowError(/holds -1/);
    expect(() => gaussianPrior({ channels: 2, spectrum: infinite })).toThrowError(/finite/);
    expect(() => gaussianPrior({ channels: 2, spectrum: 0 })).toThrowError(/positive/);
    expect(() =>
      gaussianPrior({ channels: 2, spectrum: spectrum(4, 6), mean: ndarray('float32', [6, 4], new Float32Array(24)) }),
    ).toThrowError(/mean is \[6,4\], prior spectrum \[4,6\]/);
    expect(() =>
      gaussianPrior({ channels: 1, spectrum: 1, mean: ndarray('complex64', [1, 1], new Float32Array(2)) }),
    ).toThrowError(/complex/);
    const prior = gaussianPrior({ channels: 2, spectrum: spectrum(4, 6) });
    await expect(
      prior.predictNoise(new Float32Array(2), { batch: 1, height: 1, width: 1 }, { t: 0, alphaBar: 0.5 }),
    ).rejects.toMatchObject({ code: 'mismatch' });
  });
});

describe('fitGaussian', () => {
  it('returns mean and periodogram of two images in closed form', () => {
    // Two images ±d around m: the unbiased power is 2|F d|², and d a plane wave of cosine amplitude 2 has two lines.
    const [h, w] = [6, 8];
    const d = Float32Array.from(
      { length: h * w },
      (_, i) => 2 * Math.cos((2 * Math.PI * (Math.floor(i / w) - 3) * 2) / h),
    );
    const images = ndarray('float32', [2, h, w], Float32Array.from([...d.map((v) => 1 + v), ...d.map((v) => 1 - v)]));
    const { mean, spectrum: p } = fitGaussian(images);
    expect([...mean.data].every((v) => Math.abs(v - 1) < 1e-6)).toBe(true);
    for (let i = 0; i < h * w; i++) {
      const line = i % w === 4 && [1, 5].includes(Math.floor(i / w));
      expect(p.data[i]).toBeCloseTo(line ? 2 * h * w : 0, 3);
    }
  });

  it('finds the variance of white complex noise, ring by ring', () => {
    let state = 1;
    const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const [n, h, w] = [24, 9, 12];
    const images = ndarray(
      'complex64',
      [n, h, w],
      Float32Array.from({ length: 2 * n * h * w }, () => 0.5 * normal()),
    );
    const { spectrum: p } = fitGaussian(images, { radial: true });
    const mean = p.data.reduce((s, v) => s + v, 0) / p.data.length;
    // 2·23·108 squares of normals: relative standard deviation √(2/4968) = 2 %.
    expect(Math.abs(mean / 0.25 - 1)).toBeLessThan(0.08);
    expect(gaussianPrior({ channels: 2, spectrum: p }).variance).toBeCloseTo(mean, 6);
    expect(p.data[4 * w + 6 + 2]).toBeCloseTo(p.data[4 * w + 6 - 2], 6);
  });

  it('makes spectra that real priors accept, odd and even sizes', () => {
    for (const [h, w] of [
      [5, 6],
      [8, 7],
    ]) {
      const images = ndarray('float32', [3, h, w], wave(3 * h * w));
      const { mean, spectrum: p } = fitGaussian(images);
      expect(gaussianPrior({ channels: 1, mean, spectrum: p }).variance).toBeGreaterThan(0);
    }
  });

  it('refuses a single image and values that are not finite', () => {
    expect(() => fitGaussian(ndarray('float32', [1, 2, 2], new Float32Array(4)))).toThrowError(/at least 2/);
    expect(() => fitGaussian(ndarray('float32', [2, 1, 1], Float32Array.of(1, Number.NaN)))).toThrowError(
      /image 1 holds NaN/,
    );
  });
});
