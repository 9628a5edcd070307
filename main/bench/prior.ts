/**
 * `tangent bench prior`: one evaluation of a prior's network on the CPU beside PyTorch with the same weights, input and
 * threads, in turns. PyTorch runs in every way that works here (eager, channels-last, oneDNN-fused TorchScript,
 * torch.compile with frozen weights); the ratio is to the fastest of those that compute in float32.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../engine/arrays/random.ts';
import { median } from '../../engine/arrays/statistics.ts';
import { EngineError } from '../../engine/errors.ts';
import { openPriorNetwork } from '../../engine/prior/load-prior.ts';
import { loadManifest } from '../../engine/prior/registry.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { startClock, type Time } from './cost-clock.ts';
import { openPeer, type Peer } from './prior-peer.ts';
import { formatPrior } from './prior-table.ts';

export const summary = "A prior's network on the CPU beside PyTorch with the same weights, as a ratio.";

/** Times faster than PyTorch that is aimed at. */
export const priorBar = 1.3;

export interface PriorRow {
  name: string;
  /** Seconds. */
  median: Time;
  least: Time;
  /** Largest difference from the plain graph in ONNX Runtime, and the largest number there is. */
  difference: number;
}

export interface PriorReport {
  prior: string;
  size: readonly [number, number];
  threads: number;
  runs: number;
  largest: number;
  rows: PriorRow[];
  pytorch: { version: string; failed: Record<string, string>; best: string } | { missing: string };
  /** Of the fastest float32 way of PyTorch to ours: wall seconds and CPU seconds, medians. */
  ratio: { wall: number; cpu: number; bar: number; pass: boolean } | null;
}

interface Contender {
  name: string;
  float32: boolean;
  peer: boolean;
  measure(): Promise<Time>;
  output(): Promise<Float32Array>;
}

/** Options: --prior=NAME --size=256 --runs=15 --python=PATH. */
export async function run(args: readonly string[], context: BenchContext): Promise<PriorReport> {
  const values = parse(args);
  const { manifest, folder } = await loadManifest(values.prior);
  const { threads } = context;
  const runs = count('runs', values.runs, 1, 1000);
  const asked = count('size', values.size, 8, 4096);
  const open = async (graph: 'fast' | 'plain') =>
    openPriorNetwork(values.prior, { device: 'cpu', threads, graph, warn: context.note });
  const [fast, plain] = [await open('fast'), await open('plain')];
  const size = Math.ceil(asked / fast.multiple) * fast.multiple;
  const shape = [1, manifest.channels, size, size] as const;
  const random = createRandom(context.seed);
  const x = Float32Array.from({ length: manifest.channels * size * size }, () => random.normal());
  // ln(σ)/4 of σ = 0.3 for networks that take it; any time costs the same.
  const time = manifest.timeInput === 'index' ? 300 : -0.3;
  const own = (name: string, { session }: typeof fast): Contender => {
    const evaluate = () => session.run(x, shape, Float32Array.of(time));
    return {
      ...{ name, float32: true, peer: false },
      measure: async () => {
        const clock = startClock();
        await evaluate();
        return clock();
      },
      output: async () => (await evaluate()).data,
    };
  };
  const contenders = [own('tangent', fast), own('tangent, plain graph', plain)];
  const { architecture } = manifest;
  context.note('starting PyTorch; compiling takes a minute');
  const peer =
    architecture.kind === 'film-resunet'
      ? await openPeer({
          ...{ python: values.python, weights: join(folder, manifest.weights.file), architecture },
          ...{ x, shape, time, threads },
        })
      : { missing: `there is no PyTorch form of ${architecture.kind} networks here` };
  try {
    if ('ways' in peer) contenders.push(...peer.ways.map((way) => ofPeer(peer, way)));
    const { rows, largest } = await race(contenders, runs, context);
    const report: PriorReport = {
      ...{ prior: manifest.id, size: [size, size], threads, runs, largest, rows },
      ...compare(rows, contenders, peer),
    };
    context.print(formatPrior(report));
    return report;
  } finally {
    await fast.session.release();
    await plain.session.release();
    if ('close' in peer) await peer.close();
  }
}

function ofPeer(peer: Peer, way: string): Contender {
  return {
    ...{ name: `PyTorch ${way}`, float32: way !== 'bfloat16', peer: true },
    measure: () => peer.run(way),
    output: () => peer.output(way),
  };
}

/** All contenders in turns, so that what else the machine does meets all of them. */
async function race(
  contenders: readonly Contender[],
  runs: number,
  context: BenchContext,
): Promise<{ rows: PriorRow[]; largest: number }> {
  const outputs: Float32Array[] = [];
  for (const contender of contenders) outputs.push(await contender.output());
  const times = contenders.map((): Time[] => []);
  for (let i = 0; i < runs; i++)
    for (const [k, contender] of contenders.entries()) {
      context.signal.throwIfAborted();
      times[k].push(await contender.measure());
    }
  const reference = outputs[1];
  const rows = contenders.map(({ name }, k) => {
    const of = (kind: keyof Time) => Float64Array.from(times[k], (time) => time[kind]);
    return {
      name,
      median: { wall: median(of('wall')), cpu: median(of('cpu')) },
      least: { wall: Math.min(...of('wall')), cpu: Math.min(...of('cpu')) },
      difference: outputs[k].reduce((worst, v, i) => Math.max(worst, Math.abs(v - reference[i])), 0),
    };
  });
  return { rows, largest: reference.reduce((worst, v) => Math.max(worst, Math.abs(v)), 0) };
}

function compare(
  rows: readonly PriorRow[],
  contenders: readonly Contender[],
  peer: Peer | { missing: string },
): Pick<PriorReport, 'pytorch' | 'ratio'> {
  if ('missing' in peer) return { pytorch: peer, ratio: null };
  const theirs = rows.filter((_, k) => contenders[k].peer && contenders[k].float32);
  const { version, failed } = peer;
  if (theirs.length === 0) return { pytorch: { missing: 'no way of PyTorch to evaluate works here' }, ratio: null };
  const best = theirs.reduce((a, b) => (b.median.wall < a.median.wall ? b : a));
  const of = (kind: keyof Time) => best.median[kind] / rows[0].median[kind];
  return {
    pytorch: { version, failed, best: best.name },
    ratio: { wall: of('wall'), cpu: of('cpu'), bar: priorBar, pass: of('wall') >= priorBar },
  };
}

function parse(args: readonly string[]) {
  const text = (standard: string) => ({ type: 'string', default: standard }) as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ prior: text(defaultMriPrior), size: text('256'), runs: text('15') },
        python: text(process.env.TANGENT_PYTHON ?? 'python3'),
      },
    }).values;
  } catch (cause) {
    throw new EngineError('bad-usage', cause instanceof Error ? cause.message : String(cause), {
      hint: 'Options: --prior, --size, --runs, --python.',
      cause,
    });
  }
}

function count(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new EngineError('bad-usage', `--${name} is "${text}", expected a whole number from ${least} to ${most}`, {
    path: `--${name}`,
  });
}
