/** The page's side of the host API: in Electron through the preload's two functions, in a browser through the loopback server. */
import {
  type CallInput,
  type CallName,
  type CallOutput,
  callAnswer,
  calls,
  type HostEvent,
  hostEvent,
} from '../../main/host/api/api.ts';

/** What a transport must do; both ends of it are untrusted data until parsed here. */
export interface Transport {
  call(name: string, input: unknown): Promise<unknown>;
  onEvent(listener: (event: unknown) => void): () => void;
  /** Hands files chosen or dropped in the page to the host. */
  upload(files: readonly File[]): Promise<{ handle: string; name: string }[]>;
  /** Says when the way to the host is lost and when it is back. Absent where it cannot be lost. */
  onConnection?(listener: (connected: boolean) => void): () => void;
}

/** A failure the host reported. */
export class HostError extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly path: string | null;
  constructor(error: { code: string; message: string; hint: string | null; path: string | null }) {
    super(error.message);
    this.name = 'HostError';
    this.code = error.code;
    this.hint = error.hint;
    this.path = error.path;
  }
}

export interface HostClient {
  /** Rejects with HostError. */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  onEvent(listener: (event: HostEvent) => void): () => void;
  /** Bytes of a data route. Rejects with HostError. */
  data(url: string, signal?: AbortSignal): Promise<ArrayBuffer>;
  upload(files: readonly File[]): Promise<{ handle: string; name: string }[]>;
}

export function hostClient(transport: Transport): HostClient {
  return {
    call: async (name, input) => {
      const answer = callAnswer.parse(await transport.call(name, input));
      if (!answer.ok) throw new HostError(answer.error);
      return calls[name].output.parse(answer.value) as CallOutput<typeof name>;
    },
    onEvent: (listener) =>
      transport.onEvent((raw) => {
        const parsed = hostEvent.safeParse(raw);
        if (parsed.success) listener(parsed.data);
      }),
    data: async (url, signal) => {
      const response = await fetch(url, signal === undefined ? {} : { signal });
      if (response.ok) return response.arrayBuffer();
      const text = await response.text().catch(() => '');
      throw new HostError({ code: 'not-found', message: text || `no data at ${url}`, hint: null, path: null });
    },
    upload: (files) => transport.upload(files),
  };
}
