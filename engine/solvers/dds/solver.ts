/** `tangent solve dds`: arrays in, one run of the sampler, arrays out. */
import type { NdArray } from '../../arrays/ndarray.ts';
import { ndarray } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import { subContext } from '../../context.ts';
import type { ConsistencyReport } from '../../dds/consistency.ts';
import { kspaceConsistency, sinogramConsistency } from '../../dds/consistency.ts';
import { evidence } from '../../dds/evidence.ts';
import { magnitude } from '../../dds/layout.ts';
import { modelKspace } from '../../dds/model-kspace.ts';
import type { DdsInput, DdsParameters } from '../../dds/parameters.ts';
import { resolveParameters } from '../../dds/parameters.ts';
import type { DdsProblem } from '../../dds/problem.ts';
import { imageLength } from '../../dds/problem.ts';
import type { DdsResult } from '../../dds/sampler.ts';
import { sample } from '../../dds/sampler.ts';
import type { DdsWarning } from '../../dds/warnings.ts';
import { resultWarnings } from '../../dds/warnings.ts';
import { check } from '../../errors.ts';
import type { Prior } from '../../prior/prior.ts';
import type { MetricArray } from '../../recon/metrics.ts';
import { nmse, psnr, ssim } from '../../recon/metrics.ts';
import type { Artifact } from '../artifact.ts';
import type { Inputs, Solver } from '../sdk.ts';
import { defineSolver } from '../sdk.ts';
import { arrayInput, asComplex, asReal, squeezed } from './array-input.ts';
import type { CtScene } from './ct-problem.ts';
import { ctProblem } from './ct-problem.ts';
import { ddsManifest } from './manifest.ts';
import type { MriScene } from './mri-problem.ts';
import { mriProblem } from './mri-problem.ts';
import type { GaussianSettings } from './prior-input.ts';
import { priorInput } from './prior-input.ts';

interface Parameters {
  sampler: DdsParameters;
  gaussian: GaussianSettings;
}

/** One of the two. */
interface Scene {
  problem: DdsProblem;
  mri?: MriScene;
  ct?: CtScene;
}

export const dds: Solver = defineSolver<Parameters>({
  manifest: ddsManifest,
  resolve: ({ prior_mean: mean, prior_spectrum: spectrum, ...rest }) => ({
    // Types and ranges were checked against the manifest.
    sampler: resolveParameters(rest as DdsInput),
    gaussian: { mean: mean as number | undefined, spectrum: spectrum as number | undefined },
  }),
  record: ({ sampler, gaussian }) => {
    const { explicit: _explicit, fromPreset: _fromPreset, ...parameters } = sampler;
    return {
      ...parameters,
      ...(gaussian.mean === undefined ? {} : { prior_mean: gaussian.mean }),
      ...(gaussian.spectrum === undefined ? {} : { prior_spectrum: gaussian.spectrum }),
    };
  },
  async run(inputs, { sampler, gaussian }, context) {
    const scene = await openScene(inputs, sampler, context);
    let prior: Prior | undefined;
    try {
      prior = await priorInput(inputs, gaussian, scene.problem.complex ? 2 : 1, context);
      const problem = withInit(scene.problem, inputs, sampler.samples);
      const result = await sample(problem, prior, sampler, subContext(context, 0, 0.9));
      return await report(scene, problem, prior, sampler, result, inputs, context);
    } finally {
      await prior?.dispose();
      for (const operator of scene.mri?.operators ?? []) operator.dispose();
    }
  },
});

async function openScene(inputs: Inputs, parameters: DdsParameters, context: RunContext): Promise<Scene> {
  const both = inputs.kspace !== undefined && inputs.sinogram !== undefined;
  const none = inputs.kspace === undefined && inputs.sinogram === undefined;
  check(!both && !none, () => (both ? 'kspace and sinogram exclude each other' : 'there is no measurement'), {
    code: 'bad-usage',
    path: 'kspace',
    hint: 'give either kspace or sinogram',
  });
  const estimate = parameters.sigmaY === 'auto';
  if (inputs.sinogram) {
    const ct = ctProblem(inputs, estimate);
    return { problem: ct.problem, ct };
  }
  const mri = await mriProblem(inputs, estimate, context);
  return { problem: mri.problem, mri };
}

function withInit(problem: DdsProblem, inputs: Inputs, samples: number): DdsProblem {
  const init = arrayInput(inputs, 'init');
  if (init === undefined) return problem;
  const array = problem.complex ? asComplex(init) : asReal(init, 'init');
  const expected = [samples, problem.slices.length, problem.height, problem.width];
  const last = squeezed(array.shape, 2).slice(-2);
  check(last[0] === problem.height && last[1] === problem.width, () => `init is [${init.shape}]`, {
    code: 'mismatch',
    path: 'init',
    hint: `expected [${squeezed(expected, 2)}]`,
  });
  return { ...problem, init: array.data };
}

async function report(
  scene: Scene,
  problem: DdsProblem,
  prior: Prior,
  parameters: DdsParameters,
  result: DdsResult,
  inputs: Inputs,
  context: RunContext,
) {
  const shape = squeezed([problem.slices.length, problem.height, problem.width], 2);
  const image = typed(problem, shape, result.image);
  const magnitudes = new Float32Array(problem.slices.length * problem.height * problem.width);
  magnitude(result.image, magnitudes, problem.complex);
  const artifacts: Record<string, Artifact> = {
    image: { type: 'image', array: image },
    magnitude: { type: 'picture', array: ndarray('float32', shape, magnitudes) },
    init: { type: 'image', array: stack(problem, result.init, shape) },
    residual: { type: 'curve', columns: residualColumns(result) },
  };
  if (result.std) {
    artifacts.samples = { type: 'image', array: stack(problem, result.samples, shape) };
    artifacts.std = { type: 'image', array: ndarray('float32', shape, result.std) };
  }
  artifacts.evidence = {
    type: 'image',
    array: ndarray('float32', shape, await evidenceMaps(problem, result, context)),
  };
  if (scene.mri) artifacts.kspace = { type: 'kspace', array: exportKspace(scene.mri, problem, result, parameters) };
  const consistency = consistencyOf(scene, problem, result);
  artifacts.consistency = { type: 'table', columns: consistencyColumns(consistency) };
  const warnings: DdsWarning[] = [
    ...(scene.mri?.warnings ?? []),
    ...resultWarnings(result, { complex: problem.complex, scaleRule: prior.scaleRule, parameters }),
  ];
  for (const [z, { verdict, message }] of consistency.entries())
    if (verdict === 'contradicts') warnings.push({ code: 'inconsistent', message, value: z });
  const residual = result.residual.at(-1);
  const metrics: Record<string, number | null> = {
    ...quality(inputs, image),
    residual: residual?.after ?? null,
    scale: result.scale,
    sigmaY: result.sigmaY,
    nfe: result.nfe,
    acceleration: scene.mri?.acceleration ?? null,
  };
  return { artifacts, metrics, warnings };
}

function typed(problem: DdsProblem, shape: readonly number[], data: Float32Array): MetricArray {
  return problem.complex ? ndarray('complex64', shape, data) : ndarray('float32', shape, data);
}

/** [samples, …], without the axis for a single one. */
function stack(problem: DdsProblem, parts: readonly Float32Array[], shape: readonly number[]): NdArray {
  if (parts.length === 1) return typed(problem, shape, parts[0]);
  const data = new Float32Array(parts.length * parts[0].length);
  parts.forEach((part, s) => {
    data.set(part, s * part.length);
  });
  return typed(problem, [parts.length, ...shape], data);
}

function residualColumns({ residual }: DdsResult): Record<string, number[]> {
  return {
    step: residual.map((row) => row.step),
    t: residual.map((row) => row.t),
    alpha_bar: residual.map((row) => row.alphaBar),
    before: residual.map((row) => row.before),
    after: residual.map((row) => row.after),
    cg_iterations: residual.map((row) => row.cgIterations),
    cg_residual: residual.map((row) => row.cgResidual),
  };
}

function sliceImages(problem: DdsProblem, result: DdsResult): Float32Array[] {
  const length = imageLength(problem);
  return problem.slices.map((_, z) => result.image.subarray(z * length, (z + 1) * length));
}

async function evidenceMaps(problem: DdsProblem, result: DdsResult, context: RunContext): Promise<Float32Array> {
  const pixels = problem.height * problem.width;
  const out = new Float32Array(problem.slices.length * pixels);
  const { scale, sigmaY, priorVariance } = result;
  // Back in the units of the data, as the image is.
  const noise = { sigmaY: sigmaY * scale, priorVariance: priorVariance * scale * scale };
  const images = sliceImages(problem, result);
  for (const [z, image] of images.entries()) {
    const options = { complex: problem.complex, ...(sigmaY > 0 ? { noise } : {}) };
    const { fraction } = await evidence(problem.slices[z].operator, image, options, context);
    out.set(fraction, z * pixels);
    context.progress({ stage: 'evidence', fraction: 0.9 + (0.1 * (z + 1)) / images.length });
  }
  return out;
}

function exportKspace(
  { kspace, masks, maps }: MriScene,
  problem: DdsProblem,
  result: DdsResult,
  { kspaceFill }: DdsParameters,
): NdArray<'complex64'> {
  const [coils, height, width] = kspace[0].shape;
  const data = new Float32Array(kspace.length * kspace[0].data.length);
  for (const [z, image] of sliceImages(problem, result).entries()) {
    const filled = modelKspace(image, maps[z], { kspace: kspace[z], mask: masks[z] }, kspaceFill);
    data.set(filled.data, z * filled.data.length);
  }
  return ndarray('complex64', squeezed([kspace.length, coils, height, width], 2), data);
}

function consistencyOf(scene: Scene, problem: DdsProblem, result: DdsResult): ConsistencyReport[] {
  const sigma = result.sigmaY * result.scale;
  return sliceImages(problem, result).map((image, z) => {
    const { operator, measurement } = problem.slices[z];
    const predicted = operator.apply(image);
    if (scene.ct) return sinogramConsistency(predicted, measurement, scene.ct.detectors, sigma);
    const [height, width] = [problem.height, problem.width];
    const coils = measurement.length / (2 * height * width);
    return kspaceConsistency(predicted, measurement, [coils, height, width], sigma);
  });
}

function consistencyColumns(reports: readonly ConsistencyReport[]) {
  const rows = reports.flatMap(({ all, parts }, slice) => [all, ...parts].map((part) => ({ slice, ...part })));
  return {
    slice: rows.map(({ slice }) => slice),
    part: rows.map(({ part }) => part),
    measured: rows.map(({ measured }) => measured),
    residual: rows.map(({ residual }) => residual),
    expected: rows.map(({ expected }) => expected),
  };
}

function quality(inputs: Inputs, image: MetricArray): Record<string, number> {
  const given = arrayInput(inputs, 'reference');
  if (given === undefined) return {};
  const reference = given.dtype === 'complex64' ? asComplex(given) : asReal(given, 'reference');
  const shaped = { ...reference, shape: squeezed(reference.shape, 2) };
  return { psnr: psnr(image, shaped), ssim: ssim(image, shaped), nmse: nmse(image, shaped) };
}
