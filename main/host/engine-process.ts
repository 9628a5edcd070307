/**
 * Entry of the engine process: takes one job, reports progress, ends with `done` or `failed`. Native libraries load
 * only here, so that their crash ends the job and not the program.
 */
import process from 'node:process';
import { EngineError } from '../../engine/errors.ts';
import { toEngineError } from './engine-error.ts';
import { jobTable } from './job-table.ts';
import { type DeviceName, type FromEngineMessage, toEngineMessage } from './messages.ts';
import { parentChannel } from './parent-channel.ts';

const abort = new AbortController();
let started = false;

const parent = parentChannel();

function send(message: FromEngineMessage): void {
  parent.send(message);
}

async function run(name: string, input: unknown, device: DeviceName, threads: number): Promise<void> {
  if (!Object.hasOwn(jobTable, name)) throw new EngineError('internal', `unknown job "${name}"`);
  const job = await jobTable[name as keyof typeof jobTable]();
  const parsed = job.input.parse(input);
  const log = (level: 'debug' | 'info' | 'warn', message: string) => send({ type: 'log', level, message });
  const { resolveDevice, resolvePrecision, usesNetwork } = await import('./resolve-device.ts');
  const used = usesNetwork(name, parsed) ? await resolveDevice(device, (message) => log('debug', message)) : 'cpu';
  let reached = 0;
  const output = await job.run(parsed as never, {
    signal: abort.signal,
    // Listeners rely on a fraction that never falls, whatever a stage reports.
    progress: (event) => {
      reached = Math.max(reached, Math.min(1, event.fraction));
      send({
        type: 'progress',
        event: {
          ...event,
          fraction: reached,
          preview: event.preview && {
            data: event.preview.data,
            shape: [...event.preview.shape],
            planes: event.preview.planes?.map((plane) => ({ ...plane, shape: [...plane.shape] })),
          },
          points: event.points && [...event.points],
        },
      });
    },
    log,
    device: used,
    precision: resolvePrecision(),
    threads,
  });
  send({ type: 'done', output });
}

function fail(thrown: unknown): void {
  const { code, message, hint, path, stack, cause } = toEngineError(thrown);
  const reason = cause instanceof Error ? `\ncaused by ${cause.stack}` : '';
  send({ type: 'failed', error: { code, message, hint, path, stack: `${stack ?? ''}${reason}` } });
}

parent.onMessage((raw) => {
  const message = toEngineMessage.safeParse(raw);
  if (!message.success) return fail(new EngineError('internal', 'the engine process received an unknown message'));
  if (message.data.type === 'cancel') return abort.abort();
  if (started) return fail(new EngineError('internal', 'the engine process was given a second job'));
  started = true;
  const { job, input, device, threads } = message.data;
  run(job, input, device, threads).catch(fail);
});
// Ctrl-C reaches the whole process group; the host decides and sends `cancel`.
process.on('SIGINT', () => {});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
send({ type: 'ready' });
