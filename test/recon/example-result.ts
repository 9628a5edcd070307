/** A small made-up result with every optional part, for the tests of result.json, report and folder. */
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { ReconstructionResult } from '../../engine/recon/result.ts';

const [slices, rows, columns] = [2, 6, 5];
const shape = [slices, rows, columns];
const size = slices * rows * columns;

function ramp(scale: number, offset = 0) {
  return ndarray(
    'float32',
    shape,
    Float32Array.from({ length: size }, (_, i) => scale * ((i * 7) % 11) + offset),
  );
}

export function exampleResult(changes: Partial<ReconstructionResult> = {}): ReconstructionResult {
  return {
    modality: 'MR',
    method: 'dds',
    methodTitle: 'Decomposed Diffusion Sampler',
    prior: { name: 'brain-mri', hash: 'ab'.repeat(32) },
    device: 'cpu',
    threads: 2,
    seed: 7,
    parameters: { steps: 20, eta: 0.5, spacing: 'logsnr', tv: false, list: [1, 2] },
    image: ramp(1),
    imageComplex: ndarray('complex64', shape, new Float32Array(2 * size).fill(0.5)),
    std: ramp(0.01),
    evidence: ramp(0.09),
    maps: ndarray('complex64', [slices, 3, rows, columns], new Float32Array(2 * 3 * size).fill(0.25)),
    reference: ramp(1, 0.1),
    metrics: { psnr: 34.5, ssim: 0.95, nmse: 0.002 },
    calibration: [{ nominal: 0.68, observed: 0.66 }],
    residual: { relative: 0.021, expected: 0.02 },
    consistency: [{ part: 'coil 1', residual: 0.02, expected: null }],
    curve: Array.from({ length: 4 }, (_, i) => ({
      slice: 0,
      step: i + 1,
      t: 999 - 250 * i,
      alphaBar: 0.1 * (i + 1),
      before: 0.5 / (i + 1),
      after: 0.2 / (i + 1),
      cgIterations: 5,
      cgResidual: 1e-3,
    })),
    measuredFraction: 0.25,
    nfe: 20,
    seconds: { load: 0.1, calibrate: 0.2, sample: 3 },
    warnings: [{ code: 'acs-small', message: 'Only 4 calibration lines were found', value: 4 }],
    baselines: [
      {
        id: 'zero-filled',
        title: 'Zero-filled',
        image: ramp(0.9),
        metrics: { psnr: 22, ssim: 0.7, nmse: 0.05 },
        residual: { relative: 0, expected: 0.02 },
        nfe: 0,
        seconds: 0.01,
        parameters: {},
      },
    ],
    simulated: true,
    spacingMm: [5, 1, 0.9],
    sliceIndices: [3, 4],
    source: { format: 'npz', kind: 'kspace', digest: 'cd'.repeat(32) },
    scale: 1.5,
    ...changes,
  };
}

export const exampleCommand = { name: 'reconstruct', options: { method: 'dds', seed: 7, simulate: true } };
