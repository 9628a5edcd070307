/** De-identification from the command line, of files and of results. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPLICIT } from '../io/dicom/build-dicom.ts';
import { identifyingFile, leaks, patients } from '../io/identity.ts';
import { tangent } from './tangent-process.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tangent-cli-deid-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [patient] = fc.sample(patients, { numRuns: 1, seed: 11 });

function sourceFolder(name: string, drawn: boolean): string {
  const source = join(folder, name);
  rmSync(source, { recursive: true, force: true });
  const extra = drawn ? [{ tag: 0x00280301, vr: 'CS', value: 'YES' }] : [];
  const bytes = identifyingFile(patient, EXPLICIT, 'latin1', extra);
  mkdirSync(source);
  writeFileSync(join(source, `${patient.family}.dcm`), bytes);
  return source;
}

describe('tangent deidentify', () => {
  test('writes images without identity under new names and says what to know', async () => {
    const out = join(folder, 'out');
    const done = await tangent(['deidentify', sourceFolder('plain', false), '--out', out, '--json']);
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ folder: out, files: 1, left_out: 0 });
    expect(readdirSync(out)).toEqual(['image-0001.dcm']);
    expect(leaks(readFileSync(join(out, 'image-0001.dcm')), patient)).toEqual([]);
  });

  test('text burned in: exit 2, the option named, nothing written', async () => {
    const out = join(folder, 'held');
    const source = sourceFolder('drawn', true);
    const held = await tangent(['deidentify', source, '--out', out]);
    expect(held.code).toBe(2);
    expect(held.stderr).toContain('--pixels-reviewed');
    expect(readdirSync(folder)).not.toContain('held');
    const done = await tangent(['deidentify', source, '--out', out, '--pixels-reviewed', '--json']);
    expect(done.code).toBe(0);
  });
});

describe('tangent reconstruct --deidentify', () => {
  test('needs DICOM to write, and refuses sources with text drawn in before any work', async () => {
    const usage = await tangent(['reconstruct', 'x.npz', '--out', join(folder, 'r'), '--deidentify']);
    expect([usage.code, usage.stderr]).toEqual([2, expect.stringContaining('--format dicom')]);
    const drawn = await tangent([
      ...['reconstruct', sourceFolder('drawn', true), '--out', join(folder, 'r'), '--deidentify'],
      ...['--format', 'dicom', '--simulate', '--method', 'zero-filled'],
    ]);
    expect([drawn.code, drawn.stderr]).toEqual([2, expect.stringContaining('burned into the pixels')]);
  });
});
