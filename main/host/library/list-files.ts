/** Regular files below a folder, as names relative to it with slashes; links are not followed, hidden files left out. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_FILES = 20_000;

export async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (inside: string): Promise<void> => {
    const entries = (await readdir(join(folder, inside), { withFileTypes: true })).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    for (const entry of entries) {
      if (entry.name.startsWith('.') || found.length >= MAX_FILES) continue;
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) await walk(name);
      else if (entry.isFile()) found.push(name);
    }
  };
  await walk('');
  return found;
}
