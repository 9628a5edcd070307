/** DICOMDIR, the table of contents of a medium (PS3.10 §8, PS3.3 Annex F): the files its records name. */
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { DataSet } from 'dicom-parser';
import { check } from '../../errors.ts';
import { readFileBytes } from '../file-bytes.ts';
import { parseDataset } from './dataset.ts';

export const MEDIA_DIRECTORY_CLASS = '1.2.840.10008.1.3.10';

const MAX_BYTES = 2 ** 28;
const MAX_RECORDS = 200_000;

export interface MediaDirectory {
  /** Existing files below the folder of the DICOMDIR, in the order of the records. */
  readonly files: string[];
  /** Records whose file is not there. */
  readonly missing: number;
  /** Records that name a place outside the folder. */
  readonly refused: number;
}

/** Whether the first bytes of a file name the class of a DICOMDIR in its meta header. */
export function looksLikeDicomdir(prefix: Uint8Array): boolean {
  const start = String.fromCharCode(...prefix.subarray(0, 1024));
  return start.slice(128, 132) === 'DICM' && /1\.2\.840\.10008\.1\.3\.10(?![\d.])/.test(start);
}

/** The entry of a folder under that name, whatever its case and with the version number CD file systems append. */
async function findEntry(folder: string, name: string): Promise<string | undefined> {
  const wanted = name.toLowerCase();
  const entries = await readdir(folder).catch(() => [] as string[]);
  return (
    entries.find((entry) => entry === name) ??
    entries.find((entry) => entry.toLowerCase().replace(/(\.)?;\d+$/, '') === wanted)
  );
}

/** Undefined when the parts lead outside or there is no such file; links are followed and checked. */
async function resolveInside(
  root: string,
  parts: readonly string[],
): Promise<'missing' | 'refused' | { path: string }> {
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[/\\\0:]/.test(part))) return 'refused';
  let path = root;
  for (const part of parts) {
    const entry = await findEntry(path, part);
    if (entry === undefined) return 'missing';
    path = join(path, entry);
  }
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return 'missing';
  return real.startsWith(root + sep) ? { path } : 'refused';
}

/** Throws `bad-input` when the file is not a DICOMDIR or is damaged. */
export async function readDicomdir(path: string): Promise<MediaDirectory> {
  const { attributes, mediaStorageClass } = parseDataset(await readFileBytes(path, MAX_BYTES));
  const records = attributes.elements.x00041220?.items;
  check(mediaStorageClass === MEDIA_DIRECTORY_CLASS && records !== undefined, () => 'not a DICOMDIR', {
    path: 'Directory Record Sequence (0004,1220)',
  });
  check(records.length <= MAX_RECORDS, () => `${records.length} records, at most ${MAX_RECORDS} are read`, {
    code: 'resource',
  });
  const root = await realpath(dirname(path));
  const found = { files: [] as string[], missing: 0, refused: 0 };
  for (const { dataSet } of records as { dataSet?: DataSet }[]) {
    const id = dataSet?.string('x00041500');
    if (id === undefined || id === '') continue;
    const place = await resolveInside(
      root,
      id.split('\\').map((part) => part.trim()),
    );
    if (typeof place === 'string') found[place]++;
    else found.files.push(place.path);
  }
  return found;
}
