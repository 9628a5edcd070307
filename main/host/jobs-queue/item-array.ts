/** An array of an item, written where an engine process can read it. */
import { basename, dirname } from 'node:path';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { EngineError } from '../../../engine/errors.ts';
import { writeFileAtomic } from '../../../engine/io/atomic-file.ts';
import { writeNpy } from '../../../engine/io/npy.ts';
import type { Library } from '../services.ts';

/** float32 [slices, rows, columns] as .npy; returns the file. Throws `bad-usage` naming the components there are. */
export async function writeItemArray(library: Library, item: string, part: string, file: string): Promise<string> {
  const { components } = await library.describe(item);
  const found = components.find(({ name }) => name === part);
  if (found === undefined || found.format !== 'float32')
    throw new EngineError('bad-usage', `the item has no numbers called ${JSON.stringify(part)}`, {
      path: basename(dirname(file)),
      hint: `Choose one of ${components.map(({ name }) => name).join(', ') || 'another item'}.`,
    });
  const values = await library.volume(item, part);
  const bytes = writeNpy(ndarray('float32', found.shape, values));
  await writeFileAtomic(file, bytes, { force: true });
  return file;
}
