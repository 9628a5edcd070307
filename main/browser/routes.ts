/** What the server answers to a request that has passed its checks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type CallAnswer, callAnswer } from '../host/api/api.ts';
import { toEngineError } from '../host/engine-error.ts';
import type { Host } from '../host/host.ts';
import { pageData } from '../host/page-data.ts';
import { pageFile } from '../host/page-file.ts';
import { pageHeaders } from '../host/page-headers.ts';
import { rateLimit } from './rate-limit.ts';
import { readJson } from './read-json.ts';
import type { Checks, Refusal } from './request-checks.ts';
import type { Sessions } from './sessions.ts';
import type { Uploads } from './uploads.ts';

const mostCallBytes = 2 ** 24;
const mostTokenBytes = 1024;

const callBody = z.strictObject({ name: z.string().max(64), input: z.unknown() });
const tokenBody = z.strictObject({ token: z.string().max(200) });

export interface RouteOptions {
  host: Host;
  sessions: Sessions;
  checks: Checks;
  uploads: Uploads;
  /** Folder of the built page. */
  page: string;
}

export type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): void {
  if (response.headersSent) return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...pageHeaders, ...headers, 'Content-Length': String(bytes.byteLength) });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

const text = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
const json = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };

export function refuse(response: ServerResponse, { status, reason }: Refusal): void {
  // What is left of the body is not read.
  answer(response, status, { ...text, ...(status === 413 ? { Connection: 'close' } : {}) }, reason);
}

function fail(thrown: unknown): CallAnswer {
  const { code, message, hint, path } = toEngineError(thrown);
  return { ok: false, error: { code, message, hint: hint ?? null, path: path ?? null } };
}

export function routes({ host, sessions, checks, uploads, page }: RouteOptions): Route {
  const tries = rateLimit({ burst: 20, perSecond: 0.5 });
  const requests = rateLimit({ burst: 4000, perSecond: 1000 });

  const session: Route = async (request, response) => {
    if (!tries.take()) return refuse(response, { status: 429, reason: 'too many tries; wait a little' });
    const body = await readJson(request, mostTokenBytes);
    if ('refusal' in body) return refuse(response, body.refusal);
    const parsed = tokenBody.safeParse(body.value);
    const cookie = parsed.success ? sessions.exchange(parsed.data.token) : undefined;
    if (cookie === undefined) return refuse(response, { status: 401, reason: 'the token is another' });
    answer(response, 204, { 'Set-Cookie': cookie, 'Cache-Control': 'no-store' }, '');
  };

  const call: Route = async (request, response) => {
    const body = await readJson(request, mostCallBytes);
    if ('refusal' in body) return refuse(response, body.refusal);
    const parsed = callBody.safeParse(body.value);
    if (!parsed.success) return refuse(response, { status: 400, reason: 'expected {"name", "input"}' });
    const answered = callAnswer.parse(await host.call(parsed.data.name, parsed.data.input));
    answer(response, 200, json, JSON.stringify(answered));
  };

  const upload = async (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
    if (request.headers['content-type'] !== 'application/octet-stream')
      return refuse(response, { status: 415, reason: 'expected application/octet-stream' });
    const length = request.headers['content-length'];
    const batch = query.get('batch') ?? '';
    try {
      const name = query.get('name') ?? '';
      const input = {
        name,
        batch: batch.slice(0, 64),
        expectedBytes: length === undefined ? undefined : Number(length),
      };
      const value = await uploads.receive(input, request as AsyncIterable<Uint8Array>);
      answer(response, 200, json, JSON.stringify({ ok: true, value } satisfies CallAnswer));
    } catch (thrown) {
      answer(response, 200, { ...json, Connection: 'close' }, JSON.stringify(fail(thrown)));
    }
  };

  return async (request, response) => {
    const foreign = checks.every(request);
    if (foreign !== undefined) return refuse(response, foreign);
    if (!requests.take()) return refuse(response, { status: 429, reason: 'too many requests' });
    const { method = '' } = request;
    // Never through URL's dot-segment rules: a path is taken as it was sent.
    const [path, search = ''] = (request.url ?? '/').split('?', 2);
    const changes = path === '/session' || path.startsWith('/api/');
    const allowed = changes ? method === 'POST' : method === 'GET' || method === 'HEAD';
    if (!allowed) return refuse(response, { status: 405, reason: 'not by this method' });
    if (changes) {
      const strange = checks.ownOrigin(request);
      if (strange !== undefined) return refuse(response, strange);
    }
    if (path === '/session') return session(request, response);
    if (changes || path.startsWith('/data/')) {
      if (sessions.find(request.headers.cookie) === undefined)
        return refuse(response, { status: 401, reason: 'open the link that tangent studio printed' });
      if (path === '/api/call') return call(request, response);
      if (path === '/api/upload') return upload(request, response, new URLSearchParams(search));
      if (changes) return refuse(response, { status: 404, reason: 'there is nothing here' });
      const { status, headers, body } = await pageData(host, path);
      return answer(response, status, headers, body);
    }
    const file = await pageFile(page, path);
    if (file === undefined) return refuse(response, { status: 404, reason: 'there is nothing here' });
    const cache = file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    answer(response, 200, { 'Content-Type': file.contentType, 'Cache-Control': cache }, file.bytes);
  };
}
