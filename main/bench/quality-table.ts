/** The quality benchmark as text that fits 80 columns. */
import { table } from '../cli/table.ts';
import type { CaseResult, ScoredRow } from './quality-cases.ts';
import type { ScanResult } from './quality-scan.ts';
import type { Estimate, JudgedBar } from './quality-statistics.ts';

const lineWidth = 80;

/** "28.71 ± 0.31"; the error is left out where there is only one value. */
export function withError({ mean, standardError }: Estimate, digits: number, sign = false): string {
  const value = `${sign && mean >= 0 ? '+' : ''}${mean.toFixed(digits)}`;
  return standardError === null ? value : `${value} ± ${standardError.toFixed(digits)}`;
}

export function formatCase({ title, acquisition, slices, methods, bars }: CaseResult): string {
  const rows = methods.map((row) => [
    row.id,
    withError(row.summary.psnr, 2),
    withError(row.summary.ssim, 3),
    withError(row.summary.nmse, 4),
    row.gain ? withError(row.gain, 2, true) : '–',
  ]);
  return [
    title,
    ...wrap(
      `${slices.length} slices (${slices.join(' ')}), 1 in ${acquisition.measuredAcceleration.toFixed(2)} measured, mean ± standard error`,
    ),
    '',
    table(['method', 'PSNR dB', 'SSIM', 'NMSE', 'DDS gain dB'], rows),
    ...endOf(methods, bars),
  ].join('\n');
}

export function formatScan({ mask, maps, measuredAcceleration, methods, bars }: ScanResult): string {
  const rows = methods.map(({ id, summary, gain }) => [
    id,
    withError(summary.psnr, 2),
    withError(summary.ssim, 3),
    withError(summary.nmse, 4),
    gain ? withError(gain, 2, true) : '–',
  ]);
  return [
    `${mask}${maps === 'reference' ? ' (ref maps)' : ''}, 1 in ${measuredAcceleration.toFixed(2)} measured`,
    '',
    table(['method', 'PSNR dB', 'SSIM', 'NMSE', 'DDS gain dB'], rows),
    ...endOf(methods, bars),
  ].join('\n');
}

function endOf(methods: readonly ScoredRow[], bars: readonly JudgedBar[]): string[] {
  const lines = ['', 'Settings (baselines: the best found on these slices):'];
  for (const { id, setting, tuning, tunedOn = 0, bySlice } of methods) {
    const named = Object.entries(setting).map(([name, value]) => `${name} ${shown(value)}`);
    const edge = tuning && tuning.atEdge.length > 0 ? ` [search cut short in ${tuning.atEdge.join(', ')}]` : '';
    const part = tuning && tunedOn < bySlice.length ? ` (chosen on ${tunedOn} of them)` : '';
    if (named.length > 0) lines.push(...wrap(`  ${id}: ${named.join(', ')}${part}${edge}`, '    '));
  }
  if (bars.length > 0) lines.push('', formatBars(bars));
  return lines;
}

function formatBars(bars: readonly JudgedBar[]): string {
  const rows = bars.map(({ what, least, found, pass }) => [
    what,
    found ? `${withError(found, 2)} dB` : 'not measured',
    `${least.toFixed(1)} dB`,
    pass === null ? '–' : pass ? 'pass' : 'FAIL',
  ]);
  return table(['bar', 'found', 'at least', 'verdict'], rows);
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
}

/** Lines of at most 80 columns; all but the first are indented. */
export function wrap(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== '' && line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
