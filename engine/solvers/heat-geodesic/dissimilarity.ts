/** From heat to distances: d² = −4 t (log H_ij + σ log V_ij), V_ij = 2/(H_ii + H_jj), and what is done to d afterwards. */
import { type RunContext, subContext } from '../../context.ts';
import { entropyOf } from './diffusion-time.ts';
import { type HeatOperator, heatKernel } from './heat-kernel.ts';
import type { HeatParameters } from './manifest.ts';
import { rowDistances } from './row-distances.ts';

/** Keeps the logarithm finite; entries below it say no more than "far". */
const floor = 1e-16;

export interface HeatDissimilarity {
  /** Symmetric [n, n], zero diagonal. */
  values: Float64Array;
  /** Share of pairs within components whose heat lies under the floor. */
  saturated: number;
  /** Of the (last) kernel. */
  order: number;
  /** The kernel, averaged over times with the weights of d; after truncation. */
  heat: Float64Array;
  /** Of the kernel at each time, before truncation. */
  entropy: number[];
}

/** d of one kernel; pairs across components hold what the floor gives. */
export function heatDistances(
  heat: Float64Array,
  n: number,
  t: number,
  volumeTerm: number,
  scale: number,
): Float64Array {
  const d = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const volume = 2 / (heat[i * n + i] + heat[j * n + j]);
      const squared = -4 * t * Math.log(Math.max(heat[i * n + j], 0) + floor) - volumeTerm * 4 * t * Math.log(volume);
      const distance = Math.max(0, squared) ** (scale / 2);
      d[i * n + j] = distance;
      d[j * n + i] = distance;
    }
  return d;
}

export function timesOf({ nTau, tauMin, tauMax }: Pick<HeatParameters, 'nTau' | 'tauMin' | 'tauMax'>): number[] {
  return Array.from({ length: nTau }, (_, m) => tauMin * (tauMax / tauMin) ** (m / (nTau - 1)));
}

/** Σ w_t d_t over the times, w_t ∝ 1 − t/Σt; `label` numbers the components. */
export async function heatDissimilarity(
  operator: HeatOperator,
  label: Int32Array,
  times: readonly number[],
  parameters: HeatParameters,
  context: RunContext,
): Promise<HeatDissimilarity> {
  const n = operator.matrix.rows;
  const { volumeTerm, scale, truncation, truncationArg } = parameters;
  const total = times.reduce((sum, t) => sum + t, 0);
  const shares = times.length === 1 ? [1] : times.map((t) => (1 - t / total) / (times.length - 1));
  let sum: Pick<HeatDissimilarity, 'values' | 'heat'> | undefined;
  let [low, pairs, order] = [0, 0, 0];
  const entropy: number[] = [];
  for (const [m, t] of times.entries()) {
    const part = subContext(context, m / times.length, (m + 1) / times.length);
    const kernel = await heatKernel(operator, t, parameters, part);
    const heat = kernel.values;
    order = kernel.order;
    entropy.push(entropyOf(heat));
    if (truncation === 'heat') clearBelow(heat, truncationArg);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) {
        if (label[i] !== label[j]) continue;
        pairs++;
        if (!(heat[i * n + j] > floor)) low++;
      }
    const values = heatDistances(heat, n, t, volumeTerm, scale);
    if (times.length === 1) {
      sum = { values, heat };
      break;
    }
    sum ??= { values: new Float64Array(n * n), heat: new Float64Array(n * n) };
    for (let i = 0; i < values.length; i++) {
      sum.values[i] += shares[m] * values[i];
      sum.heat[i] += shares[m] * heat[i];
    }
  }
  const { values, heat } = sum ?? { values: new Float64Array(n * n), heat: new Float64Array(n * n) };
  return { values, heat, order, entropy, saturated: pairs === 0 ? 0 : low / pairs };
}

function clearBelow(heat: Float64Array, share: number): void {
  let largest = 0;
  for (const value of heat) largest = Math.max(largest, value);
  for (let i = 0; i < heat.length; i++) if (heat[i] < share * largest) heat[i] = 0;
}

/** Distances across components ← 1.1 × the largest within one. */
export function bridgeComponents(d: Float64Array, label: Int32Array): void {
  const n = label.length;
  let largest = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      if (label[i] === label[j] && Number.isFinite(d[i * n + j])) largest = Math.max(largest, d[i * n + j]);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (label[i] !== label[j]) d[i * n + j] = 1.1 * largest;
}

/** d ← (1 − ρ) d + ρ (distances between the rows of d), then distances capped above a quantile or cleared below it. */
export async function refined(
  d: Float64Array,
  n: number,
  { denoise, truncation, truncationArg }: Pick<HeatParameters, 'denoise' | 'truncation' | 'truncationArg'>,
  context: RunContext,
): Promise<Float64Array> {
  if (denoise > 0) {
    const between = await rowDistances(d, n, n, context);
    for (let i = 0; i < d.length; i++) d[i] = (1 - denoise) * d[i] + denoise * between[i];
  }
  if (truncation === 'distMax' || truncation === 'distMin') {
    const level = offDiagonalQuantile(d, n, truncationArg);
    for (let i = 0; i < d.length; i++)
      if (truncation === 'distMax') d[i] = Math.min(d[i], level);
      else if (d[i] < level) d[i] = 0;
  }
  return d;
}

/** Of the pairs i < j, linear between order statistics. */
function offDiagonalQuantile(d: Float64Array, n: number, quantile: number): number {
  const pairs = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < i; j++, at++) pairs[at] = d[i * n + j];
  pairs.sort();
  const place = quantile * (pairs.length - 1);
  const below = Math.floor(place);
  return pairs[below] + (place - below) * (pairs[Math.min(below + 1, pairs.length - 1)] - pairs[below]);
}
