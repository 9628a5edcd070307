/** Files of one array or scan, opened whole; the last ones stay in memory. */
import { stat } from 'node:fs/promises';
import { openScan } from '../../../engine/io/recognise.ts';
import type { Scan } from '../../../engine/io/scan.ts';
import { byteCache } from './slice-cache.ts';

const held = byteCache<{ scan: Scan; modified: number }>(2 ** 30);

export async function openedScan(path: string): Promise<Scan> {
  const modified = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    // BART names a pair by its stem, which is no file.
    () => 0,
  );
  const known = held.get(path);
  if (known !== undefined && known.modified === modified) return known.scan;
  const scan = await openScan(path);
  const data = scan.kind === 'kspace' ? scan.kspace : scan.kind === 'sinogram' ? scan.sinogram : scan.volume;
  held.set(path, { scan, modified }, data.data.byteLength);
  return scan;
}
