/** Names of result folders: when, how and a hash; nothing of the patient or of where the input lies. */
import { createHash } from 'node:crypto';

/** "20260131-142501-dds-1a2b3c4d"; the same job has the same name. */
export function resultName({ id, created }: { id: string; created: string }, method: string, request: unknown): string {
  const stamp = created.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const hash = createHash('sha256')
    .update(JSON.stringify([id, request]))
    .digest('hex')
    .slice(0, 8);
  return `${stamp}-${method.replaceAll(/[^a-z0-9-]/gi, '')}-${hash}`;
}
