/**
 * `tangent bench steps`: PSNR over the number of network evaluations, for the default preset and for sampling, and from
 * pure noise for contrast; every number beside 100-step DDS on the same data in the same run (steps-run.ts).
 */
import { z } from 'zod';
import { loadPrior } from '../../engine/prior/registry.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import { parseOptions } from './parse-options.ts';
import { pathIds } from './steps-paths.ts';
import { pooled, runSteps, type StepsCase } from './steps-run.ts';
import { openScenes } from './steps-scenes.ts';
import { formatSteps } from './steps-table.ts';

export const summary = 'PSNR over the number of network evaluations, beside 100-step DDS in the same run.';

export interface StepsReport {
  prior: { name: string; hash: string };
  cases: StepsCase[];
  /** Every case together, where there are several. */
  all?: StepsCase;
}

const words = z.string().transform((text) => text.split(',').map((word) => word.trim()));
const optionsSchema = z.object({
  input: z.string().optional(),
  scan: z.string().optional(),
  prior: z.string().default(defaultMriPrior),
  slices: z.coerce.number().int().min(1).default(2),
  cases: words.default(['r4']),
  reference: z.coerce.number().int().min(1).max(1000).default(100),
  samples: z.coerce.number().int().min(2).max(64).default(3),
  counts: words
    .transform((list) => list.map(Number))
    .pipe(z.array(z.int().min(1).max(1000)))
    .default([1, 2, 4, 6, 8, 12, 16, 25, 50]),
  paths: words.pipe(z.array(z.enum(pathIds))).default([...pathIds]),
});

/** Options: --input=FILE | --scan=FILE.npy, --cases=r4,r8,…|all, --slices=2, --reference=100, --samples=3, --counts, --paths, --prior. */
export async function run(args: readonly string[], context: BenchContext): Promise<StepsReport> {
  const options = parseOptions(optionsSchema, args);
  const { signal, threads, seed, note } = context;
  const engine = { signal, threads, device: await resolveDevice(context.device), progress: () => {}, log: () => {} };
  const { input, scan, slices, cases } = options;
  const choice = { slices, seed, ...(input ? { input } : {}), ...(scan ? { scan } : {}) };
  const all = cases.includes('all') || (scan !== undefined && cases.join() === 'r4');
  const groups = await openScenes({ ...choice, ...(all ? {} : { cases }) }, engine);
  const prior = await loadPrior(options.prior, { threads, device: engine.device });
  try {
    const found: StepsCase[] = [];
    for (const group of groups) {
      const result = await runSteps(group, { ...options, seed }, { prior, context: engine, note });
      context.print(`\n${formatSteps(result)}`);
      found.push(result);
    }
    const report = { prior: { name: prior.name, hash: prior.hash }, cases: found };
    if (found.length < 2) return report;
    const together = pooled(found);
    context.print(`\n${formatSteps(together)}`);
    return { ...report, all: together };
  } finally {
    await prior.dispose();
  }
}
