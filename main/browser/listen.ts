/** One port on both loopback addresses, or on another address where TLS is on. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EngineError } from '../../engine/errors.ts';

const codeOf = (thrown: unknown) => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '');

async function bind(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host.includes(':') }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

const close = (server: Server) => new Promise((resolve) => server.close(resolve));

export interface Listening {
  servers: Server[];
  port: number;
  addresses: string[];
}

/** `port` 0 takes any that is free. Throws `resource` when the port is taken, `bad-usage` for an address not ours. */
export async function listen(create: () => Server, addresses: readonly string[], port: number): Promise<Listening> {
  const [first, ...others] = addresses;
  for (let attempt = 0; ; attempt++) {
    const server = create();
    let bound: number;
    try {
      bound = await bind(server, port, first);
    } catch (thrown) {
      if (codeOf(thrown) === 'EADDRINUSE' || codeOf(thrown) === 'EACCES')
        throw new EngineError('resource', `port ${port} cannot be used on ${first}`, {
          path: '--port',
          hint: 'Choose another, or leave --port out.',
          cause: thrown,
        });
      throw new EngineError('bad-usage', `cannot listen on ${first}`, { path: '--host', cause: thrown });
    }
    const servers = [server];
    const used = [first];
    let taken = false;
    for (const address of others) {
      const second = create();
      try {
        await bind(second, bound, address);
        servers.push(second);
        used.push(address);
      } catch (thrown) {
        // Without IPv6 one address is enough; a port another program holds there is not ours to share.
        taken ||= codeOf(thrown) === 'EADDRINUSE';
      }
    }
    if (!taken) return { servers, port: bound, addresses: used };
    await Promise.all(servers.map(close));
    if (port !== 0 || attempt >= 20)
      throw new EngineError('resource', `port ${bound} is taken`, { path: '--port', hint: 'Choose another.' });
  }
}
