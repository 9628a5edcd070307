/**
 * An HDF5 file, read by the library in a thread of its own (hdf5-worker.ts). Whatever happens there (an error, an abort
 * of the WebAssembly code, an endless loop in a damaged structure) arrives here as an EngineError naming the file.
 */
import { Worker } from 'node:worker_threads';
import { EngineError } from '../errors.ts';
import { statPath } from './file-bytes.ts';
import type { Hdf5Answers, Hdf5Dataset, Hdf5Records, Hdf5Reply, Hdf5Request } from './hdf5-messages.ts';
import { claimedBytes } from './size-limit.ts';

export interface Hdf5Options {
  /** Longest time one step may take; a step moves at most 64 MiB. */
  stepMs?: number;
}

/** Bytes moved by one read. */
const PORTION_BYTES = 1 << 26;
const DEFAULT_STEP_MS = 120_000;
/** Deflate cannot expand further. */
const MAX_RATIO = 1032;
/** Metadata, fill values and alignment beside the data of an unfiltered file. */
const SLACK_BYTES = 1 << 16;

type Answer<O extends Hdf5Request['op']> = Hdf5Answers[O];

export interface Hdf5File {
  readonly path: string;
  list(group: string): Promise<Hdf5Answers['list']>;
  /** Undefined when the file has no dataset of that name. Its claimed size was checked against the file's length. */
  dataset(path: string): Promise<Hdf5Dataset | undefined>;
  attributes(path: string): Promise<Hdf5Answers['attributes']>;
  text(path: string): Promise<string>;
  /** Elements [from, to) of the first axis with everything below them, as bytes of the stored type. */
  read(path: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
  records(
    path: string,
    from: number,
    count: number,
    members: { offset: number; itemBytes: number }[],
  ): Promise<Hdf5Records>;
}

/** What the library's error stack says last, which is its cause, in one line. */
function summarise(message: string): string {
  const lines = message.split('\n').filter((line) => /^\s+#\d+/.test(line));
  const last = lines.at(-1) ?? message.split('\n')[0];
  return last.replace(/^.*\(\): /, '').slice(0, 160);
}

/** Opens the file, hands it to `use`, and frees it whatever happens. */
export async function withHdf5<T>(
  path: string,
  use: (file: Hdf5File) => Promise<T>,
  options: Hdf5Options = {},
): Promise<T> {
  const { stepMs = DEFAULT_STEP_MS } = options;
  const { size: fileBytes } = await statPath(path);
  // Its own streams are not the program's: the library prints there when it aborts.
  const worker = new Worker(new URL('./hdf5-worker.ts', import.meta.url), {
    workerData: path,
    stdout: true,
    stderr: true,
    execArgv: [],
  });
  worker.stdout.resume();
  worker.stderr.resume();
  const damaged = (what: string, cause?: unknown): EngineError =>
    new EngineError('bad-input', `damaged HDF5 file: ${what}`, { path, cause, hint: 'The file may be truncated.' });

  let settle: { resolve(value: unknown): void; reject(error: EngineError): void } | undefined;
  let failure: EngineError | undefined;
  const fail = (error: EngineError): void => {
    failure ??= error;
    settle?.reject(failure);
    settle = undefined;
  };
  worker.on('message', (message: unknown) => {
    settle?.resolve(message);
    settle = undefined;
  });
  worker.on('error', (cause) =>
    fail(damaged(summarise(cause instanceof Error ? cause.message : String(cause)), cause)),
  );
  worker.on('exit', () => fail(damaged('the HDF5 library ended unexpectedly')));

  /** One message out (or none, for the start), one back, in time. */
  const step = async (request?: Hdf5Request): Promise<unknown> => {
    if (failure !== undefined) throw failure;
    const reply = new Promise<unknown>((resolve, reject) => {
      settle = { resolve, reject };
    });
    const timer = setTimeout(() => fail(damaged(`no answer from the HDF5 library within ${stepMs / 1000} s`)), stepMs);
    try {
      if (request !== undefined) worker.postMessage(request);
      return await reply;
    } finally {
      clearTimeout(timer);
    }
  };
  const ask = async <O extends Hdf5Request['op']>(request: Hdf5Request & { op: O }): Promise<Answer<O>> => {
    const reply = (await step(request)) as Hdf5Reply;
    if (reply.ok) return reply.value as Answer<O>;
    // After an error inside the library its state is not to be trusted.
    failure = damaged(summarise(reply.message));
    throw failure;
  };

  const described = new Map<string, Hdf5Dataset>();
  const dataset = async (name: string): Promise<Hdf5Dataset | undefined> => {
    const known = described.get(name);
    if (known !== undefined) return known;
    const found = await ask({ op: 'dataset', path: name });
    if (found === undefined) return undefined;
    const limit = fileBytes * (found.filtered ? MAX_RATIO : 1) + SLACK_BYTES;
    // The length field of a variable-length item is longer on disk than in memory, so it needs no correction.
    const claimed = claimedBytes(found.shape, found.type.bytes, { path, field: `dataset "${name}"` });
    if (claimed > limit)
      throw damaged(`"${name}" claims ${claimed} bytes for [${found.shape}], the file has ${fileBytes}`);
    described.set(name, found);
    return found;
  };

  try {
    await step();
    return await use({
      path,
      list: (group) => ask({ op: 'list', path: group }),
      dataset,
      attributes: (name) => ask({ op: 'attributes', path: name }),
      text: (name) => ask({ op: 'text', path: name }),
      records: (name, from, count, members) => ask({ op: 'records', path: name, from, count, members }),
      read: async (name, from, to) => {
        const found = await dataset(name);
        if (found === undefined) throw new EngineError('bad-input', `there is no dataset "${name}"`, { path });
        const { shape, type, chunk } = found;
        const inner = shape.slice(1);
        const stride = inner.reduce((product, n) => product * n, type.bytes);
        const result = new Uint8Array((to - from) * stride);
        // Whole chunks at a time: a chunk that does not fit the library's cache is decoded anew for every read.
        const chunkRows = chunk?.[0] ?? 1;
        const rows = Math.max(1, Math.floor(PORTION_BYTES / Math.max(1, stride * chunkRows))) * chunkRows;
        for (let at = from; at < to; ) {
          const end = Math.min(to, (Math.floor(at / rows) + 1) * rows);
          const offset = [at, ...inner.map(() => 0)];
          result.set(await ask({ op: 'read', path: name, offset, count: [end - at, ...inner] }), (at - from) * stride);
          at = end;
        }
        return result;
      },
    });
  } finally {
    worker.removeAllListeners('exit');
    await worker.terminate();
  }
}
