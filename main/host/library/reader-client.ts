/**
 * The host's end of the reader process: requests with answers, and restarts. When the process dies, the item it was
 * reading fails, everything else that waited is asked again of a new process.
 */
import { EngineError, type ErrorCode } from '../../../engine/errors.ts';
import type { ForkReader, ReaderProcess } from './fork-reader.ts';
import {
  type Entry,
  type FromReader,
  fromReader,
  type RequestInput,
  type RequestName,
  type RequestOutput,
  requests,
  type ToReader,
} from './reader-messages.ts';

export interface ReaderClient {
  request<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>>;
  tell(message: Extract<ToReader, { type: 'stop' | 'forget' }>): void;
  dispose(): void;
}

export interface ReaderClientOptions {
  fork: ForkReader;
  temporary: string;
  onEvent(event: Extract<FromReader, { type: 'progress' | 'entry' }>): void;
  /** What a new process must know to answer about an item. */
  entryOf(id: string): Entry | undefined;
  /** The process died while it read this item. */
  onCulprit(id: string, how: string): void;
}

interface Waiting {
  id: number;
  name: RequestName;
  input: RequestInput<RequestName>;
  /** Processes that died while this waited. */
  deaths: number;
  resolve(value: unknown): void;
  reject(error: EngineError): void;
}

/** A request that saw this many processes die is given up. */
const MAX_DEATHS = 2;

function errorOf({ code, message, hint, path }: Extract<FromReader, { type: 'failed' }>['error']): EngineError {
  return new EngineError(code as ErrorCode, message, { hint, path });
}

function itemOf(input: RequestInput<RequestName>): string | undefined {
  return 'id' in input ? input.id : undefined;
}

export function createReaderClient(options: ReaderClientOptions): ReaderClient {
  const waiting = new Map<number, Waiting>();
  const known = new Set<string>();
  let child: ReaderProcess | undefined;
  let next = 0;
  let disposed = false;

  const died = (how: string) => {
    child = undefined;
    known.clear();
    const all = [...waiting.values()].sort((a, b) => a.id - b.id);
    waiting.clear();
    const culprit = all.find(({ input }) => itemOf(input) !== undefined);
    const searching = all.some(({ name }) => name === 'open');
    for (const request of all) {
      const item = itemOf(request.input);
      const guilty = request.name === 'open' || request === culprit || request.deaths + 1 >= MAX_DEATHS;
      if (!guilty && !disposed) {
        request.deaths++;
        post(request);
        continue;
      }
      // Beside a search nobody can tell who was at fault; the request is refused, the item stays.
      if (item !== undefined && request === culprit && !searching) options.onCulprit(item, how);
      request.reject(
        new EngineError(disposed ? 'cancelled' : 'internal', `the reader stopped while it read this (${how})`, {
          hint: 'The file may be damaged in a way the decoder cannot bear.',
        }),
      );
    }
  };

  const start = (): ReaderProcess => {
    const process = options.fork();
    process.onMessage((raw) => {
      const parsed = fromReader.safeParse(raw);
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.type === 'progress' || message.type === 'entry') {
        if (message.type === 'entry') known.add(message.entry.summary.id);
        options.onEvent(message);
        return;
      }
      const request = waiting.get(message.id);
      if (request === undefined) return;
      waiting.delete(message.id);
      if (message.type === 'failed') return request.reject(errorOf(message.error));
      const value = requests[request.name].output.safeParse(message.value);
      if (value.success) request.resolve(value.data);
      else request.reject(new EngineError('internal', 'the reader gave an unknown answer'));
    });
    process.onExit((how) => {
      if (child === process) died(how);
    });
    process.send({ type: 'start', temporary: options.temporary } satisfies ToReader);
    return process;
  };

  const post = (request: Waiting) => {
    child ??= start();
    const item = itemOf(request.input);
    const entry = item === undefined || known.has(item) ? undefined : options.entryOf(item);
    if (item !== undefined && entry !== undefined) {
      child.send({ type: 'restore', entry } satisfies ToReader);
      known.add(item);
    }
    waiting.set(request.id, request);
    child.send({ type: 'request', id: request.id, name: request.name, input: request.input } satisfies ToReader);
  };

  return {
    request: <N extends RequestName>(name: N, input: RequestInput<N>) => {
      if (disposed) return Promise.reject(new EngineError('cancelled', 'the library is closed'));
      return new Promise<RequestOutput<N>>((resolve, reject) => {
        post({ id: next++, name, input, deaths: 0, resolve: resolve as (value: unknown) => void, reject });
      });
    },
    tell: (message) => {
      if (message.type === 'forget') known.delete(message.id);
      child?.send(message);
    },
    dispose: () => {
      disposed = true;
      const process = child;
      died('closed');
      process?.kill();
    },
  };
}
