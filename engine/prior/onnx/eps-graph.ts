/**
 * A network wrapped so that its graph takes x_t = √ᾱ_t x_0 + √(1−ᾱ_t) ε and the index t of a schedule and gives ε̂:
 * ε̂ = keep_t · x_t + network_t · F(inputFactor_t · x_t, time_t), the four numbers looked up by t (preconditioning.ts).
 */
import type { NetworkDescription } from '../graph.ts';
import { type Convention, precondition } from '../preconditioning.ts';
import { type ScheduleOptions, vpSchedule } from '../schedule.ts';
import type { OnnxBuilder } from './onnx-builder.ts';

/** One entry per time index 0 … steps−1. */
export interface EpsTables {
  inputFactor: number[];
  time: number[];
  keep: number[];
  network: number[];
}

/** Tables of a convention on a schedule. */
export function epsTables(convention: Convention, schedule: ScheduleOptions): EpsTables {
  const { level, steps } = vpSchedule(schedule);
  const rows = Array.from({ length: steps }, (_, t) => precondition(convention, level(t)));
  return {
    inputFactor: rows.map((r) => r.inputFactor),
    time: rows.map((r) => r.time),
    keep: rows.map((r) => r.keep),
    network: rows.map((r) => r.network),
  };
}

const int64 = 7;

/** Adds the wrapped network to `g`; t is float32 [batch] and rounded to the nearest index. Learned variance passes through. */
export function buildEps(network: NetworkDescription, g: OnnxBuilder, x: string, t: string, tables: EpsTables): string {
  const one = (...args: Parameters<OnnxBuilder['node']>) => g.node(...args)[0];
  const index = one('Cast', [one('Round', [t])], { to: int64 });
  const rowOf = (values: readonly number[]) => one('Gather', [g.constant('float', [values.length], values), index]);
  const axes = g.constant('int64', [3], [1, 2, 3]);
  const scaled = (image: string, values: readonly number[]) =>
    one('Mul', [image, one('Unsqueeze', [rowOf(values), axes])]);
  let output = network.build(g, scaled(x, tables.inputFactor), rowOf(tables.time));
  let variance: string | undefined;
  if (network.outputs > network.inputs) {
    const sizes = g.constant('int64', [2], [network.inputs, network.outputs - network.inputs]);
    [output, variance] = g.node('Split', [output, sizes], { axis: 1 }, 2);
  }
  const noise = one('Add', [scaled(x, tables.keep), scaled(output, tables.network)]);
  return variance === undefined ? noise : one('Concat', [noise, variance], { axis: 1 });
}
