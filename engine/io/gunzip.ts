/** Bounded gzip inflation. */
import { constants, gunzipSync } from 'node:zlib';
import { EngineError } from '../errors.ts';

/** Deflate cannot expand further. */
const MAX_RATIO = 1032;
const PREFIX_BYTES = 1 << 14;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** The beginning of the inflated stream, as much as the first 16 KiB give (at most 16 MiB). */
export function gunzipPrefix(bytes: Uint8Array, path?: string): Uint8Array {
  try {
    return gunzipSync(bytes.subarray(0, PREFIX_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new EngineError('bad-input', 'damaged gzip data', { ...(path === undefined ? {} : { path }), cause });
  }
}

/** The whole stream, which must have at least `expected` and at most `expected + slack` bytes. */
export function gunzip(bytes: Uint8Array, expected: number, slack: number, path?: string): Uint8Array {
  const where = path === undefined ? {} : { path };
  if (expected > bytes.length * MAX_RATIO)
    throw new EngineError(
      'bad-input',
      `${expected} bytes claimed, which ${bytes.length} gzip bytes cannot hold`,
      where,
    );
  let content: Uint8Array;
  try {
    // Output grows with what is really there, so a false claim allocates nothing.
    content = gunzipSync(bytes, { maxOutputLength: expected + slack, chunkSize: 1 << 18 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const what =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `more than the ${expected} bytes its header promises`
        : code === 'Z_BUF_ERROR'
          ? 'truncated gzip data'
          : 'damaged gzip data';
    throw new EngineError('bad-input', what, { ...where, cause });
  }
  if (content.length < expected)
    throw new EngineError('bad-input', `${expected} bytes expected, ${content.length} found (truncated)`, where);
  return content;
}
