/** A name in a folder that is not taken: an export never replaces what is there. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** `stem + end`, or the first free of stem-2, stem-3, … */
export async function freeName(folder: string, stem: string, end = ''): Promise<string> {
  for (let n = 1; ; n++) {
    const name = `${stem}${n === 1 ? '' : `-${n}`}${end}`;
    const taken = await lstat(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (!taken) return name;
  }
}
