/** What acquisition does to a complex image [size, size], interleaved, in place: noise in air, a band limit. */
import { fft2 } from '../../../arrays/fft.ts';
import { fillNormal, type Random } from '../../../arrays/random.ts';
import { between } from './between.ts';
import type { Augmentations } from './image-config.ts';

/** Air: below this share of the brightest magnitude, fading in. */
const AIR_SHARE = 0.05;

/**
 * z ← z + w σ (n₁ + i n₂), w = 1 in air and 0 in tissue, which carries its own noise: the magnitude in air becomes
 * Rician, as stored volumes whose air was set to 0 no longer have it. `normals`: 2 · size² numbers, overwritten.
 */
export function fillAir(
  random: Random,
  config: Augmentations['air'],
  magnitude: Float32Array,
  normals: Float32Array,
  z: Float32Array,
): void {
  let peak = 0;
  for (let i = 0; i < magnitude.length; i++) if (magnitude[i] > peak) peak = magnitude[i];
  const sigma = between(random, config.sigma) * peak;
  fillNormal(normals, { seed: random.word(), sample: random.word(), slice: 0, step: 0 });
  if (!(sigma > 0)) return;
  const fade = 1 / (AIR_SHARE * peak);
  for (let i = 0; i < magnitude.length; i++) {
    const w = sigma * (1 - magnitude[i] * fade);
    if (w <= 0) continue;
    z[2 * i] += w * normals[2 * i];
    z[2 * i + 1] += w * normals[2 * i + 1];
  }
}

/** Steepness of the ellipse's edge. */
const EDGE = 20;

/**
 * z ← F⁻¹ H F z, H = 1/(1 + exp(20 ((k_y/r_y)² + (k_x/r_x)² − 1))), k in units of the highest frequency: what a scan
 * that stops short of the corners of k-space has seen.
 */
export function lowPass(random: Random, config: Augmentations['lowPass'], size: number, z: Float32Array): void {
  const ry = between(random, config.radius);
  const rx = between(random, config.radius);
  fft2(z, [1, size, size], 'forward', z);
  const half = size / 2;
  const centre = Math.floor(size / 2);
  for (let y = 0, i = 0; y < size; y++) {
    const ky = (y - centre) / (half * ry);
    for (let x = 0; x < size; x++, i += 2) {
      const kx = (x - centre) / (half * rx);
      const h = 1 / (1 + Math.exp(EDGE * (ky * ky + kx * kx - 1)));
      z[i] *= h;
      z[i + 1] *= h;
    }
  }
  fft2(z, [1, size, size], 'inverse', z);
}
