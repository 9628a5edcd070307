/** A request with exactly the path and headers given: no dot-segment rules, no helpful Host or Origin. */
import { request } from 'node:http';

export interface RawRequest {
  port: number;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  address?: string;
}

export async function rawRequest({
  port,
  path,
  method = 'GET',
  headers = {},
  body,
  address = '127.0.0.1',
}: RawRequest) {
  return new Promise<Response>((resolve, reject) => {
    const sent = request({ host: address, port, path, method, headers, agent: false, setHost: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const list = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
          (values ?? []).map((value): [string, string] => [name, value]),
        );
        const status = answer.statusCode ?? 0;
        const empty = [101, 204, 205, 304].includes(status);
        resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers: list }));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
