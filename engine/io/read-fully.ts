import type { FileHandle } from 'node:fs/promises';
import { check } from '../errors.ts';

/** One system call transfers less than 2 GiB. */
const MAX_CALL = 2 ** 30;

/** Exactly `length` bytes from `position`. Throws `bad-input` when the file ends before. */
export async function readFully(
  file: FileHandle,
  length: number,
  position: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await readInto(file, bytes, position, path);
  return bytes;
}

/** Fills `bytes` from `position` on. Throws `bad-input` when the file ends before. */
export async function readInto(file: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  const { length } = bytes;
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(MAX_CALL, length - done), position + done);
    check(bytesRead > 0, () => `the file ends at byte ${position + done}, expected ${position + length}`, { path });
    done += bytesRead;
  }
}
