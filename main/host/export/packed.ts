/** Many small files as one archive, for hosts where the user fetches files one by one. */
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Zip, ZipDeflate } from 'fflate';
import { stopIfAborted } from './export-job.ts';
import { freeName } from './free-name.ts';

/** The format's first date: archives must not depend on the clock. */
const FIRST_DATE = new Date(1980, 0, 1);

/** Packs `names` (relative to `folder`), removes the originals, and returns the archive's name. */
export async function packed(
  folder: string,
  names: readonly string[],
  stem: string,
  signal: AbortSignal,
): Promise<string> {
  const archive = await freeName(folder, stem, '.zip');
  const out = createWriteStream(join(folder, archive));
  const done = finished(out);
  const zip = new Zip((error, chunk, final) => {
    if (error) out.destroy(error);
    else {
      out.write(chunk);
      if (final) out.end();
    }
  });
  for (const name of names) {
    stopIfAborted(signal);
    const entry = new ZipDeflate(name, { level: 1 });
    entry.mtime = FIRST_DATE;
    zip.add(entry);
    entry.push(await readFile(join(folder, name)), true);
  }
  zip.end();
  await done;
  for (const top of new Set(names.map((name) => name.split('/')[0]))) await rm(join(folder, top), { recursive: true });
  return archive;
}
