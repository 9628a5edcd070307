/** The way to the host through the preload's two functions. */
import { callAnswer } from '../../main/host/api/api.ts';
import { HostError, type Transport } from './host-client.ts';

interface Bridge {
  call(name: string, input: unknown): Promise<unknown>;
  onEvent(listener: (event: unknown) => void): () => void;
}

/** What the preload exposed; undefined in a browser. */
function bridge(): Bridge | undefined {
  return (globalThis as { tangent?: Bridge }).tangent;
}

/** Undefined outside Electron. */
export function electronTransport(): Transport | undefined {
  const host = bridge();
  if (host === undefined) return undefined;
  return {
    call: (name, input) => host.call(name, input),
    onEvent: (listener) => host.onEvent(listener),
    upload: async (files) => {
      // The preload turns files into places, which the page never sees.
      const answer = callAnswer.parse(await host.call('files.handOver', [...files]));
      if (!answer.ok) throw new HostError(answer.error);
      return answer.value as { handle: string; name: string }[];
    },
  };
}
