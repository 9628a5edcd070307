/** Files that are either complete or absent: written under a temporary name beside the target, then renamed. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/** Hands `fill` a function that appends bytes; on any failure nothing is left behind. */
export async function writeFileAtomic(path: string, fill: (write: WriteBytes) => Promise<void>): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(part, 'wx');
    try {
      await fill(async (bytes) => {
        let done = 0;
        while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
      });
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
