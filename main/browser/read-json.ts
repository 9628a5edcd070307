/** The JSON body of a request, bounded. */
import type { IncomingMessage } from 'node:http';
import type { Refusal } from './request-checks.ts';

export async function readJson(
  request: IncomingMessage,
  mostBytes: number,
): Promise<{ value: unknown } | { refusal: Refusal }> {
  const type = request.headers['content-type']?.split(';')[0].trim().toLowerCase();
  if (type !== 'application/json') return { refusal: { status: 415, reason: 'expected application/json' } };
  const tooLarge = { refusal: { status: 413, reason: `the body is larger than ${mostBytes} bytes` } };
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return tooLarge;
    chunks.push(chunk);
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) };
  } catch {
    return { refusal: { status: 400, reason: 'the body is not JSON' } };
  }
}
