/** Which preset the clinical pipeline takes, and what the shipped prior reaches with it on a held-out series. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import type { MriSlice } from '../../engine/physics/mri/slice.ts';
import { loadPrior } from '../../engine/prior/registry.ts';
import { psnr } from '../../engine/recon/metrics.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import { mriMethod, runMriMethod } from '../../engine/recon/registry.ts';
import { clinicalInput, type DdsRun, runDds } from '../../engine/recon/run-dds.ts';
import { openScenes, type TrueScene } from '../../main/bench/steps-scenes.ts';

describe('the preset where none is named', () => {
  const size = 40;
  const slice = (measured: (row: number, column: number) => boolean, coils = 2): MriSlice => ({
    kspace: ndarray('complex64', [coils, size, size], new Float32Array(2 * coils * size * size)),
    maps: ndarray('complex64', [coils, size, size], new Float32Array(2 * coils * size * size)),
    mask: ndarray(
      'uint8',
      [size, size],
      Uint8Array.from({ length: size * size }, (_, i) => Number(measured(Math.floor(i / size), i % size))),
    ),
    sigma: 1,
  });
  const dense = [slice((_, column) => column % 4 === 0)];
  const sparse = [slice((_, column) => column % 8 === 0)];
  const oneCoil = [slice((_, column) => column % 2 === 0, 1)];
  const points = [slice((row, column) => (row + column) % 8 === 0)];

  test('is fast, thorough with sparse columns or one coil, quality where noise is drawn', () => {
    expect(clinicalInput({}, dense).preset).toBe('fast');
    expect(clinicalInput({ preset: 'none', seed: 3 }, points)).toEqual({ preset: 'fast', seed: 3 });
    expect(clinicalInput({}, sparse).preset).toBe('thorough');
    expect(clinicalInput({}, [...dense, ...sparse]).preset).toBe('thorough');
    expect(clinicalInput({}, oneCoil).preset).toBe('thorough');
    expect(clinicalInput({}, [slice(() => true, 1)]).preset).toBe('fast');
    expect(clinicalInput({ samples: 4 }, sparse).preset).toBe('quality');
    expect(clinicalInput({ eta: 0.5 }, dense).preset).toBe('quality');
  });
  test('is left alone where one is named', () => {
    expect(clinicalInput({ preset: 'posterior', samples: 4 }, sparse)).toEqual({ preset: 'posterior', samples: 4 });
  });
});

describe('the shipped prior on the held-out series, uniform1d R 4', () => {
  let scene: TrueScene;
  let first: DdsRun;
  let second: DdsRun;
  beforeAll(async () => {
    const [group] = await openScenes({ slices: 1, cases: ['r4'], seed: 0 }, quietContext());
    scene = group.scenes[0];
    const prior = await loadPrior(defaultMriPrior, { threads: 1, device: 'cpu' });
    try {
      first = await runDds([scene.slice], prior, {}, [0], quietContext());
      second = await runDds([scene.slice], prior, { seed: 7 }, [0], quietContext());
    } finally {
      await prior.dispose();
    }
  }, 60_000);

  test('beats l1-wavelet by a decibel in eight evaluations', async () => {
    const wavelet = await runMriMethod(mriMethod('l1-wavelet'), scene.slice, {}, quietContext());
    const found = psnr(ndarray('complex64', scene.reference.shape, first.image.data), scene.reference);
    expect(found).toBeGreaterThan(psnr(wavelet, scene.reference) + 1);
    expect(first.result.nfe).toBe(8);
    expect(first.std).toBeUndefined();
  });
  test('gives the same bits again, whatever the seed', () => {
    expect(second.image.data).toEqual(first.image.data);
  });
});
