/** A client of the server that holds a session: what the page's transport does, over HTTP as it goes on the wire. */
import { WebSocket } from 'ws';
import type { StudioServer } from '../../main/browser/start-server.ts';
import { rawRequest } from './raw-request.ts';

export interface SignedIn {
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(
    path: string,
    contentType: string,
    body: string | Uint8Array,
    headers?: Record<string, string>,
  ): Promise<Response>;
  call(name: string, input: unknown): Promise<unknown>;
  socket(): Promise<WebSocket>;
}

export const tokenOf = (link: string): string => new URL(link).hash.replace('#token=', '');

export async function signedIn(server: StudioServer): Promise<SignedIn> {
  const { port, origin } = server;
  const host = new URL(origin).host;
  const own = { Host: host, Origin: origin };
  const token = tokenOf(server.link);
  const answer = await rawRequest({
    ...{ port, path: '/session', method: 'POST' },
    headers: { ...own, 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (answer.status !== 204) throw new Error(`the token was answered with ${answer.status}`);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0];
  const post: SignedIn['post'] = (path, contentType, body, headers = {}) =>
    rawRequest({
      ...{ port, path, method: 'POST', body },
      headers: { ...own, Cookie: cookie, 'Content-Type': contentType, ...headers },
    });
  return {
    cookie,
    post,
    get: (path, headers = {}) => rawRequest({ port, path, headers: { Host: host, Cookie: cookie, ...headers } }),
    call: async (name, input) => (await post('/api/call', 'application/json', JSON.stringify({ name, input }))).json(),
    socket: () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://${host}/api/events`, { headers: { Cookie: cookie }, origin });
        socket.once('open', () => resolve(socket));
        socket.once('error', reject);
      }),
  };
}
