import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import type { ImageScan, KspaceScan } from '../../engine/io/scan.ts';
import { waterPerMm } from '../../engine/recon/hounsfield.ts';
import { checkMethod, methodIds, reconstruct } from '../../engine/recon/pipeline.ts';
import type { CtSimulationOptions, ReconstructOptions } from '../../engine/recon/result.ts';
import { simulateCt } from '../../engine/recon/simulate-ct.ts';
import { engineErrorFrom, engineErrorOf } from '../io/engine-error-of.ts';

const [slices, size, pixel] = [4, 48, 3];

/** A cylinder of water, radius 14 pixels, with a bone off its axis; HU. */
const truth = ndarray(
  'float32',
  [slices, size, size],
  Float32Array.from({ length: slices * size * size }, (_, i) => {
    const [y, x] = [Math.floor(i / size) % size, i % size];
    if (Math.hypot(y - 20, x - 28) < 4) return 700;
    return Math.hypot(y - size / 2, x - size / 2) < 14 ? 0 : -1000;
  }),
);
const image: ImageScan = {
  ...{ kind: 'image', format: 'nifti', digest: 'ab', notes: [], modality: 'CT' },
  ...{ volume: truth, spacingMm: [pixel, pixel, pixel] },
};
const beam: CtSimulationOptions = { angles: 120, arc: 180, geometry: 'parallel', curved: false, noise: 0 };
const context = quietContext();
const run = (changes: Partial<ReconstructOptions>, scan: ImageScan | KspaceScan = image) =>
  reconstruct(scan, { method: 'fbp', seed: 0, ...changes }, context);

describe('a simulated scan comes back in Hounsfield units', () => {
  test.each<[string, Partial<CtSimulationOptions>]>([
    ['parallel, half a turn', {}],
    ['parallel, a whole turn', { arc: 360 }],
    ['fan, flat', { geometry: 'fan', arc: 360 }],
    ['fan, curved', { geometry: 'fan', arc: 360, curved: true }],
    ['cone', { geometry: 'cone', arc: 360 }],
  ])('%s', async (_, changes) => {
    const result = await run({ simulateCt: { ...beam, ...changes } });
    expect(result).toMatchObject({
      ...{ modality: 'CT', unit: 'HU', simulated: true, spacingMm: [pixel, pixel, pixel] },
      beam: { kind: changes.geometry ?? 'parallel', views: 120, waterPerMm, pixelMm: pixel },
    });
    const at = (y: number, x: number) => result.image.data[(1 * size + y) * size + x];
    // Water and air away from the edges; 3 % for the coarse grid.
    expect(Math.abs(at(30, 18))).toBeLessThan(30);
    expect(Math.abs(at(4, 4) + 1000)).toBeLessThan(30);
    expect(Math.abs(at(20, 28) - 700)).toBeLessThan(70);
    expect(result.metrics?.psnr).toBeGreaterThan(20);
  });

  test('the residual is told for groups of views, all first', async () => {
    const { consistency, residual } = await run({ simulateCt: beam });
    expect(consistency.map(({ part }) => part)).toEqual([
      'all',
      ...['views 0–19 (0°–29°)', 'views 20–39 (30°–59°)', 'views 40–59 (60°–89°)'],
      ...['views 60–79 (90°–119°)', 'views 80–99 (120°–149°)', 'views 100–119 (150°–179°)'],
    ]);
    expect(consistency[0].residual).toBe(residual.relative);
  });

  test('a reference in HU or in 1/mm gives the same figures, on attenuation', async () => {
    const { measured } = simulateCt(image, beam, 0);
    const stored = await reconstruct(measured, { method: 'fbp', seed: 0 }, context);
    const given = await reconstruct(measured, { method: 'fbp', seed: 0, reference: truth }, context);
    expect(given.metrics?.psnr).toBeCloseTo(stored.metrics?.psnr ?? 0, 4);
    expect(given.metrics?.nmse).toBeCloseTo(stored.metrics?.nmse ?? 0, 6);
    const small = ndarray('float32', [1, 2, 2], new Float32Array(4));
    const error = await engineErrorFrom(() =>
      reconstruct(measured, { method: 'fbp', seed: 0, reference: small }, context),
    );
    expect(error).toMatchObject({ code: 'mismatch', path: '--reference' });
  });

  test('other methods on the same data are compared', async () => {
    const { baselines } = await run({ simulateCt: { ...beam, angles: 20 }, baselines: ['sirt', 'fbp'] });
    expect(baselines.map(({ id }) => id)).toEqual(['sirt']);
    expect(baselines[0].image.shape).toEqual([slices, size, size]);
    expect(baselines[0].metrics?.psnr).toBeGreaterThan(20);
  });
});

describe('what does not fit', () => {
  const kspace: KspaceScan = {
    ...{ kind: 'kspace', format: 'npz', digest: 'ab', notes: [] },
    kspace: ndarray('complex64', [1, 1, 8, 8], new Float32Array(128).fill(1)),
    mask: ndarray('uint8', [8, 8], new Uint8Array(64).fill(1)),
  };

  test('methods belong to a modality', () => {
    expect(methodIds('MRI')).toEqual(expect.arrayContaining(['dds', 'cg-sense', 'tv']));
    expect(methodIds('CT')).toEqual(expect.arrayContaining(['dds', 'fbp', 'tv']));
    expect(methodIds('CT')).not.toContain('cg-sense');
    expect(new Set(methodIds()).size).toBe(methodIds().length);
    for (const id of methodIds()) expect(() => checkMethod(id)).not.toThrow();
    expect(engineErrorOf(() => checkMethod('magic')).hint).toMatch(/for MRI one of .*; for CT one of/);
  });

  test.each<[string, Partial<ReconstructOptions>, ImageScan | KspaceScan, string, string | undefined]>([
    ['a method of k-space for a sinogram', { method: 'cg-sense', simulateCt: beam }, image, 'bad-usage', '--method'],
    ['a method of sinograms for k-space', { method: 'fbp' }, kspace, 'bad-usage', '--method'],
    ['a comparison of another kind', { simulateCt: beam, baselines: ['cg-sense'] }, image, 'bad-usage', '--compare'],
    ['a rotation centre for k-space', { method: 'tv', ct: { centre: 3 } }, kspace, 'bad-usage', '--centre'],
    ['simulation of what is measured', { method: 'tv', simulateCt: beam }, kspace, 'bad-usage', undefined],
    ['an image without simulation', {}, image, 'bad-usage', undefined],
    [
      'coil maps for CT',
      { simulateCt: beam, maps: ndarray('complex64', [1, 1, 1], new Float32Array(2)) },
      image,
      'bad-usage',
      '--maps',
    ],
  ])('%s', async (_, changes, scan, code, path) => {
    const error = await engineErrorFrom(() => run(changes, scan));
    expect({ code: error.code, path: error.path }).toEqual({ code, path });
  });
});
