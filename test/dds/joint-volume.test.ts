/** Volumes measured as a whole: the same as slice by slice where both exist, and a real cone beam. */
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import { type DdsInput, resolveMethod, resolveParameters } from '../../engine/dds/parameters.ts';
import { type DdsProblem, jointSlice } from '../../engine/dds/problem.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { coneBeamGeometry } from '../../engine/physics/ct/cone-geometry.ts';
import { fbp } from '../../engine/physics/ct/fbp.ts';
import { uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { createProjector } from '../../engine/physics/ct/projector.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { ctDdsProblem, openProjectors } from '../../engine/recon/run-dds-ct.ts';
import { ctVolumeScene } from './ct-volume-scene.ts';

const prior = gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 });
const run = (problem: DdsProblem, input: DdsInput) => sample(problem, prior, resolveParameters(input), quietContext());

function distance(a: Float32Array, b: Float32Array): number {
  let error = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    error += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(error / size);
}

/** The same measurement without its division into slices. */
function joined(problem: DdsProblem): DdsProblem {
  const { slices, height, width, complex, volumeOperator } = problem;
  if (volumeOperator === undefined) throw new Error('no volume operator');
  return {
    slices: slices.map((_, index) => jointSlice([height, width], { index })),
    ...{ height, width, complex, volumeOperator },
    volumeMeasurement: Float32Array.from(slices.flatMap(({ measurement }) => [...measurement])),
  };
}

describe('a measurement in common', () => {
  const { problem } = ctVolumeScene(6, 16, 6);

  test('gives the coupled volume', async () => {
    const input: DdsInput = { steps: 6, sigmaY: 0.1, rho: 1, lambda: 0.01 };
    const apart = await run(problem, input);
    const together = await run(joined(problem), input);
    expect(distance(together.image, apart.image)).toBeLessThan(1e-5);
    const last = (result: typeof apart) => Number(result.residual.at(-1)?.after);
    expect(last(together)).toBeCloseTo(last(apart), 5);
  });
  test('is solved together without total variation too: converged, the slices alone', async () => {
    const input: DdsInput = { steps: 5, sigmaY: 0.1, tv: false, cgIters: 80, cgTol: 1e-6 };
    const apart = await run(problem, input);
    const together = await run(joined(problem), input);
    expect(apart.method.coupled).toBe(false);
    expect(together.method.coupled).toBe(true);
    expect(distance(together.image, apart.image)).toBeLessThan(1e-4);
  });
  test('cannot be tiled', async () => {
    const { memory } = await run(joined(problem), { steps: 1, tileSlices: 8 });
    expect(memory.slabSlices).toBe(6);
    expect(resolveMethod(resolveParameters({ tv: false }), 0, 1, false, true).coupled).toBe(true);
  });
  test('that is not finite is refused', async () => {
    const bad = joined(problem);
    bad.volumeMeasurement?.fill(Number.NaN, 3, 4);
    await expect(run(bad, { steps: 1 })).rejects.toMatchObject({ code: 'bad-input', path: 'measurement' });
  });
});

test('a cone beam of few views: the coupled prior comes nearer to the truth than the Feldkamp image', async () => {
  const size = 16;
  const slices = 8;
  const { truth } = ctVolumeScene(slices, size, 4);
  const geometry = coneBeamGeometry({
    ...{ size, anglesDeg: uniformAngles(12, 360), sourceOrigin: 60, sourceDetector: 90 },
    ...{ detectors: 38, detectorSpacing: 1, rows: 16, rowSpacing: 1 },
  });
  const projector = createProjector(geometry, slices);
  const lines = projector.apply(truth).map((value) => value / projector.scaling);
  const sinogram = ndarray('float32', [12, 16, 38], lines);
  const data = { sinogram, geometry, slices, sigma: 0.02 };
  const problem = ctDdsProblem(data, {}, openProjectors(data, 1));
  const result = await run(problem, {
    steps: 12,
    sigmaY: 'auto',
    rho: 1,
    lambda: 0.002,
    cgIters: 10,
    noiseRule: 'none',
  });
  const feldkamp = fbp(lines, geometry, { slices });
  expect(result.image).toHaveLength(slices * size * size);
  expect(distance(result.image, truth)).toBeLessThan(0.7 * distance(feldkamp, truth));
});
