/** Answers of the /data routes, with their headers. */
import type { ErrorCode } from '../../engine/errors.ts';
import { toEngineError } from './engine-error.ts';
import type { Host } from './host.ts';

export interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

const statusOf: Partial<Readonly<Record<ErrorCode, number>>> = {
  'not-found': 404,
  'bad-usage': 400,
  untrusted: 403,
  unsupported: 501,
  resource: 507,
};

/** Types a browser would run or lay out when opened by themselves: offered as files, never as pages. */
const active = /^(text\/html|image\/svg\+xml|(text|application)\/(xml|xhtml\+xml|javascript))\b/;

const plain = (status: number, text: string): PageAnswer => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  body: new TextEncoder().encode(text),
});

/** `path` begins with /data/, still encoded. Never rejects: a failure is an answer with the reason as its text. */
export async function pageData(host: Host, path: string): Promise<PageAnswer> {
  try {
    const found = await host.data(path);
    if (found === undefined) return plain(404, 'there is nothing here');
    const { bytes, contentType, name } = found;
    const headers: Record<string, string> = { 'Content-Type': contentType, 'Cache-Control': 'no-store' };
    if (name !== undefined || active.test(contentType))
      headers['Content-Disposition'] =
        name === undefined ? 'attachment' : `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
    return { status: 200, headers, body: bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes) };
  } catch (thrown) {
    if (thrown instanceof URIError) return plain(400, 'the address is not encoded correctly');
    const { code, message } = toEngineError(thrown);
    return plain(statusOf[code] ?? 500, message);
  }
}
