/** Runs a job for a command: progress bar, log lines, Ctrl-C. */
import { EngineError } from '../../engine/errors.ts';
import { type RunOptions, runJob } from '../host/engine-client.ts';
import type { JobInput, JobName, JobOutput } from '../host/job-table.ts';
import type { DeviceName } from '../host/messages.ts';
import { type ProgressBar, progressBar, silentBar } from './progress-bar.ts';
import type { Terminal } from './terminal.ts';

export { removeTemporary } from '../host/remove-temporary.ts';

/** Signals that mean "stop now and leave nothing behind". */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface CommandRunOptions {
  device?: DeviceName;
  threads?: number;
  /** Show what the job writes to its standard streams: a benchmark prints its tables there. */
  relayOutput?: boolean;
  afterKill?: RunOptions['afterKill'];
  graceMs?: number;
  /** Said after Ctrl-C; by default that nothing was written. */
  cancelHint?: string;
}

export async function runJobFor<N extends JobName>(
  terminal: Terminal,
  name: N,
  input: JobInput<N>,
  options: CommandRunOptions = {},
): Promise<JobOutput<N>> {
  const shown = process.stderr.isTTY === true && !terminal.quiet;
  const bar: ProgressBar = shown ? progressBar(process.stderr) : silentBar;
  const abort = new AbortController();
  const stop = () => abort.abort();
  for (const signal of stopSignals) process.on(signal, stop);
  const { relayOutput = false, cancelHint = 'Nothing was written.', ...rest } = options;
  try {
    return await runJob(name, input, {
      ...rest,
      ...(relayOutput
        ? { onOutput: (stream, line) => (stream === 'stdout' ? terminal.print(line) : terminal.note(line)) }
        : {}),
      signal: abort.signal,
      onProgress: (event) => bar.update(event),
      onLog: (level, message) => {
        if (terminal.verbose || (level === 'warn' && !terminal.quiet))
          process.stderr.write(`${shown ? '\r\x1b[2K' : ''}${level}: ${message}\n`);
      },
    });
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'cancelled' && thrown.hint !== undefined) throw thrown;
    if (abort.signal.aborted) throw new EngineError('cancelled', 'cancelled', { hint: cancelHint });
    throw thrown;
  } finally {
    bar.finish();
    for (const signal of stopSignals) process.off(signal, stop);
  }
}
