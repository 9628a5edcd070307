/**
 * Tunes a method on a slice whose true image is known: tries every combination of a parameter grid and keeps the one
 * with the highest PSNR. So a baseline in a comparison is as good as its parameters allow. The slice used for tuning
 * must not be one that the comparison reports, or every method compared must be tuned on it in the same way.
 */

import type { z } from 'zod';
import type { NdArray } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext, subContext } from '../context.ts';
import { check } from '../errors.ts';
import type { TuningGrid } from './method.ts';
import { type MetricArray, qualityMetrics } from './metrics.ts';
import { parseParameters } from './registry.ts';
import type { JsonValue, QualityMetrics } from './result.ts';

export type ParameterSet = Readonly<Record<string, JsonValue>>;

export interface TuningTrial {
  parameters: ParameterSet;
  metrics: QualityMetrics;
}

export interface TuningResult<I> extends TuningTrial {
  image: I;
  /** True when the best value of a numeric parameter is the first or last of its candidates: the grid may be too narrow. */
  atEdge: boolean;
  trials: readonly TuningTrial[];
}

interface Tunable<S, I> {
  id: string;
  parameters: z.ZodType;
  tuning?: TuningGrid;
  run(slice: S, parameters: unknown, context: RunContext): Promise<I>;
}

/** All combinations of the grid; one empty set for an empty grid. */
export function combinations(grid: TuningGrid): ParameterSet[] {
  let sets: ParameterSet[] = [{}];
  for (const [name, values] of Object.entries(grid))
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value })));
  return sets;
}

/**
 * The best parameters for `slice` against `reference` (magnitudes, [y, x]). `grid` defaults to the method's own;
 * parameters outside the grid stay at their defaults. Throws `bad-usage` for an empty candidate list or a bad value.
 */
export async function tuneMethod<S, I extends NdArray<'float32'> | NdArray<'complex64'>>(
  method: Tunable<S, I>,
  slice: S,
  reference: MetricArray,
  context: RunContext,
  grid: TuningGrid = method.tuning ?? {},
): Promise<TuningResult<I>> {
  const sets = combinations(grid);
  check(sets.length > 0, () => `the tuning grid of ${method.id} has a parameter without candidates`, {
    code: 'bad-usage',
  });
  const trials: TuningTrial[] = [];
  let best: { image: I; trial: TuningTrial } | undefined;
  for (const [index, parameters] of sets.entries()) {
    await checkpoint(context);
    const share = subContext(context, index / sets.length, (index + 1) / sets.length, `tune ${method.id}`);
    const image = await method.run(slice, parseParameters(method, parameters), share);
    const trial = { parameters, metrics: qualityMetrics(image, reference) };
    trials.push(trial);
    if (best === undefined || trial.metrics.psnr > best.trial.metrics.psnr) best = { image, trial };
  }
  check(best !== undefined, () => `${method.id} was not tried`, { code: 'internal' });
  const chosen = best.trial.parameters;
  const atEdge = Object.entries(grid).some(([name, values]) => {
    const position = values.indexOf(chosen[name]);
    return typeof chosen[name] === 'number' && values.length > 1 && (position === 0 || position === values.length - 1);
  });
  return { ...best.trial, image: best.image, atEdge, trials };
}
