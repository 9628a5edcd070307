/** Names of items: hashes of where the content was found, so that they say nothing about a patient. */
import { createHash } from 'node:crypto';

/** The same parts give the same id; 24 hexadecimal digits. */
export function itemIdOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
