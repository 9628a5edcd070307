/** What the app's own scheme answers: files of the page, and the host's /data routes. */
import type { CustomScheme } from 'electron';
import type { Host } from '../host/host.ts';
import { pageData } from '../host/page-data.ts';
import { pageFile } from '../host/page-file.ts';
import { pageHeaders } from '../host/page-headers.ts';
import { appOrigin, appScheme } from './channels.ts';

/** To be registered before the app is ready. */
export const schemes: readonly CustomScheme[] = [
  { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
];

/** `page` is the folder of the built page. Never rejects. */
export function appProtocol(host: Host, page: string): (request: Request) => Promise<Response> {
  const answer = (status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string, head = false) =>
    new Response(head ? null : (body as Uint8Array<ArrayBuffer> | string), {
      status,
      headers: { ...pageHeaders, ...headers },
    });
  const refuse = (status: number, reason: string) =>
    answer(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }, reason);
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'not by this method');
    if (!request.url.startsWith(`${appOrigin}/`)) return refuse(404, 'there is nothing here');
    const path = request.url.slice(appOrigin.length).split(/[?#]/, 1)[0];
    const head = request.method === 'HEAD';
    if (path.startsWith('/data/')) {
      const { status, headers, body } = await pageData(host, path);
      return answer(status, headers, body, head);
    }
    const file = await pageFile(page, path);
    if (file === undefined) return refuse(404, 'there is nothing here');
    return answer(200, { 'Content-Type': file.contentType, 'Cache-Control': 'no-cache' }, file.bytes, head);
  };
}
