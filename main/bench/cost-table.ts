/** The cost benchmark as text. */
import { table } from '../cli/table.ts';
import { type CostReport, costParts, type Speed } from './cost-run.ts';

export function formatCost(report: CostReport): string {
  const { parts: times, total, other, network, ceiling, efficiency } = report;
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  const rows = [...costParts.map((part) => [part, times[part]] as const), ['total', total] as const].map(
    ([name, time]) => [name, percent(time.cpu / total.cpu), time.cpu.toFixed(2), time.wall.toFixed(2)],
  );
  const flops = (name: string, found: Speed | null) => [
    name,
    found ? (found.cpu / 1e9).toFixed(1) : '–',
    found ? (found.wall / 1e9).toFixed(1) : '–',
  ];
  return [
    `DDS, ${report.size}², ${report.coils} coils, ${report.evaluations} evaluations, ${report.threads} thread${report.threads === 1 ? '' : 's'}; median of ${report.runs}`,
    '',
    table(['part', 'share', 'CPU s', 'wall s'], rows),
    '',
    `everything but the network: ${percent(other.cpu)} of CPU time (${percent(other.wall)} of wall time)`,
    `bar: at most ${percent(other.bar)} of CPU time: ${other.pass ? 'pass' : 'FAIL'}`,
    '',
    table(
      ['GFLOP/s', 'per CPU second', 'by the wall'],
      [flops('network', network), flops('3×3 convolutions alone', ceiling)],
    ),
    '',
    efficiency === null
      ? 'The operations of this network are not known.'
      : `The network reaches ${percent(efficiency)} of the convolution ceiling.`,
  ].join('\n');
}
