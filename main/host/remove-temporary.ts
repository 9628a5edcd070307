/** What a killed engine process leaves behind. */
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * For `afterKill`: removes what a killed process left beside `target`, which are the names that hold the target's name
 * and were not there when the job began.
 */
export function removeTemporary(target: string): (pid: number) => Promise<void> {
  const full = resolve(target);
  const parent = dirname(full);
  const names = () => readdir(parent).catch((): string[] => []);
  const before = names();
  return async () => {
    const known = new Set(await before);
    for (const name of await names()) {
      const temporary = /\.part(ial)?$/.test(name) && name.includes(basename(full)) && !known.has(name);
      if (temporary) await rm(join(parent, name), { recursive: true, force: true });
    }
  };
}

/** Removes what a program that was itself killed left beside a target that nobody else writes. */
export async function removeLeftovers(target: string): Promise<void> {
  const full = resolve(target);
  const mine = `.${basename(full)}.`;
  for (const name of await readdir(dirname(full)).catch((): string[] => []))
    if (name.startsWith(mine) && name.endsWith('.partial'))
      await rm(join(dirname(full), name), { recursive: true, force: true });
}
