/**
 * The way to the host through the loopback server: calls by POST /api/call, events by a WebSocket on /api/events that is
 * opened again when it breaks, files by POST /api/upload.
 */
import { callAnswer } from '../../main/host/api/api.ts';
import { HostError, type Transport } from './host-client.ts';

interface Handed {
  handle: string;
  name: string;
}

/** Uploads at a time: enough to hide the round trips of many small files. */
const lanes = 4;
const firstWaitMs = 500;
const longestWaitMs = 8000;

function refused(status: number, text: string): HostError {
  const ended = status === 401;
  return new HostError({
    code: ended || status === 403 ? 'untrusted' : status === 413 || status === 429 ? 'resource' : 'internal',
    message: ended ? 'This page has no session with the host.' : text || `The host answered ${status}.`,
    hint: ended ? 'Open the link that tangent studio printed in the terminal.' : null,
    path: null,
  });
}

const lost = (): HostError =>
  new HostError({
    code: 'internal',
    message: 'The host does not answer.',
    hint: 'Is tangent studio still running?',
    path: null,
  });

async function post(url: string, contentType: string, body: BodyInit): Promise<Response> {
  const headers = { 'content-type': contentType };
  const response = await fetch(url, { method: 'POST', headers, body, cache: 'no-store' }).catch(() => {
    throw lost();
  });
  if (response.ok) return response;
  throw refused(response.status, await response.text().catch(() => ''));
}

/** Trades the token of the address for a cookie, and takes it out of the address and the history. */
async function exchangeToken(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  await post('/session', 'application/json', JSON.stringify({ token }));
}

async function handOver(file: File, batch: string): Promise<Handed> {
  const query = new URLSearchParams({ name: file.webkitRelativePath || file.name, batch });
  const response = await post(`/api/upload?${query}`, 'application/octet-stream', file);
  const answer = callAnswer.parse(await response.json());
  if (!answer.ok) throw new HostError(answer.error);
  return answer.value as Handed;
}

/** Rejects with HostError when the token is another or the host does not answer. */
export async function browserTransport(): Promise<Transport> {
  await exchangeToken();
  const events = new Set<(event: unknown) => void>();
  const connections = new Set<(connected: boolean) => void>();
  let wait = firstWaitMs;
  const open = () => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/events`);
    socket.onopen = () => {
      wait = firstWaitMs;
      for (const listener of connections) listener(true);
    };
    socket.onmessage = (message) => {
      const event: unknown = JSON.parse(String(message.data));
      for (const listener of events) listener(event);
    };
    socket.onclose = () => {
      for (const listener of connections) listener(false);
      setTimeout(open, wait);
      wait = Math.min(longestWaitMs, wait * 2);
    };
  };
  open();

  return {
    call: async (name, input) => (await post('/api/call', 'application/json', JSON.stringify({ name, input }))).json(),
    onEvent: (listener) => {
      events.add(listener);
      return () => events.delete(listener);
    },
    upload: async (files) => {
      const batch = crypto.randomUUID();
      const waiting = [...files];
      const handed = new Map<string, Handed>();
      const lane = async () => {
        for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
          // Files of one folder come back as that folder.
          const one = await handOver(file, batch);
          handed.set(one.handle, one);
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane)).catch((thrown) => {
        waiting.length = 0;
        throw thrown;
      });
      return [...handed.values()];
    },
    onConnection: (listener) => {
      connections.add(listener);
      return () => connections.delete(listener);
    },
  };
}
