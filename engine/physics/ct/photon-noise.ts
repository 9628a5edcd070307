/**
 * Photon noise of a transmission scan: of I₀ photons sent along a ray with line integral p
 *
 *   N = Poisson(I₀ e^{−p}),   p̂ = ln(I₀ / max(N, ½)),   σ = 1/√max(N, ½)
 *
 * arrive. p̂ is the noisy line integral, σ its standard deviation to first order, estimated from the counts as a scanner would.
 * A ray that no photon survives counts as half a photon. Line integrals must be without unit: attenuation × length.
 */
import { check } from '../../errors.ts';
import { poisson } from './poisson.ts';

export interface PhotonNoiseOptions {
  /** Photons sent along each ray, I₀. */
  photons: number;
  /** 0 … 2^53 − 1 */
  seed: number;
  /** Sinograms in the array, each with noise of its own that does not depend on the others; default 1. */
  slices?: number;
  /** Number of the first slice, so that parts of a volume get the noise of the whole; default 0. */
  firstSlice?: number;
  /** Expected count above which a rounded normal number replaces the Poisson number; default 10⁷. */
  gaussianAbove?: number;
}

export interface PhotonNoise {
  /** Noisy line integrals p̂, as shaped as the input. */
  lineIntegrals: Float32Array;
  /** σ of each. */
  std: Float32Array;
  /** Rays that no photon survived. */
  starved: number;
}

/** Errors: `bad-usage` for a photon count that is not positive or a seed out of range, `mismatch` for uneven slices. */
export function photonNoise(lineIntegrals: Float32Array, options: PhotonNoiseOptions): PhotonNoise {
  const { photons, seed, slices = 1, firstSlice = 0, gaussianAbove = 1e7 } = options;
  check(photons > 0 && photons <= 1e15, () => `photon count is ${photons}, expected a number above 0 and up to 1e15`, {
    code: 'bad-usage',
    path: 'photons',
  });
  check(Number.isSafeInteger(seed) && seed >= 0, () => `seed is ${seed}, expected a whole number from 0 to 2^53 − 1`, {
    code: 'bad-usage',
    path: 'seed',
  });
  const rays = lineIntegrals.length / slices;
  check(
    Number.isInteger(rays) && rays < 2 ** 32,
    () => `sinogram has ${lineIntegrals.length} elements, expected ${slices} slices of equal size`,
    { code: 'mismatch', path: 'sinogram' },
  );
  const noisy = new Float32Array(lineIntegrals.length);
  const std = new Float32Array(lineIntegrals.length);
  let starved = 0;
  for (let z = 0, i = 0; z < slices; z++) {
    const key = { seed, slice: firstSlice + z };
    for (let ray = 0; ray < rays; ray++, i++) {
      const count = poisson(photons * Math.exp(-lineIntegrals[i]), key, ray, gaussianAbove);
      if (count === 0) starved++;
      const counted = Math.max(count, 0.5);
      noisy[i] = Math.log(photons / counted);
      std[i] = 1 / Math.sqrt(counted);
    }
  }
  return { lineIntegrals: noisy, std, starved };
}
