/**
 * Runs one job in an engine process of its own (spawn-engine.ts) and hands back its result. A crash of that process
 * becomes an error with its last log lines; cancelling asks first and kills after a grace time.
 */
import { availableParallelism } from 'node:os';
import type { Progress } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import type { JobInput, JobName, JobOutput } from './job-table.ts';
import { type DeviceName, fromEngineMessage, type ToEngineMessage } from './messages.ts';
import { type EngineProcess, type ProcessEnd, spawnEngine } from './spawn-engine.ts';

/** Asked to stop, a job has this long before it is killed unless it says otherwise, ms. */
const usualGraceMs = 1200;
const keptLogLines = 20;

export interface RunOptions {
  signal?: AbortSignal;
  device?: DeviceName;
  threads?: number;
  /** Told the process id once it runs. */
  onStart?(pid: number): void;
  onProgress?(event: Progress): void;
  /** Each line the process writes; without it they are log lines of level debug. */
  onOutput?(stream: 'stdout' | 'stderr', line: string): void;
  onLog?(level: 'debug' | 'info' | 'warn', message: string): void;
  /** Time a cancelled job has to end by itself before it is killed, ms. */
  graceMs?: number;
  /** Removes what a killed process may have left; given the process id. */
  afterKill?(pid: number): Promise<void>;
}

/** Lines a process wrote, newest last, at most `keptLogLines`; each complete line is also handed on. */
function collectLines(child: EngineProcess, onLine: (stream: 'stdout' | 'stderr', line: string) => void): string[] {
  const kept: string[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    let open = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (open + chunk).split('\n');
      open = (lines.pop() ?? '').slice(-4096);
      for (const line of lines) {
        kept.push(line);
        if (kept.length > keptLogLines) kept.shift();
        onLine(name, line);
      }
    });
    stream?.on('end', () => {
      if (open === '') return;
      kept.push(open);
      onLine(name, open);
    });
  }
  return kept;
}

/** Rejects with the job's EngineError; with `cancelled` once the signal fires; with `internal` after a crash. */
export async function runJob<N extends JobName>(
  name: N,
  input: JobInput<N>,
  options: RunOptions = {},
): Promise<JobOutput<N>> {
  if (options.signal?.aborted) throw new EngineError('cancelled', 'cancelled');
  const child = spawnEngine();
  let pid: number | undefined;
  const tellPid = () => {
    if (pid === undefined && child.pid !== undefined) options.onStart?.((pid = child.pid));
  };
  tellPid();
  const lines = collectLines(child, (stream, line) => {
    if (options.onOutput !== undefined) options.onOutput(stream, line);
    else options.onLog?.('debug', line);
  });
  const send = (message: ToEngineMessage) => child.send(message);
  let grace: NodeJS.Timeout | undefined;
  const cancel = () => {
    if (grace !== undefined) return;
    send({ type: 'cancel' });
    grace = setTimeout(() => child.kill(), options.graceMs ?? usualGraceMs);
  };
  options.signal?.addEventListener('abort', cancel);

  type Outcome = { output: unknown } | { error: EngineError };
  let outcome: Outcome | undefined;
  const settle = (value: Outcome) => {
    outcome ??= value;
    child.disconnect();
    // The process leaves by itself on disconnect; one that is stuck must not keep the program alive.
    clearTimeout(grace);
    grace = setTimeout(() => child.kill(), usualGraceMs);
  };
  child.onMessage((raw) => {
    const parsed = fromEngineMessage.safeParse(raw);
    if (!parsed.success) {
      settle({ error: new EngineError('internal', 'the engine process sent an unknown message') });
      return;
    }
    const message = parsed.data;
    if (message.type === 'ready') {
      tellPid();
      send({
        type: 'start',
        job: name,
        input,
        device: options.device ?? 'auto',
        threads: options.threads ?? availableParallelism(),
      });
    } else if (message.type === 'progress') options.onProgress?.(message.event);
    else if (message.type === 'log') options.onLog?.(message.level, message.message);
    else if (message.type === 'done') settle({ output: message.output });
    else {
      const { code, message: text, hint, path, stack } = message.error;
      const error = new EngineError(code, text, { hint, path });
      if (stack !== undefined) error.stack = stack;
      settle({ error });
    }
  });
  const end = await new Promise<ProcessEnd>((resolve) => child.onExit(resolve));
  clearTimeout(grace);
  await drained(child);
  options.signal?.removeEventListener('abort', cancel);
  const completed = outcome !== undefined && 'output' in outcome;
  if (!completed && pid !== undefined) await options.afterKill?.(pid);
  if (outcome !== undefined && 'output' in outcome) return outcome.output as JobOutput<N>;
  // A job that ended in its own time may have said what it left behind.
  const own = outcome !== undefined && 'error' in outcome && outcome.error.code === 'cancelled';
  if (options.signal?.aborted && !own) throw new EngineError('cancelled', 'cancelled');
  if (outcome !== undefined) throw outcome.error;
  throw crash(name, end, lines);
}

/** Waits for what a dead process wrote last, at most 200 ms. */
async function drained(child: EngineProcess): Promise<void> {
  const ends = [child.stdout, child.stderr].map(
    (stream) =>
      new Promise<void>((resolve) =>
        stream === null || stream.readableEnded ? resolve() : stream.once('end', resolve),
      ),
  );
  await Promise.race([Promise.all(ends), new Promise((resolve) => setTimeout(resolve, 200))]);
}

function crash(name: string, end: ProcessEnd, lines: readonly string[]): EngineError {
  const how = end.error?.message ?? (end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`);
  const log = lines.filter((line) => line.trim() !== '').slice(-5);
  const said = log.length === 0 ? '' : `; its last lines: ${log.join(' | ')}`;
  const memory = end.signal === 'SIGKILL' || /heap out of memory/.test(lines.join('\n'));
  return new EngineError('internal', `the engine process ended early with ${how}${said}`, {
    path: `job ${name}`,
    hint: memory
      ? 'The system may have run out of memory: try fewer slices, or --batch 1.'
      : 'Run again with --verbose and report the log.',
  });
}
