/** DDS on prepared MRI slices: operators, noise level and prior put together, and what the run leaves to report. */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import type { RunContext } from '../context.ts';
import { type DdsInput, type DdsParameters, resolveParameters } from '../dds/parameters.ts';
import type { DdsProblem } from '../dds/problem.ts';
import { type DdsResult, type SampleOptions, sample } from '../dds/sampler.ts';
import { isUniformSensitivity, singleCoilConsistency } from '../dds/single-coil.ts';
import { resultWarnings } from '../dds/warnings.ts';
import { effectiveAcceleration } from '../physics/mri/masks.ts';
import { createSense, type SenseOperator } from '../physics/mri/sense.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import type { Prior } from '../prior/prior.ts';
import type { CurveRow, ResultWarning } from './result.ts';

export interface DdsRun {
  /** complex64 [slices, y, x]; the mean of several samples. */
  image: NdArray<'complex64'>;
  /** float32 [slices, y, x], sqrt(var Re + var Im), with several samples. */
  std: NdArray<'float32'> | undefined;
  parameters: DdsParameters;
  result: DdsResult;
  curve: CurveRow[];
  warnings: ResultWarning[];
}

/** Columns sampled beyond this acceleration take the preset `thorough` (docs/decisions/0004). */
const fastUpTo = 5;

/** Aliasing that few steps do not remove: one coil, or whole columns and so few that most of a row must be inferred. */
function convergesSlowly({ mask, maps }: MriSlice): boolean {
  if (maps.shape[0] === 1) return effectiveAcceleration(mask) > 1;
  const [height, width] = mask.shape;
  for (let i = width; i < height * width; i++) if (mask.data[i] !== mask.data[i - width]) return false;
  return effectiveAcceleration(mask) > fastUpTo;
}

/**
 * The input with the preset the clinical pipeline adds where none is named (docs/decisions/0004): `fast`, or `thorough`
 * where few steps do not suffice, or `quality` where samples are asked for, by number or by a share of fresh noise, since the
 * other two draw none.
 */
export function clinicalInput(input: DdsInput, slices: readonly MriSlice[]): DdsInput {
  if (input.preset !== undefined && input.preset !== 'none') return input;
  const sampling = (input.samples ?? 1) > 1 || (input.eta ?? 0) > 0;
  return { ...input, preset: sampling ? 'quality' : slices.some(convergesSlowly) ? 'thorough' : 'fast' };
}

/** The noise level of the slices together: their root mean square, 0 (data taken as exact) when any is 0. */
export function commonSigma(slices: readonly MriSlice[]): number {
  if (slices.some((slice) => !(slice.sigma > 0))) return 0;
  return Math.sqrt(slices.reduce((sum, slice) => sum + slice.sigma ** 2, 0) / slices.length);
}

export async function runDds(
  slices: readonly MriSlice[],
  prior: Prior,
  input: DdsInput,
  indices: readonly number[],
  context: RunContext,
  carriedOut: SampleOptions = {},
): Promise<DdsRun> {
  const sigmaY = commonSigma(slices);
  const noise: DdsInput = { sigmaY: sigmaY > 0 ? 'auto' : 0 };
  const parameters = resolveParameters({ ...noise, ...clinicalInput(input, slices) });
  const operators = slices.map((slice) => createSense({ ...slice, threads: context.threads }));
  try {
    const [, height, width] = slices[0].maps.shape;
    const problem: DdsProblem = {
      slices: slices.map((slice, z) => ddsSlice(slice, operators[z], indices[z])),
      height,
      width,
      complex: true,
      // Coil maps and mask, beside the measurement.
      operatorBytes: slices.reduce((sum, { maps, mask }) => sum + maps.data.byteLength + mask.data.byteLength, 0),
      ...(sigmaY > 0 ? { sigmaY } : {}),
    };
    const result = await sample(problem, prior, parameters, context, carriedOut);
    const shape = [slices.length, height, width];
    for (const [z, { maps }] of slices.entries()) clearOutsideSupport(maps, z, result);
    return {
      image: ndarray('complex64', shape, result.image),
      std: result.std && ndarray('float32', shape, result.std),
      parameters: { ...parameters, ...tiles(result) },
      result,
      curve: curveRows(result),
      warnings: resultWarnings(result, { complex: true, scaleRule: prior.scaleRule, parameters }),
    };
  } finally {
    for (const operator of operators) operator.dispose();
  }
}

/** The thickness of the slabs where a volume was tiled, so that the recorded parameters repeat the run. */
export function tiles({ memory, method, residualBySlice }: DdsResult): Partial<DdsParameters> {
  return method.coupled && memory.slabSlices < residualBySlice.length ? { tileSlices: memory.slabSlices } : {};
}

/** Pixels no coil sees (all maps zero) hold nothing but the prior's guess: they are air, as in every other method. */
function clearOutsideSupport(maps: NdArray<'complex64'>, z: number, { image, std }: DdsResult): void {
  const [coils, height, width] = maps.shape;
  const pixels = height * width;
  for (let i = 0; i < pixels; i++) {
    let seen = false;
    for (let c = 0; c < coils && !seen; c++) {
      const at = 2 * (c * pixels + i);
      seen = maps.data[at] !== 0 || maps.data[at + 1] !== 0;
    }
    if (seen) continue;
    image[2 * (z * pixels + i)] = 0;
    image[2 * (z * pixels + i) + 1] = 0;
    if (std) std[z * pixels + i] = 0;
  }
}

function ddsSlice(slice: MriSlice, operator: SenseOperator, index: number) {
  const { kspace, mask, maps, averages } = slice;
  const plain =
    maps.shape[0] === 1 && !averages && maps.data.length === 2 * mask.data.length && isUniformSensitivity(maps);
  return {
    operator,
    measurement: operator.weighted(kspace.data),
    index,
    ...(plain ? { closedForm: singleCoilConsistency(kspace, mask) } : {}),
  };
}

/** The residual curve of every slice as rows of the result. */
export function curveRows(result: DdsResult): CurveRow[] {
  return result.residualBySlice.flatMap((rows, slice) =>
    rows.map(({ step, t, alphaBar, before, after, cgIterations, cgResidual }) => ({
      slice,
      step,
      t,
      alphaBar,
      before,
      after,
      cgIterations,
      cgResidual,
    })),
  );
}
