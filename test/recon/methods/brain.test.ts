import { describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { quietContext } from '../../../engine/context.ts';
import { espiritMaps } from '../../../engine/physics/mri/espirit.ts';
import type { MriSlice } from '../../../engine/physics/mri/slice.ts';
import { qualityMetrics } from '../../../engine/recon/metrics.ts';
import { mriMethod, runMriMethod } from '../../../engine/recon/registry.ts';
import { brain } from '../../physics/mri/brain-data.ts';

/**
 * BART 0.8.00 on the same scan, each figure the best of several weights: PSNR in dB of l1-wavelet; maps from the
 * undersampled data, except from the full data at 8-fold, where 8 calibration columns do not determine a kernel.
 */
const bart = [
  { name: 'uniform1d_r3.1_acs20', zeroFilled: 26.69, wavelet: 38.23 },
  { name: 'gauss1d_r4.0_acs8pct', zeroFilled: 26.59, wavelet: 35.8 },
  { name: 'gauss1d_r8.0_acs4pct', zeroFilled: 23.07, wavelet: 29.91 },
  { name: 'poisson2d_r9.5_cal20', zeroFilled: 24.41, wavelet: 37.39 },
  { name: 'poisson2d_r15.4_cal16', zeroFilled: 22.79, wavelet: 33.03 },
];

describe.skipIf(!brain)('real 7-coil brain against BART', () => {
  test.each(bart)('$name: l1-wavelet with its default weight is no worse', async ({ name, zeroFilled, wavelet }) => {
    const mask = brain?.masks.get(name);
    if (!brain || !mask) throw new Error(`mask ${name} is missing`);
    const [coils, rows, columns] = brain.kspace.shape;
    const measured = brain.kspace.data.slice();
    for (let i = 0; i < measured.length; i++) if (mask.data[(i >> 1) % (rows * columns)] === 0) measured[i] = 0;
    const kspace = ndarray('complex64', [coils, rows, columns], measured);
    const maps = name.includes('r8.0') ? brain.sens : espiritMaps(kspace, mask).maps;
    const slice: MriSlice = { kspace, mask, maps, sigma: 0 };
    const reference = ndarray('complex64', [rows, columns], brain.ref);
    const score = async (id: string) =>
      qualityMetrics(await runMriMethod(mriMethod(id), slice, {}, quietContext()), reference);
    expect(Math.abs((await score('zero-filled')).psnr - zeroFilled)).toBeLessThan(0.1);
    expect((await score('l1-wavelet')).psnr).toBeGreaterThan(wavelet - 0.2);
  });
});
