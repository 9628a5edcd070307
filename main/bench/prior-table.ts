/** The prior benchmark as text. */
import { table } from '../cli/table.ts';
import type { PriorReport } from './prior.ts';

export function formatPrior({ prior, size, threads, runs, rows, largest, pytorch, ratio }: PriorReport): string {
  const ms = (seconds: number) => (1000 * seconds).toFixed(1);
  const lines = [
    `${prior}, one evaluation of ${size.join('×')}, ${threads} thread${threads === 1 ? '' : 's'}; ${runs} runs in turns, milliseconds`,
    '',
    table(
      ['', 'wall', 'least', 'CPU', 'least', 'largest difference'],
      rows.map(({ name, median, least, difference }) => [
        name,
        ...[median.wall, least.wall, median.cpu, least.cpu].map(ms),
        difference.toExponential(1),
      ]),
    ),
    '',
    `Medians; differences are from the plain graph, whose largest number is ${largest.toPrecision(3)}.`,
  ];
  if ('missing' in pytorch || ratio === null)
    lines.push(`PyTorch was left out: ${'missing' in pytorch ? pytorch.missing : 'nothing to compare'}`);
  else {
    for (const [way, reason] of Object.entries(pytorch.failed))
      lines.push(`PyTorch ${way} does not work here: ${reason}`);
    lines.push(
      `${ratio.wall.toFixed(2)} times as fast as ${pytorch.best} ${pytorch.version} by the wall, ${ratio.cpu.toFixed(2)} times by CPU time`,
      `bar: at least ${ratio.bar} by the wall: ${ratio.pass ? 'pass' : 'FAIL'}`,
    );
  }
  return lines.join('\n');
}
