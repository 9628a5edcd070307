/** The CT quality benchmark as text that fits 80 columns. */
import { short, table } from '../cli/table.ts';
import type { CtRow } from './quality-ct-baseline.ts';
import type { CtCase } from './quality-ct-cases.ts';
import { type JudgedBar, judge, pairedGain, summary } from './quality-statistics.ts';
import { withError, wrap } from './quality-table.ts';

export interface CtCaseResult {
  id: string;
  title: string;
  slices: number;
  methods: CtRow[];
  bars: JudgedBar[];
}

export function judgeCt({ bars }: CtCase, rows: readonly CtRow[]): JudgedBar[] {
  const dds = rows.find(({ id }) => id === 'dds');
  return bars.map(({ over, least }) => {
    const other = rows.find(({ id }) => id === over);
    const gain = dds && other ? pairedGain(dds.bySlice, other.bySlice) : null;
    return judge({ what: `dds over ${over}`, least }, gain);
  });
}

export function formatCtCase({ title, slices, methods, bars }: CtCaseResult): string {
  const dds = methods.find(({ id }) => id === 'dds');
  const rows = methods.map((row) => {
    const { psnr, ssim } = summary(row.bySlice);
    const gain = dds && row !== dds ? withError(pairedGain(dds.bySlice, row.bySlice), 2, true) : '–';
    const { run, tune } = row.cpuSeconds;
    return [row.id, withError(psnr, 2), withError(ssim, 4), gain, `${run.toFixed(0)} + ${tune.toFixed(0)}`];
  });
  return [
    `${title}, ${slices} slices, mean ± standard error`,
    '',
    table(['method', 'PSNR dB', 'SSIM', 'DDS gain dB', 'CPU-s'], rows),
    '',
    ...methods.flatMap((row) => wrap(settingLine(row), '    ')),
    ...(bars.length > 0 ? ['', ...bars.map(barLine)] : []),
  ].join('\n');
}

function settingLine({ id, setting, tuning, tunedOn, convergence }: CtRow): string {
  const named = Object.entries(setting).map(([name, value]) =>
    typeof value === 'number' ? `${name} ${short(value)}` : `${name} ${value}`,
  );
  const trials = tuning ? ` (best of ${tuning.trials} tried on ${tunedOn} slices)` : '';
  const edge = tuning && tuning.atEdge.length > 0 ? ` [at the edge of its grid: ${tuning.atEdge.join(', ')}]` : '';
  const end = convergence
    ? `; ${convergence.iterations} iterations, residual ${convergence.residual.toExponential(0)}`
    : '';
  return `  ${id}: ${named.join(', ')}${trials}${end}${edge}`;
}

function barLine({ what, least, found, pass }: JudgedBar): string {
  const figure = found ? `${withError(found, 2, true)} dB` : 'not measured';
  const verdict = pass === null ? '–' : pass ? 'pass' : 'MISSED';
  return `  ${what}: ${figure}, at least ${least.toFixed(1)} dB: ${verdict}`;
}

/** All cases at a glance: mean PSNR by method. */
export function formatCtOverview(results: readonly CtCaseResult[], methods: readonly string[]): string {
  const rows = results.map(({ id, methods: found }) => [
    id,
    ...methods.map((method) => {
      const row = found.find((one) => one.id === method);
      return row ? summary(row.bySlice).psnr.mean.toFixed(2) : '–';
    }),
  ]);
  return table(['mean PSNR, dB', ...methods], rows);
}
