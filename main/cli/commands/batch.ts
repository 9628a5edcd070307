/** `tangent batch INPUT… --out DIR`: every scan found to a result folder of its own. */
import { EngineError, type ErrorCode } from '../../../engine/errors.ts';
import { checkMethod } from '../../../engine/recon/pipeline.ts';
import { type BatchScan, runBatch } from '../../queue/run-batch.ts';
import { openQueue } from '../../queue/work-queue.ts';
import { command } from '../command.ts';
import { expandInputs } from './batch/inputs.ts';
import { batchOptions, oneScan, readPreset } from './batch/options.ts';
import { batchReport, printBatch } from './batch/report.ts';
import { jobSettings } from './reconstruct.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const someFailed = 3;

function endOf(rows: readonly BatchScan[], sharded: boolean): number {
  if (rows.length === 0 && !sharded)
    throw new EngineError('bad-input', 'no scans were found', { path: 'INPUT', hint: 'See tangent info FILE.' });
  const failed = rows.filter(({ state }) => state === 'failed');
  const [only] = failed;
  if (rows.length > 1) return failed.length > 0 ? someFailed : 0;
  if (only?.error == null) return 0;
  const { code, message, hint, path } = only.error;
  throw new EngineError(code as ErrorCode, message, { hint: hint ?? undefined, path: path ?? undefined });
}

export const batch = command({
  name: 'batch',
  usage: 'INPUT… --out DIR [options]',
  description:
    'Reconstructs every scan found, each into a folder of its own that is named by a hash. Exit code 3: some failed. Options as of tangent reconstruct hold for every scan; images need simulation options.',
  positionals: [
    {
      name: 'INPUT',
      description: 'Files, folders, patterns in quotes, or - for a list on standard input.',
      required: true,
      many: true,
    },
  ],
  options: batchOptions,
  examples: [
    'tangent batch scans/ --out results --resume',
    'tangent batch "day*/*.h5" --out results --preset settings.json --json',
    'tangent batch series/ --out results --accel 4 --shard $SLURM_ARRAY_TASK_ID/16',
  ],
  run: async ({ options: given, positionals }, terminal) => {
    const queue = openQueue(given.queue);
    if (given.resume && given.force)
      throw new EngineError('bad-usage', '--resume and --force exclude each other', { path: '--force' });
    if (given.maps !== undefined && given.maps !== 'estimate')
      throw new EngineError('bad-usage', 'one file of maps cannot fit many scans', {
        path: '--maps',
        hint: 'Write --maps estimate, or leave it out.',
      });
    const each = oneScan(given, given.preset === undefined ? {} : await readPreset(given.preset));
    const settings = jobSettings(each);
    checkMethod(settings.method);
    const inputs = await expandInputs(positionals, process.stdin);
    const abort = new AbortController();
    const stop = () => abort.abort();
    for (const signal of stopSignals) process.on(signal, stop);
    const rows: BatchScan[] = [];
    const report = batchReport(terminal, rows);
    try {
      await runBatch(
        {
          ...{ inputs, settings, queue, signal: abort.signal, changed: report.changed },
          ...{ out: given.out, resume: given.resume, force: given.force, watch: given.watch },
          ...{ concurrency: given.concurrency, dryRun: given['dry-run'], shard: given.shard },
          ...{ device: each.device, threads: each.threads },
        },
        rows,
      );
    } catch (thrown) {
      if (!abort.signal.aborted) throw thrown;
      throw new EngineError('cancelled', 'cancelled', { hint: 'Finished results stay; --resume goes on after them.' });
    } finally {
      report.finish();
      for (const signal of stopSignals) process.off(signal, stop);
    }
    const code = endOf(rows, given.shard !== undefined);
    printBatch(terminal, given.out, rows);
    return code;
  },
});
