/** The page and the host's API for a browser on this computer. */
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { EngineError } from '../../engine/errors.ts';
import type { Host } from '../host/host.ts';
import { eventSocket } from './event-socket.ts';
import { listen } from './listen.ts';
import { ownNames } from './own-names.ts';
import { requestChecks } from './request-checks.ts';
import { answer, routes } from './routes.ts';
import { createSessions } from './sessions.ts';
import { createUploads } from './uploads.ts';

export interface ServerSettings {
  /** Disposed by its owner. */
  host: Host;
  /** Folder of the built page. */
  page: string;
  /** 0: any that is free. */
  port?: number;
  /** Another address than loopback; needs `tls`. */
  address?: string;
  tls?: { cert: string | Buffer; key: string | Buffer };
  /** A session nobody uses ends after this time; default 8 hours. */
  idleMs?: number;
  mostFileBytes?: number;
}

export interface StudioServer {
  /** http://127.0.0.1:PORT */
  origin: string;
  /** With the token in its fragment. */
  link: string;
  port: number;
  stop(): Promise<void>;
}

const loopback = ['127.0.0.1', '::1'];

/** Throws `untrusted` for an address others can reach without TLS; `resource` when the port is taken. */
export async function startServer(settings: ServerSettings): Promise<StudioServer> {
  const { host, page, address, tls } = settings;
  const open = address !== undefined && !loopback.includes(address) && address !== 'localhost';
  if (open && tls === undefined)
    throw new EngineError('untrusted', `others can reach ${address}, and without TLS they can read along`, {
      path: '--host',
      hint: 'Give --tls-cert and --tls-key, or leave --host out and come through an SSH tunnel.',
    });
  const limits: ServerOptions = { maxHeaderSize: 16_384, requestTimeout: 3_600_000, headersTimeout: 20_000 };
  const create = (): Server => (tls === undefined ? createServer(limits) : createTlsServer({ ...limits, ...tls }));
  const wanted = address === undefined || address === 'localhost' ? loopback : [address];
  const { servers, port, addresses } = await listen(create, wanted, settings.port ?? 0);

  const secure = tls !== undefined;
  const idleMs = settings.idleMs ?? 8 * 3_600_000;
  const sessions = createSessions({ port, idleMs, secure });
  const names = ownNames(addresses, tls?.cert);
  const checks = requestChecks(names, port, secure);
  const uploads = createUploads({ files: host.services.files, mostFileBytes: settings.mostFileBytes });
  const events = eventSocket(host);
  const route = routes({ host, sessions, checks, uploads, page });

  for (const server of servers) {
    server.on('request', (request, response) => {
      // A page that leaves in the middle of an answer is no failure.
      response.on('error', () => {});
      route(request, response).catch(() => answer(response, 500, { 'Content-Type': 'text/plain' }, 'the host failed'));
    });
    server.on('upgrade', (request, socket: Duplex, head) => {
      socket.on('error', () => socket.destroy());
      const refusal = checks.every(request) ?? checks.ownOrigin(request);
      const id = sessions.find(request.headers.cookie);
      const status =
        request.url !== '/api/events' ? '404 Not Found' : refusal !== undefined ? '403 Forbidden' : '401 Unauthorized';
      if (request.url !== '/api/events' || refusal !== undefined || id === undefined)
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      else events.accept(request, socket, head, () => sessions.touch(id));
    });
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
  }

  const origin = `${secure ? 'https' : 'http'}://${names[0]}:${port}`;
  return {
    origin,
    link: `${origin}/#token=${sessions.token}`,
    port,
    stop: async () => {
      events.close();
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const server of servers) server.closeIdleConnections();
      const late = setTimeout(() => servers.forEach((server) => void server.closeAllConnections()), 1000);
      await Promise.all(closed);
      clearTimeout(late);
      await uploads.dispose();
    },
  };
}
