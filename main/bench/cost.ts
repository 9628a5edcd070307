/** `tangent bench cost`: shares of a DDS run, and its network beside the convolution ceiling (cost-run.ts). */
import { parseArgs } from 'node:util';
import { EngineError } from '../../engine/errors.ts';
import { describeNetwork } from '../../engine/prior/architectures/architecture.ts';
import { loadManifest, loadPrior } from '../../engine/prior/registry.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { benchCost, type CostReport } from './cost-run.ts';
import { formatCost } from './cost-table.ts';

export const summary = 'Shares of a DDS run on the CPU, and the FLOP/s of its network beside a convolution ceiling.';

/** Options: --size=256 --coils=8 --runs=3 --steps=N --prior=NAME. */
export async function run(args: readonly string[], context: BenchContext): Promise<CostReport> {
  const values = parse(args);
  const { manifest } = await loadManifest(values.prior);
  const network = manifest.architecture.kind === 'onnx' ? undefined : describeNetwork(manifest.architecture);
  const { signal, threads } = context;
  const report = await benchCost(
    {
      size: count('size', values.size, 32),
      coils: count('coils', values.coils, 1),
      runs: count('runs', values.runs, 1),
      ...(values.steps === undefined ? {} : { steps: count('steps', values.steps, 2) }),
      seed: context.seed,
      ceiling: { channels: 128, size: 80, layers: 12 },
      loadPrior: () => loadPrior(values.prior, { threads, device: 'cpu' }),
      ...(network ? { network } : {}),
    },
    { signal, progress: () => {}, log: () => {}, device: 'cpu', threads },
    context.note,
  );
  context.print(formatCost(report));
  return report;
}

function parse(args: readonly string[]) {
  const text = (standard: string) => ({ type: 'string', default: standard }) as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ size: text('256'), coils: text('8'), runs: text('3'), prior: text(defaultMriPrior) },
        steps: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    throw new EngineError('bad-usage', cause instanceof Error ? cause.message : String(cause), {
      hint: 'Options: --size, --coils, --runs, --steps, --prior.',
      cause,
    });
  }
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= 4096) return value;
  throw new EngineError('bad-usage', `--${name} is "${text}", expected a whole number from ${least} to 4096`, {
    path: `--${name}`,
  });
}
