/** What a batch says: an event per line while it runs, and a table or one JSON value at its end. */
import { type BatchScan, batchFigures } from '../../../queue/run-batch.ts';
import { type ProgressBar, progressBar, silentBar } from '../../progress-bar.ts';
import { short, table } from '../../table.ts';
import type { Terminal } from '../../terminal.ts';

function record(row: BatchScan) {
  const { files, name, state, seconds, folder, error } = row;
  const input = files.length === 1 ? files[0] : `${files[0]} (${files.length} files)`;
  return { input, name, state, folder, seconds, ...batchFigures(row), error };
}

export interface BatchReport {
  changed(row: BatchScan): void;
  finish(): void;
}

export function batchReport(terminal: Terminal, rows: readonly BatchScan[]): BatchReport {
  const shown = process.stderr.isTTY === true && !terminal.quiet && !terminal.json;
  const bar: ProgressBar = shown ? progressBar(process.stderr) : silentBar;
  const told = new Map<BatchScan, BatchScan['state']>();
  const say = (line: string) => {
    if (!terminal.quiet) process.stderr.write(`${shown ? '\r\x1b[2K' : ''}${line}\n`);
  };
  return {
    changed: (row) => {
      const known = told.get(row);
      if (known !== row.state) {
        told.set(row, row.state);
        if (terminal.json) {
          const event = known === undefined && row.state === 'waiting' ? 'found' : row.state;
          const { input, folder, seconds, error } = record(row);
          say(JSON.stringify({ event, index: row.index, input, folder, seconds, error }));
        } else if (row.state === 'failed') say(`${row.name}: ${row.error?.message ?? 'failed'}`);
        else if (row.state === 'done') say(`${row.name}: done in ${short(row.seconds ?? 0)} s`);
      }
      const ended = rows.filter(({ state }) => state !== 'waiting' && state !== 'running').length;
      const fraction = rows.reduce((sum, one) => sum + one.fraction, 0) / Math.max(1, rows.length);
      bar.update({ fraction, stage: row.name, step: { index: ended, count: rows.length } });
    },
    finish: () => bar.finish(),
  };
}

export function printBatch(terminal: Terminal, out: string, rows: readonly BatchScan[]): void {
  const count = (state: BatchScan['state']) => rows.filter((row) => row.state === state).length;
  const cell = (value: number | null) => (value === null ? '–' : short(value));
  terminal.print(
    table(
      ['scan', 'state', 'seconds', 'PSNR dB', 'residual', 'result, or what is wrong'],
      rows.map((row) => {
        const { name, state, seconds, psnr, residual, error, folder } = record(row);
        const last = error === null ? (folder ?? '–') : `${error.message}. ${error.hint ?? ''}`.trim();
        return [name, state, cell(seconds), cell(psnr), cell(residual), last];
      }),
      ['left', 'left', 'right', 'right', 'right', 'left'],
    ),
  );
  terminal.print(`\n${count('done')} done, ${count('failed')} failed, ${count('skipped')} skipped`);
  const totals = { scans: rows.length, done: count('done'), failed: count('failed'), skipped: count('skipped') };
  terminal.result({ out, ...totals, waiting: count('waiting'), results: rows.map(record) });
}
