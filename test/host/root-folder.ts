/** A folder for --root: images, a hidden file, a link inside and links that lead out. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpy } from '../../engine/io/npy.ts';

export interface RootFolder {
  path: string;
  name: string;
  remove(): Promise<void>;
}

export async function rootFolder(): Promise<RootFolder> {
  const top = await mkdtemp(join(tmpdir(), 'tangent-root-'));
  const path = join(top, 'scans');
  await mkdir(join(path, 'inner'), { recursive: true });
  const pixels = Float32Array.from({ length: 12 * 16 }, (_, index) => Math.sin(index) + index / 50);
  const image = writeNpy(ndarray('float32', [12, 16], pixels));
  for (const name of ['image2.npy', 'image10.npy', '.hidden.npy']) await writeFile(join(path, name), image);
  await writeFile(join(top, 'outside.npy'), image);
  await symlink(join(path, 'image2.npy'), join(path, 'inside-link.npy'));
  await symlink(join(top, 'outside.npy'), join(path, 'outside-link.npy'));
  await symlink(top, join(path, 'outside-folder'));
  await symlink(join(path, 'gone.npy'), join(path, 'broken-link.npy'));
  return { path, name: basename(path), remove: () => rm(top, { recursive: true, force: true }) };
}
