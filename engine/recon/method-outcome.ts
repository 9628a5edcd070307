/** What one method made of a measurement of any modality, how several are run one after another, and what is told of them. */
import type { NdArray } from '../arrays/ndarray.ts';
import { type RunContext, subContext } from '../context.ts';
import type { DdsParameters } from '../dds/parameters.ts';
import type { DdsResult } from '../dds/sampler.ts';
import type { DdsExtras } from './pipeline-dds.ts';
import type { BaselineResult, JsonValue, ReconstructionResult, ReconstructOptions } from './result.ts';

export interface MethodOutcome<D extends 'complex64' | 'float32'> {
  title: string;
  image: NdArray<D>;
  parameters: Readonly<Record<string, JsonValue>>;
  seconds: number;
  nfe: number;
  extras: DdsExtras;
}

/** The method asked for and, with their default parameters, those to compare it with; in [0.1, 0.85] of the progress. */
export async function runMethods<O>(
  options: ReconstructOptions,
  context: RunContext,
  run: (id: string, options: ReconstructOptions, context: RunContext) => Promise<O>,
): Promise<{ outcome: O; others: { id: string; outcome: O }[] }> {
  const ids = [...new Set(options.baselines ?? [])].filter((id) => id !== options.method);
  const share = 0.75 / (ids.length + 1);
  const part = (k: number) => subContext(context, 0.1 + k * share, 0.1 + (k + 1) * share);
  const outcome = await run(options.method, options, part(0));
  const others: { id: string; outcome: O }[] = [];
  for (const [k, id] of ids.entries())
    others.push({ id, outcome: await run(id, { ...options, parameters: {} }, part(k + 1)) });
  return { outcome, others };
}

/** The outcome of a DDS run, with every parameter that was used. */
export function ddsOutcome<D extends 'complex64' | 'float32'>(
  { image, parameters, result }: { image: NdArray<D>; parameters: DdsParameters; result: DdsResult },
  seconds: number,
  extras: DdsExtras,
): MethodOutcome<D> {
  const { explicit: _, fromPreset: __, ...used } = parameters;
  return {
    title: 'Decomposed Diffusion Sampler (DDS)',
    image,
    parameters: { ...used, priorVar: result.priorVariance, sigmaY: result.sigmaY },
    seconds,
    nfe: result.nfe,
    extras,
  };
}

type AnyOutcome = MethodOutcome<'complex64' | 'float32'>;

/** The prior's variance in the units of the image. */
export function priorVarianceOf({ parameters, extras }: AnyOutcome): number {
  return Number(parameters.priorVar) * (extras.scale ?? 1) ** 2;
}

/** The part of a result that says how it was made. */
export function madeBy(
  { title, parameters, nfe, extras: { prior, curve = [], scale, device = 'cpu' } }: AnyOutcome,
  { method, seed }: ReconstructOptions,
  { threads }: RunContext,
) {
  return {
    ...{ method, methodTitle: title, device, threads, seed, parameters, nfe, curve },
    ...(prior ? { prior } : {}),
    ...(scale === undefined ? {} : { scale }),
  } satisfies Partial<ReconstructionResult>;
}

/** A compared method, without what depends on the modality. */
export function comparedWith(
  id: string,
  { title, nfe, seconds, parameters }: AnyOutcome,
  { residual, expected }: { residual: number; expected: number | null },
) {
  return {
    ...{ id, title, nfe, seconds, parameters },
    residual: { relative: residual, expected },
  } satisfies Partial<BaselineResult>;
}
