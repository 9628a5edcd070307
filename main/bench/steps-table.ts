/** The curves of PSNR over evaluations as text that fits 80 columns. */
import { table } from '../cli/table.ts';
import { withError } from './quality-table.ts';
import type { PathCurve, Point, StepsCase } from './steps-run.ts';
import { tolerance } from './steps-run.ts';

export function formatSteps({ title, references, curves }: StepsCase): string {
  const [sample, mean] = references;
  const rows = (points: readonly Point[]) =>
    points.map(({ label, evaluations, psnr, cpuSecondsPerSlice }) => [
      label,
      evaluations.toFixed(0),
      withError(psnr, 2),
      signed(psnr.mean - sample.psnr.mean),
      signed(psnr.mean - mean.psnr.mean),
      cpuSecondsPerSlice.toFixed(1),
    ]);
  const header = ['steps', 'evaluations', 'PSNR dB', 'to 1 sample', 'to the mean', 'CPU-s/slice'];
  return [
    title,
    '',
    table(header, [...rows(references), ...curves.flatMap(({ points }) => rows(points))]),
    '',
    ...curves.map((curve) => verdict(curve, sample, mean)),
  ].join('\n');
}

function verdict({ id, points, fewest }: PathCurve, sample: Point, mean: Point): string {
  const said = (count: number | null) => (count === null ? 'never' : count.toFixed(0));
  const own = points.at(-1)?.label ?? id;
  return [
    `${id}: evaluations to come within ${tolerance} dB of`,
    `  ${sample.label} (${sample.evaluations.toFixed(0)}): ${said(fewest.sample)};`,
    `  ${mean.label} (${mean.evaluations.toFixed(0)}): ${said(fewest.mean)}; ${own}: ${said(fewest.own)}`,
  ].join('\n');
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`;
}
