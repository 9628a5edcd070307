/** Real data beside the repository; tests that need them are skipped, with the reason printed, where they are absent. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../shared/data');

export const sharedPresent = existsSync(folder);
if (!sharedPresent) console.log('skipped: ../shared/data is not here');

export function sharedPath(name: string): string {
  return resolve(folder, name);
}

export function sharedBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(sharedPath(name)));
}
