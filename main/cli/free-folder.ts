/** A folder name that is not taken. */
import { stat } from 'node:fs/promises';

/** `name`, or the first of name-2, name-3, … that is free: a second run must neither fail nor overwrite. */
export async function freeFolder(name: string): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}-${n}`;
    const taken = await stat(candidate).then(
      () => true,
      () => false,
    );
    if (!taken) return candidate;
  }
}
