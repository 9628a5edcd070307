import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import { fanBeamGeometry } from '../../engine/physics/ct/fan-geometry.ts';
import { parallelBeamGeometry, uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { createProjector } from '../../engine/physics/ct/projector.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { psnr } from '../../engine/recon/metrics.ts';
import { clinicalCtInput, ctUndersampling, runDdsCt } from '../../engine/recon/run-dds-ct.ts';

const beam = (views: number, arc = 180, size = 122) =>
  parallelBeamGeometry({ size, anglesDeg: uniformAngles(views, arc) });

describe('undersampling of a CT scan', () => {
  test('is π/2 · n views of half a turn over those there are', () => {
    expect(ctUndersampling(beam(16))).toBeCloseTo((Math.PI * 61) / 16, 6);
    expect(ctUndersampling(beam(400))).toBe(1);
  });

  test('counts a missing part of the arc once more, and asks a diverging beam for the whole turn', () => {
    expect(ctUndersampling(beam(90, 90))).toBeCloseTo(((Math.PI * 61) / 90) * 2, 6);
    const fan = fanBeamGeometry({
      ...{ size: 122, anglesDeg: uniformAngles(60, 360), detectors: 300, detectorSpacing: 1 },
      ...{ detector: 'flat', sourceOrigin: 300, sourceDetector: 500 },
    });
    expect(ctUndersampling(fan)).toBeCloseTo((2 * Math.PI * 61) / 60, 6);
  });
});

describe('the settings of a CT reconstruction', () => {
  test('weigh the data by the views, up to what was tried', () => {
    expect(clinicalCtInput({}, { geometry: beam(16), slices: 9 }).dataWeight).toBeCloseTo(
      (0.75 * Math.PI * 61) / 16,
      6,
    );
    expect(clinicalCtInput({}, { geometry: beam(16), slices: 1 }).dataWeight).toBeCloseTo((Math.PI * 61) / 32, 6);
    expect(clinicalCtInput({}, { geometry: beam(4), slices: 9 }).dataWeight).toBe(12);
  });

  test('are those of a preset that is named, and single settings win', () => {
    expect(clinicalCtInput({ preset: 'posterior' }, { geometry: beam(16), slices: 9 })).toEqual({
      preset: 'posterior',
    });
    expect(clinicalCtInput({ dataWeight: 3, steps: 4 }, { geometry: beam(16), slices: 9 })).toEqual({
      preset: 'ct',
      dataWeight: 3,
      steps: 4,
    });
  });
});

test('an image drawn from the prior is found from few views, on any number of threads', async () => {
  const size = 32;
  const geometry = beam(12, 180, size);
  const slices = 5;
  const truth = new Float32Array(slices * size * size);
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        truth[(z * size + y) * size + x] = Math.max(0, 0.5 * (1 - Math.hypot(y - 15, x - 17 + 0.5 * z) / 11));
  const projector = createProjector(geometry, slices);
  const rays = projector.apply(truth).map((value) => value / projector.scaling);
  const sinogram = ndarray('float32', [slices, 12, geometry.detectors], rays);
  // A smooth prior: variance falling with the square of the frequency.
  const spectrum = new Float32Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) spectrum[y * size + x] = 2 / (1 + (Math.hypot(y - 16, x - 16) / 1.5) ** 3);
  const prior = gaussianPrior({ channels: 1, mean: 0, spectrum: ndarray('float32', [size, size], spectrum) });
  const run = (threads: number) =>
    runDdsCt({ sinogram, geometry, slices, sigma: 0.01 }, prior, { steps: 12 }, {}, quietContext({ threads }));
  const { image, parameters } = await run(1);
  const reference = ndarray('float32', [slices, size, size], truth);
  expect(psnr(image, reference)).toBeGreaterThan(28);
  expect(parameters).toMatchObject({ preset: 'ct', steps: 12, cgIters: 40 });
  expect((await run(2)).image.data).toEqual(image.data);
});
