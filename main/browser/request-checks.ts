/** Loopback is not access control: what a request must show before it is looked at (DNS rebinding, foreign pages). */
import type { IncomingMessage } from 'node:http';

export interface Refusal {
  status: number;
  reason: string;
}

export interface Checks {
  /** Host header on the list of own names; a foreign page's Origin or Sec-Fetch-Site. Undefined when all is well. */
  every(request: IncomingMessage): Refusal | undefined;
  /** Origin there and our own: for every change of state and for sockets. */
  ownOrigin(request: IncomingMessage): Refusal | undefined;
}

const refuse = (status: number, reason: string): Refusal => ({ status, reason });

/** `names`: host names and addresses, IPv6 in brackets. */
export function requestChecks(names: readonly string[], port: number, secure: boolean): Checks {
  const scheme = secure ? 'https' : 'http';
  const usual = secure ? 443 : 80;
  const hosts = new Set(names.flatMap((name) => (port === usual ? [name, `${name}:${port}`] : [`${name}:${port}`])));
  const hostOf = ({ headers }: IncomingMessage) => headers.host?.toLowerCase() ?? '';
  const isOwn = (request: IncomingMessage) => request.headers.origin === `${scheme}://${hostOf(request)}`;
  return {
    every: (request) => {
      if (!hosts.has(hostOf(request))) return refuse(421, 'this server does not answer to that name');
      if (request.headers.origin !== undefined && !isOwn(request)) return refuse(403, 'asked from another origin');
      const site = request.headers['sec-fetch-site'];
      const navigation = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
      if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigation)
        return refuse(403, 'asked from another site');
      return undefined;
    },
    ownOrigin: (request) => (isOwn(request) ? undefined : refuse(403, 'the origin is missing or another')),
  };
}
