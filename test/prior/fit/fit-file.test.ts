import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { EngineError } from '../../../engine/errors.ts';
import { fileSha256 } from '../../../engine/prior/digest.ts';
import { type FitFile, readFitFile, writeFitFile } from '../../../engine/prior/fit/fit-file.ts';
import { fitModel } from '../../../engine/prior/fit/fit-model.ts';
import { parseManifest } from '../../../engine/prior/manifest.ts';
import { openSafetensors, writeSafetensors } from '../../../engine/prior/safetensors.ts';
import { memoryWeights, type NamedTensor } from '../../../engine/prior/weights.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { manifestOfTiny } from '../tiny-prior.ts';
import { face } from './drawn-images.ts';

const random = createRandom(1);
const content: FitFile = {
  model: fitModel(
    Array.from({ length: 16 }, (_, i) => face(random, String(i % 4))),
    { copies: 1 },
  ),
  surprise: { network: 'ab'.repeat(32), rows: Float32Array.of(0.1, -3, 0.5, 0.2, 0.4, -2, 0.4, 0.3) },
};
let folder = '';
let entry = { file: '', sha256: '', bytes: 0 };
const manifestWith = (fit: unknown) => parseManifest(JSON.stringify(manifestOfTiny({ fit })), 'manifest.json');

beforeAll(async () => {
  folder = temporaryFolder();
  entry = await writeFitFile(folder, content);
});

async function refused(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

/** A fit file with some tensors changed, its manifest entry true to it. */
async function changed(change: (tensors: Map<string, NamedTensor>) => void, metadata?: Record<string, string>) {
  const source = await openSafetensors(join(folder, entry.file));
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { shape }] of source.tensors) tensors.set(name, { shape, data: (await source.read(name)).slice() });
  await source.close();
  change(tensors);
  const own = temporaryFolder();
  const path = join(own, 'fit.safetensors');
  await writeSafetensors(path, memoryWeights(tensors), { metadata: metadata ?? source.metadata });
  const fit = { file: 'fit.safetensors', sha256: await fileSha256(path), bytes: readFileSync(path).length };
  return readFitFile(manifestWith(fit), own);
}

describe('a fit file', () => {
  test('comes back as it was written, and is small', async () => {
    expect(entry.bytes).toBeLessThan(300_000);
    expect(await readFitFile(manifestWith(entry), folder)).toEqual(content);
  });
  test('the same model gives the same bytes', async () => {
    expect(await writeFitFile(temporaryFolder(), content)).toEqual(entry);
  });
  test('a prior without one has none', async () => {
    expect(await readFitFile(manifestWith(undefined), folder)).toBeUndefined();
  });
});

describe('refused by name', () => {
  test('missing, changed, truncated', async () => {
    expect(await refused(readFitFile(manifestWith({ ...entry, file: 'other.safetensors' }), folder))).toMatchObject({
      code: 'not-found',
    });
    const wrong = await refused(readFitFile(manifestWith({ ...entry, sha256: '0'.repeat(64) }), folder));
    expect(wrong).toMatchObject({ code: 'mismatch' });
    expect(wrong.message).toContain(entry.sha256);
    const own = temporaryFolder();
    const path = join(own, entry.file);
    writeFileSync(path, readFileSync(join(folder, entry.file)));
    truncateSync(path, entry.bytes - 4);
    const cut = { ...entry, bytes: entry.bytes - 4, sha256: await fileSha256(path) };
    expect((await refused(readFitFile(manifestWith(cut), own))).code).toBe('bad-input');
  });
  test('larger than any fit model', async () => {
    const own = temporaryFolder();
    writeFileSync(join(own, entry.file), new Uint8Array(400_000));
    expect((await refused(readFitFile(manifestWith(entry), own))).message).toMatch(
      /at most 300000 bytes, found 400000/,
    );
  });
  test('another kind of file', async () => {
    expect((await refused(changed(() => {}, { format: 'other' }))).message).toMatch(/format is other/);
  });
  test.each<[string, (tensors: Map<string, NamedTensor>) => void, RegExp]>([
    ['a tensor is missing', (t) => t.delete('layout.mean'), /lacks layout.mean/],
    ['NaN', (t) => t.get('whole.mean')?.data.fill(Number.NaN), /whole.mean holds NaN/],
    [
      'infinite weights',
      (t) => t.get('orientation.weights')?.data.fill(Infinity),
      /orientation.weights holds Infinity/,
    ],
    ['no variance', (t) => t.get('layout.variances')?.data.fill(0), /layout holds a variance/],
    ['negative spread', (t) => t.get('whole.spread')?.data.fill(-1), /whole holds a variance or spread/],
    ['falling quantiles', (t) => t.get('best')?.data.reverse(), /best falls at 1/],
    [
      'another shape',
      (t) => t.set('best', { shape: [3], data: new Float32Array(3) }),
      /best is \[3\], expected \[101\]/,
    ],
    [
      'directions of another length',
      (t) => t.set('layout.directions', { shape: [2, 5], data: new Float32Array(10).fill(1) }),
      /layout.directions is \[2,5\]/,
    ],
    ['too many levels', (t) => t.set('surprise', { shape: [50, 4], data: new Float32Array(200).fill(1) }), /50 rows/],
  ])('%s', async (_, change, message) => {
    const error = await refused(changed((tensors) => void change(tensors)));
    expect(error.code).toBe('bad-input');
    expect(error.message).toMatch(message);
  });
});
