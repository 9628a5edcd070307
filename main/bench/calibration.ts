/**
 * `tangent bench calibration`: coverage of mean ± 1, 2, 3 standard deviations on held-out data, for sampling as
 * `reconstruct --samples K` does it and for the preset `posterior`; --dds key=value adds a row with those settings.
 */
import { z } from 'zod';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { EngineError } from '../../engine/errors.ts';
import { loadPrior } from '../../engine/prior/registry.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { table } from '../cli/table.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import { type CalibrationRow, type CalibrationSetting, normalShares, runCalibration } from './calibration-run.ts';
import { parseOptions } from './parse-options.ts';
import { openScenes } from './steps-scenes.ts';

export const summary = 'Does the spread of the samples tell the error? Coverage on held-out data.';

export interface CalibrationReport {
  prior: { name: string; hash: string };
  cases: { id: string; title: string; rows: CalibrationRow[] }[];
}

const words = z.string().transform((text) => text.split(',').map((word) => word.trim()));
const optionsSchema = z.object({
  input: z.string().optional(),
  scan: z.string().optional(),
  prior: z.string().default(defaultMriPrior),
  slices: z.coerce.number().int().min(1).default(2),
  cases: words.optional(),
  samples: z.coerce.number().int().min(2).max(256).default(8),
  presets: words.pipe(z.array(z.enum(['posterior', 'quality']))).default(['quality', 'posterior']),
  dds: z.array(z.string()).default([]),
});

/** Options: --input=FILE | --scan=FILE.npy, --cases=r4,…, --slices=2, --samples=8, --presets, --dds=key=value,… (a row each). */
export async function run(args: readonly string[], context: BenchContext): Promise<CalibrationReport> {
  const options = parseOptions(optionsSchema, args, ['dds']);
  const { signal, threads, seed, note } = context;
  const engine = { signal, threads, device: await resolveDevice(context.device), progress: () => {}, log: () => {} };
  const { input, scan, slices, cases, samples } = options;
  const chosen = cases ?? (scan === undefined ? ['r4', 'r8'] : undefined);
  const groups = await openScenes(
    { slices, seed, ...(input ? { input } : {}), ...(scan ? { scan } : {}), ...(chosen ? { cases: chosen } : {}) },
    engine,
  );
  const common = { samples, seed, sigmaY: 'auto' } as const;
  const settings: CalibrationSetting[] = [
    ...options.presets.map((preset) => ({ label: preset, input: { ...common, preset } })),
    ...options.dds.map((text) => ({ label: text, input: { ...common, ...ownSettings(text) } as DdsInput })),
  ];
  const prior = await loadPrior(options.prior, { threads, device: engine.device });
  try {
    const found: CalibrationReport['cases'] = [];
    for (const group of groups) {
      const rows: CalibrationRow[] = [];
      for (const setting of settings) {
        const row = await runCalibration(group, setting, prior, engine);
        note(`${group.id}: ${row.label}: ratio ${row.ratio.toFixed(2)}`);
        rows.push(row);
      }
      context.print(`\n${group.title}\n\n${formatCalibration(rows)}`);
      found.push({ id: group.id, title: group.title, rows });
    }
    return { prior: { name: prior.name, hash: prior.hash }, cases: found };
  } finally {
    await prior.dispose();
  }
}

export function formatCalibration(rows: readonly CalibrationRow[]): string {
  const shares = (values: readonly number[]) => values.map((value) => (100 * value).toFixed(1)).join(' / ');
  return rows
    .map(({ label, samples, evaluations, factor, psnr, coverage, perfect, widening, ratio, commonShare }) =>
      [
        `${label}: ${samples} samples, ${evaluations} evaluations, ${psnr.mean.toFixed(2)} dB (one sample ${psnr.sample.toFixed(2)})`,
        `  error over spread ${ratio.toFixed(2)}${factor === 1 ? '' : ` (widened ${factor} times)`}; common to all samples: ${(100 * commonShare).toFixed(0)} % of the squared error`,
        `  the magnitude's spread would have to be ${widening.map((value) => value.toFixed(2)).join(' / ')} times as wide`,
        table(
          ['  within 1, 2, 3 standard deviations', '%'],
          [
            ['  of the real and imaginary parts', shares(coverage.component)],
            ['  of the magnitude', shares(coverage.magnitude)],
            ['  of the magnitude, by the spread of magnitudes', shares(coverage.own)],
            [`  perfect, with ${samples} samples`, shares(perfect)],
            ['  perfect, with many', shares(normalShares)],
          ],
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

/** "eta=0.5,steps=50" → { eta: 0.5, steps: 50 }. */
function ownSettings(text: string): Record<string, unknown> {
  return Object.fromEntries(
    text.split(',').map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new EngineError('bad-usage', `"${word}" is not key=value`, { path: '--dds' });
      const value = word.slice(at + 1);
      const number = Number(value);
      return [word.slice(0, at), value.trim() !== '' && Number.isFinite(number) ? number : value];
    }),
  );
}
