/** What the server refuses: forged Host, Origin, token and cookie, foreign sites, large bodies, other methods and types. */
import { readdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer } from '../../main/browser/start-server.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';
import { type SignedIn, signedIn, tokenOf } from './signed-in.ts';
import { type Studio, startStudio } from './start-studio.ts';

describe('the server of the browser host', () => {
  let studio: Studio;
  let client: SignedIn;
  let own: Record<string, string>;
  beforeAll(async () => {
    studio = await startStudio({ mostFileBytes: 1000 });
    client = await signedIn(studio);
    own = { Host: `127.0.0.1:${studio.port}`, Origin: studio.origin };
  });
  afterAll(async () => {
    await studio?.stop();
  });
  const ask = (request: Partial<RawRequest> & { path: string }) =>
    rawRequest({ port: studio.port, headers: own, ...request });
  const call = (headers: Record<string, string>, body = '{"name":"app.describe","input":{}}') =>
    ask({ path: '/api/call', method: 'POST', headers, body });
  const right = (): Record<string, string> => ({ ...own, Cookie: client.cookie, 'Content-Type': 'application/json' });

  test('a right call is answered; every test below changes one thing of it', async () => {
    const answer = await call(right());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ ok: true });
  });

  test.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.2',
    '',
  ])('Host "%s" is refused, for the page too', async (host) => {
    expect((await call({ ...right(), Host: host, Origin: `http://${host}` })).status).toBe(421);
    expect((await ask({ path: '/', headers: { Host: host } })).status).toBe(421);
  });

  test('its own names are served: localhost and both loopback addresses', async () => {
    for (const [host, address] of [
      [`localhost:${studio.port}`, '127.0.0.1'],
      [`127.0.0.1:${studio.port}`, '127.0.0.1'],
      [`[::1]:${studio.port}`, '::1'],
    ]) {
      const answer = await ask({ path: '/', headers: { Host: host }, address }).catch((thrown) => {
        // A machine without IPv6 has no second address.
        expect(String(thrown)).toMatch(/EADDRNOTAVAIL|EAFNOSUPPORT|ECONNREFUSED/);
        return undefined;
      });
      if (answer !== undefined) expect([host, answer.status]).toEqual([host, 200]);
    }
  });

  test.each([
    'http://evil.example',
    'null',
    'https://127.0.0.1',
    'http://localhost:1',
    '',
  ])('Origin "%s" is refused', async (origin) => {
    expect((await call({ ...right(), Origin: origin })).status).toBe(403);
    const cross = { ...right(), Origin: origin };
    expect((await ask({ path: '/api/upload?name=x', method: 'POST', headers: cross, body: 'x' })).status).toBe(403);
    expect((await ask({ path: '/session', method: 'POST', headers: cross, body: '{}' })).status).toBe(403);
  });

  test('a missing Origin is refused where state changes, a foreign site everywhere', async () => {
    const { Origin: _, ...without } = right();
    expect((await call(without)).status).toBe(403);
    for (const site of ['cross-site', 'same-site']) {
      const headers = { Host: own.Host, Cookie: client.cookie, 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'no-cors' };
      expect((await ask({ path: '/data/thumbnail/abcdefgh/0', headers })).status).toBe(403);
    }
  });

  test('no cookie, another cookie, or the cookie of another port is no session', async () => {
    const { Cookie: _, ...without } = right();
    const [name, value] = client.cookie.split('=');
    for (const cookie of [undefined, `${name}=`, `${name}=${'A'.repeat(43)}`, `tangent-1=${value}`, `x=1; y`]) {
      const headers = cookie === undefined ? without : { ...without, Cookie: cookie };
      expect((await call(headers)).status).toBe(401);
      expect((await ask({ path: '/data/x', headers: { ...headers } })).status).toBe(401);
      expect((await ask({ path: '/api/upload?name=x', method: 'POST', headers, body: 'x' })).status).toBe(401);
    }
    expect((await call({ ...without, Cookie: `other=1; ${client.cookie}; more=2` })).status).toBe(200);
  });

  test('the cookie is out of reach of scripts and other sites, and is not the token', async () => {
    const token = tokenOf(studio.link);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    const body = JSON.stringify({ token });
    const headers = { ...own, 'Content-Type': 'application/json' };
    const answer = await ask({ path: '/session', method: 'POST', headers, body });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(token);
    expect(cookie).not.toContain(client.cookie);
  });

  test('wrong calls are refused by their form', async () => {
    const statusOf = async (...given: Parameters<typeof call>) => (await call(...given)).status;
    expect(await statusOf({ ...right(), 'Content-Type': 'text/plain' })).toBe(415);
    expect(await statusOf({ ...right(), 'Content-Type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await statusOf(right(), '{')).toBe(400);
    expect(await statusOf(right(), '{"name":1,"input":{}}')).toBe(400);
    expect(await statusOf(right(), '{"name":"app.describe","input":{},"more":1}')).toBe(400);
    expect(await statusOf({ ...right(), 'Content-Length': String(2 ** 25) }, '').catch(() => 413)).toBe(413);
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect((await ask({ path: '/api/call', method, headers: right() })).status).toBe(405);
    expect((await ask({ path: '/', method: 'POST', headers: right() })).status).toBe(405);
    expect((await ask({ path: '/api/other', method: 'POST', headers: right() })).status).toBe(404);
  });

  test('a body that grows beyond the limit is cut off, whatever its length was said to be', async () => {
    const status = await new Promise<string>((resolve) => {
      const socket = connect(studio.port, '127.0.0.1');
      let said = '';
      socket.on('data', (text) => {
        said += String(text);
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(said.split('\r\n')[0]));
      const head = Object.entries({ ...right(), 'Transfer-Encoding': 'chunked' }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      socket.write(`POST /api/call HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
      const megabyte = `100000\r\n${'x'.repeat(2 ** 20)}\r\n`;
      for (let count = 0; count < 20; count++) socket.write(megabyte);
    });
    expect(status).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('the socket of events wants Host, Origin, cookie and its own address', async () => {
    const outcome = (url: string, options: { headers?: Record<string, string>; origin?: string }) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url, options);
        socket.once('open', () => {
          socket.terminate();
          resolve('open');
        });
        socket.once('unexpected-response', (_request, { statusCode }) => resolve(String(statusCode)));
        socket.once('error', (error) => resolve(error.message));
      });
    const url = `ws://127.0.0.1:${studio.port}/api/events`;
    const headers = { Cookie: client.cookie };
    expect(await outcome(url, { headers, origin: studio.origin })).toBe('open');
    expect(await outcome(url, { headers, origin: 'http://evil.example' })).toBe('403');
    expect(await outcome(url, { headers })).toBe('403');
    expect(await outcome(url, { headers: { ...headers, Host: 'evil.example' }, origin: 'http://evil.example' })).toBe(
      '403',
    );
    expect(await outcome(url, { origin: studio.origin })).toBe('401');
    expect(await outcome(`ws://127.0.0.1:${studio.port}/other`, { headers, origin: studio.origin })).toBe('404');
  });

  test('a page that speaks on the socket is closed', async () => {
    const socket = await client.socket();
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send('{"name":"app.describe"}');
    expect(await closed).toBe(1003);
  });

  test('uploads stay in their private folder, under names made safe, and within their size', async () => {
    const upload = async (name: string, body = 'x', type = 'application/octet-stream') =>
      (await client.post(`/api/upload?${new URLSearchParams({ name, batch: 'b' })}`, type, body)).json();
    const placeOf = async (name: string) => {
      const answer = (await upload(name)) as { ok: boolean; value: { handle: string } };
      expect([name, answer.ok]).toEqual([name, true]);
      return studio.host.services.files.pathOf(answer.value.handle);
    };
    for (const name of ['../../escape', '..', 'a/../../b', '/', '', 'x\0y'])
      expect(await upload(name)).toMatchObject({ ok: false, error: { code: 'bad-usage' } });
    const place = await placeOf('/etc/passwd');
    expect(place).toMatch(/[/\\]tangent-upload-[^/\\]+[/\\][0-9a-f]{32}[/\\]etc$/);
    expect(await readdir(place)).toEqual(['passwd']);
    const odd = await placeOf('C:\\x<|>"*?\n.npy');
    expect(odd).toMatch(/C_$/);
    if (process.platform !== 'win32') {
      expect((await stat(place.replace(/[/\\][0-9a-f]{32}[/\\]etc$/, ''))).mode & 0o777).toBe(0o700);
      expect((await stat(`${place}/passwd`)).mode & 0o777).toBe(0o600);
    }
    const first = await placeOf('same.npy');
    expect(await placeOf('same.npy')).not.toBe(first);
    expect(await upload('large', 'x'.repeat(1001))).toMatchObject({ ok: false, error: { code: 'resource' } });
    const wrongType = await client.post('/api/upload?name=x', 'text/plain', 'x');
    expect(wrongType.status).toBe(415);
  });

  test('the page is there without a session, and no folder is listed', async () => {
    const page = await ask({ path: '/', headers: { Host: own.Host } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const path of ['/assets', '/assets/', '/.vite/manifest.json', '/index.html/..', '//etc/passwd'])
      expect([path, (await ask({ path, headers: { Host: own.Host } })).status]).toEqual([path, 404]);
    const head = await ask({ path: '/', method: 'HEAD', headers: { Host: own.Host } });
    expect(head.status).toBe(200);
    expect((await head.arrayBuffer()).byteLength).toBe(0);
  });
});

describe('the life of a session', () => {
  test('a wrong token opens nothing, and guessing is slowed down', async () => {
    const studio = await startStudio();
    try {
      const tries: number[] = [];
      for (let count = 0; count < 25; count++) {
        const answer = await rawRequest({
          ...{ port: studio.port, path: '/session', method: 'POST' },
          headers: { Host: `127.0.0.1:${studio.port}`, Origin: studio.origin, 'Content-Type': 'application/json' },
          body: JSON.stringify({ token: `${tokenOf(studio.link).slice(0, -1)}.${count}` }),
        });
        expect(answer.headers.get('set-cookie')).toBe(null);
        tries.push(answer.status);
      }
      expect(tries.slice(0, 20)).toEqual(Array(20).fill(401));
      expect(tries).toContain(429);
    } finally {
      await studio.stop();
    }
  });

  test('ends when it is idle, and with the server', async () => {
    const studio = await startStudio({ idleMs: 0 });
    const client = await signedIn(studio);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await client.post('/api/call', 'application/json', '{}')).status).toBe(401);
    const { port } = studio;
    await studio.stop();
    await expect(rawRequest({ port, path: '/', headers: { Host: `127.0.0.1:${port}` } })).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  test('an address others can reach needs TLS', async () => {
    const studio = await startStudio();
    try {
      await expect(
        startServer({ host: studio.host, page: studio.dataFolder, address: '0.0.0.0' }),
      ).rejects.toMatchObject({
        code: 'untrusted',
        path: '--host',
      });
      await expect(
        startServer({ host: studio.host, page: studio.dataFolder, port: studio.port }),
      ).rejects.toMatchObject({
        code: 'resource',
        path: '--port',
      });
    } finally {
      await studio.stop();
    }
  });
});
