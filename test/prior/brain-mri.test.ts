import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filmResUNet } from '../../engine/prior/architectures/film-resunet.ts';
import { parameterShapes } from '../../engine/prior/graph.ts';
import { loadManifest, loadPrior } from '../../engine/prior/registry.ts';
import { openSafetensors } from '../../engine/prior/safetensors.ts';
import { alphaBarOf } from '../../engine/prior/schedule.ts';
import { checkWeights } from '../../engine/prior/weights.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

/** A head-like phantom, complex [2, h, w]: nested ellipses of different brightness with a smooth phase. */
function phantom(h: number, w: number): Float32Array {
  const out = new Float32Array(2 * h * w);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const v = (2 * y) / h - 1;
      const u = (2 * x) / w - 1;
      const inside = (a: number, b: number, cy: number, cx: number) => ((v - cy) / a) ** 2 + ((u - cx) / b) ** 2 < 1;
      let magnitude = inside(0.85, 0.7, 0, 0) ? 0.9 : 0;
      if (inside(0.75, 0.6, 0, 0)) magnitude = 0.5;
      if (inside(0.6, 0.45, 0.05, 0)) magnitude = 0.7;
      for (const side of [-1, 1]) if (inside(0.22, 0.09, -0.05, 0.14 * side)) magnitude = 0.15;
      const phase = 0.7 + 0.9 * u - 0.6 * v * v;
      out[y * w + x] = magnitude * Math.cos(phase);
      out[h * w + y * w + x] = magnitude * Math.sin(phase);
    }
  return out;
}

/** Standard normal numbers from a linear congruential generator. */
function gaussianNoise(length: number): Float32Array {
  let state = 20;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

describe('the shipped brain-mri prior', () => {
  it('holds the tensors of its architecture in less than 12 MB, with sources and licences', async () => {
    const { manifest, folder: home } = await loadManifest('brain-mri');
    const file = join(home, manifest.weights.file);
    expect(statSync(file).size).toBeLessThan(12e6);
    const source = await openSafetensors(file);
    if (manifest.architecture.kind !== 'film-resunet') throw new Error('unexpected architecture');
    checkWeights(parameterShapes(filmResUNet(manifest.architecture)), source);
    await source.close();
    expect(manifest.training.data.length).toBeGreaterThan(0);
    for (const entry of manifest.training.data) expect(entry.licence).not.toBe('');
    expect([manifest.priorVar, manifest.sigmaData, manifest.scale.quantile]).toEqual([0.0625, 0.25, 0.99]);
  });

  it('removes noise from a head it has never seen, at sizes that need padding', async () => {
    const prior = await loadPrior('brain-mri', { cache: join(folder, 'cache') });
    const [height, width] = [121, 94];
    const clean = phantom(height, width);
    const noise = gaussianNoise(clean.length);
    // Gains in dB over the noisy image; a denoiser that knew nothing but the image power of 0.0625 gains (σ² + v)/v: 2.1, 7.0 and 24.1 dB.
    for (const [sigma, gain] of [
      [0.2, 9],
      [0.5, 12],
      [4, 26],
    ]) {
      const alphaBar = alphaBarOf(sigma);
      const x = clean.map((v, i) => Math.sqrt(alphaBar) * (v + sigma * noise[i]));
      const { noise: found } = await prior.predictNoise(x, { batch: 1, height, width }, { t: 0, alphaBar });
      let before = 0;
      let after = 0;
      let power = 0;
      for (let i = 0; i < x.length; i++) {
        before += noise[i] ** 2;
        after += (found[i] - noise[i]) ** 2;
        power += found[i] ** 2;
      }
      expect(10 * Math.log10(before / after)).toBeGreaterThan(gain);
      expect(power / x.length).toBeLessThan(1.05);
      expect(power / x.length).toBeGreaterThan(0.8);
    }
    await prior.dispose();
  });
});
