/** Events of the host to every open page, over WebSockets that only send. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Host } from '../host/host.ts';

export interface EventSocket {
  /** The upgrade has been checked. `alive` says whether the session still holds, and keeps it so. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, alive: () => boolean): void;
  close(): void;
}

const pingMs = 20_000;
/** A page that reads no more is dropped at this backlog; it loads everything again when it comes back. */
const mostBacklog = 2 ** 25;
const mostSockets = 64;

export function eventSocket(host: Host): EventSocket {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  const pages = new Map<WebSocket, { answered: boolean; alive: () => boolean }>();
  const stop = host.subscribe((event) => {
    if (pages.size === 0) return;
    const text = JSON.stringify(event);
    for (const page of pages.keys()) {
      if (page.readyState !== page.OPEN) continue;
      if (page.bufferedAmount > mostBacklog) page.terminate();
      else page.send(text);
    }
  });
  const timer = setInterval(() => {
    for (const [page, state] of pages) {
      if (!state.answered) page.terminate();
      else if (!state.alive()) page.close(1008, 'the session has ended');
      else {
        state.answered = false;
        page.ping();
      }
    }
  }, pingMs);
  timer.unref();
  return {
    accept: (request, socket, head, alive) => {
      if (pages.size >= mostSockets) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (page) => {
        const state = { answered: true, alive };
        pages.set(page, state);
        page.on('pong', () => {
          state.answered = true;
        });
        // Pages have nothing to say here.
        page.on('message', () => page.close(1003, 'events go one way'));
        page.on('error', () => page.terminate());
        page.on('close', () => pages.delete(page));
      });
    },
    close: () => {
      stop();
      clearInterval(timer);
      for (const page of pages.keys()) page.close(1001, 'the server stops');
      server.close();
    },
  };
}
