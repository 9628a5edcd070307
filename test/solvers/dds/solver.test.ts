/** The sampler as a solver: shapes, defaults and errors of its inputs, and the artifacts that come out. */
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../engine/arrays/ndarray.ts';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { norm } from '../../../engine/arrays/statistics.ts';
import { quietContext } from '../../../engine/context.ts';
import { EngineError } from '../../../engine/errors.ts';
import { uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { parallelBeam } from '../../../engine/physics/ct/parallel-beam.ts';
import type { ArrayType, Artifact } from '../../../engine/solvers/artifact.ts';
import { isArrayArtifact } from '../../../engine/solvers/artifact.ts';
import { dds } from '../../../engine/solvers/dds/solver.ts';
import type { Inputs } from '../../../engine/solvers/sdk.ts';
import { goldenScene } from '../../dds/golden-scene.ts';
import { ellipsePhantom, psnr } from '../../dds/phantoms.ts';

const size = 16;
const scene = goldenScene();
const give = (type: ArrayType, array: NdArray): Artifact => ({ type, array });
const mri: Inputs = {
  kspace: give('kspace', ndarray('complex64', [2, size, size], scene.measurement)),
  maps: give('matrix', scene.maps),
  prior_spectrum: give('matrix', ndarray('float64', [size, size], scene.spectrum)),
  init: give('image', ndarray('complex64', [size, size], scene.init)),
};
const run = (inputs: Inputs, settings: Record<string, unknown>) => dds.run(inputs, settings, quietContext());

function arrayOf(artifacts: Record<string, Artifact>, name: string): NdArray {
  const artifact = artifacts[name];
  if (artifact === undefined || !isArrayArtifact(artifact)) throw new Error(`${name} is not an array`);
  return artifact.array;
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('MRI', () => {
  test('reaches the golden image, with the mask taken from the support of k-space', async () => {
    const settings = { steps: 20, eta: 0, dc: 'proximal', gamma: 1, cgIters: 5 };
    const { artifacts, parameters, metrics } = await run(mri, settings);
    const image = arrayOf(artifacts, 'image');
    expect([image.dtype, image.shape]).toEqual(['complex64', [size, size]]);
    expect(norm(image.data as Float32Array) / 6.94423164).toBeCloseTo(1, 4);
    expect(image.data[2 * (8 * size + 8)]).toBeCloseTo(0.79136682, 4);
    expect(parameters).toMatchObject({ steps: 20, spacing: 'leading', noiseRule: 'ddim' });
    expect(metrics).toMatchObject({ nfe: 20, scale: 1 });
    expect(metrics.acceleration).toBeCloseTo(16 / 5, 6);
    expect(Object.keys(artifacts).toSorted()).toEqual([
      'consistency',
      'evidence',
      'image',
      'init',
      'kspace',
      'magnitude',
      'residual',
    ]);
    const curve = artifacts.residual;
    expect(curve.type === 'curve' && curve.columns.step.length).toBe(20);
    expect(arrayOf(artifacts, 'init').data).toEqual(scene.init);
  });

  test('the recorded parameters repeat the run, preset and all', async () => {
    const first = await run(mri, { preset: 'paper-19', steps: 4 });
    const again = await run(mri, first.parameters);
    expect(arrayOf(again.artifacts, 'image').data).toEqual(arrayOf(first.artifacts, 'image').data);
  });

  test('k-space keeps the acquired samples, or is the model’s everywhere', async () => {
    const measured = arrayOf((await run(mri, { steps: 5 })).artifacts, 'kspace');
    const model = arrayOf((await run(mri, { steps: 5, kspaceFill: 'model' })).artifacts, 'kspace');
    expect(measured.shape).toEqual([2, size, size]);
    let outside = 0;
    for (let i = 0; i < measured.data.length; i++) {
      if (scene.mask.data[(i >> 1) % (size * size)] === 1) expect(measured.data[i]).toBe(scene.measurement[i]);
      else outside = Math.max(outside, Math.abs(measured.data[i] - model.data[i]));
    }
    expect(outside).toBe(0);
  });

  test('samples, spread and slices: [S, Z, H, W], axes of one squeezed', async () => {
    const kspace = new Float32Array(2 * scene.measurement.length);
    kspace.set(scene.measurement);
    kspace.set(scene.measurement, scene.measurement.length);
    const { init: _init, ...rest } = mri;
    const inputs = { ...rest, kspace: give('kspace', ndarray('complex64', [2, 2, size, size], kspace)) };
    const { artifacts } = await run(inputs, { steps: 4, samples: 3 });
    expect(arrayOf(artifacts, 'image').shape).toEqual([2, size, size]);
    expect(arrayOf(artifacts, 'samples').shape).toEqual([3, 2, size, size]);
    expect(arrayOf(artifacts, 'std').shape).toEqual([2, size, size]);
    expect(arrayOf(artifacts, 'evidence').shape).toEqual([2, size, size]);
    expect(arrayOf(artifacts, 'kspace').shape).toEqual([2, 2, size, size]);
    expect(arrayOf(artifacts, 'init').shape).toEqual([3, 2, size, size]);
  });

  test('one coil needs no maps; a column mask as [W] hides the rest', async () => {
    const one = ndarray('complex64', [size, size], scene.measurement.slice(0, 2 * size * size));
    const columns = Uint8Array.from({ length: size }, (_, c) => (c === 7 || c === 8 ? 1 : 0));
    const { artifacts, metrics, warnings } = await run(
      { kspace: give('kspace', one), mask: give('matrix', ndarray('uint8', [size], columns)) },
      { prior_spectrum: 0.5, steps: 4 },
    );
    expect(arrayOf(artifacts, 'kspace').shape).toEqual([size, size]);
    expect(metrics.acceleration).toBe(8);
    expect(warnings.map(({ code }) => code)).toContain('mask-hides-data');
  });

  test('a reference gives metrics', async () => {
    const reference = give('image', ndarray('complex64', [size, size], scene.truth));
    const { metrics } = await run({ ...mri, reference }, { steps: 5, dc: 'noiseless' });
    expect(Number(metrics.psnr)).toBeGreaterThan(5);
    expect(Number(metrics.ssim)).toBeLessThanOrEqual(1);
  });
});

describe('CT', () => {
  const n = 32;
  const truth = ellipsePhantom(n, 3);
  const operator = parallelBeam({ size: n, anglesDeg: uniformAngles(40) });
  const lines = operator.apply(truth).map((value) => value / operator.scaling);
  const detectors = operator.geometry.detectors;
  const prior = { prior_mean: 0.3, prior_spectrum: 0.1 };

  test('one slice: the image size follows from the detector', async () => {
    const sinogram = give('sinogram', ndarray('float32', [40, detectors], lines));
    const { artifacts } = await run({ sinogram }, { ...prior, steps: 10, cgIters: 100, dc: 'noiseless' });
    const image = arrayOf(artifacts, 'image');
    expect([image.dtype, image.shape]).toEqual(['float32', [n, n]]);
    expect(psnr(image.data as Float32Array, truth)).toBeGreaterThan(25);
    expect(artifacts.kspace).toBeUndefined();
  });

  test('a volume is coupled by total variation, and equals its slices without penalty', async () => {
    const both = new Float32Array(2 * lines.length);
    both.set(lines);
    both.set(
      lines.map((value) => 0.5 * value),
      lines.length,
    );
    const sinogram = give('sinogram', ndarray('float32', [2, 40, detectors], both));
    const settings = { ...prior, steps: 6, dc: 'noiseless', eta: 0 };
    const coupled = arrayOf((await run({ sinogram }, { ...settings, rho: 1e-9, lambda: 0 })).artifacts, 'image');
    const apart = arrayOf((await run({ sinogram }, { ...settings, tv: false })).artifacts, 'image');
    expect(coupled.shape).toEqual([2, n, n]);
    // One step length serves the whole volume, so five iterations do not reach the same point; both are near the data.
    const difference = norm((coupled.data as Float32Array).map((value, i) => value - apart.data[i]));
    expect(difference / norm(apart.data as Float32Array)).toBeLessThan(0.02);
  });

  test('noise is estimated from the detector edges when asked', async () => {
    const noisy = lines.map((value, i) => value + 0.1 * Math.sin(12.9898 * i * i));
    const sinogram = give('sinogram', ndarray('float32', [40, detectors], noisy));
    const { metrics } = await run({ sinogram }, { ...prior, steps: 4, sigmaY: 'auto' });
    expect(Number(metrics.sigmaY) / operator.scaling).toBeGreaterThan(0.05);
    expect(Number(metrics.sigmaY) / operator.scaling).toBeLessThan(0.2);
  });
});

describe('errors', () => {
  const { init: _init, ...noInit } = mri;
  test.each<[string, Inputs, Record<string, unknown>, Partial<EngineError>]>([
    ['no measurement', { prior_spectrum: mri.prior_spectrum }, {}, { code: 'bad-usage', path: 'kspace' }],
    ['no prior', { kspace: mri.kspace, maps: mri.maps }, {}, { code: 'bad-usage', path: 'model' }],
    [
      'a weight file in place of a prior',
      { kspace: mri.kspace, maps: mri.maps, model: { type: 'model', source: 'net.onnx' } },
      {},
      { code: 'unsupported', path: 'model' },
    ],
    [
      'maps of another size',
      { ...noInit, maps: give('matrix', ndarray('complex64', [2, 8, 8], new Float32Array(256))) },
      {},
      { code: 'mismatch', path: 'maps' },
    ],
    [
      'a mask of other numbers',
      { ...noInit, mask: give('matrix', ndarray('float32', [size], new Float32Array(size).fill(0.5))) },
      {},
      { code: 'bad-input', path: 'mask' },
    ],
    [
      'a start of another size',
      { ...noInit, init: give('image', ndarray('complex64', [8, 8], new Float32Array(128))) },
      {},
      { code: 'mismatch', path: 'init' },
    ],
    ['an unknown preset', mri, { preset: 'fastest' }, { code: 'bad-usage', path: 'preset' }],
    ['a value out of range', mri, { eta: 2 }, { code: 'bad-usage', path: 'eta' }],
  ])('%s', async (_, inputs, settings, expected) => {
    expect(await failure(run(inputs, settings))).toMatchObject(expected);
  });
});
