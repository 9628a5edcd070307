import { createHash } from 'node:crypto';

/** Name of a frame of reference: equal where positions may be compared. The UID itself would name the examination. */
export function frameHash(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 32);
}
