/** A derived series and the questions tests ask of one. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { DataSet } from 'dicom-parser';
import { expect } from 'vitest';
import type { NdArray } from '../../../engine/arrays/ndarray.ts';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { parseDicomFile } from '../../../engine/io/dicom/read-file.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import type { DerivedFile, DerivedSeriesOptions } from '../../../engine/io/dicom/write-series.ts';
import type { ImageScan, SliceGeometry } from '../../../engine/io/scan.ts';
import { folderOf, SAMPLES } from './test-folder.ts';

export const description = {
  method: 'dds',
  version: '0.1.0',
  acceleration: 4,
  steps: 50,
  gamma: 5,
  seed: 7,
  modelId: 'brain-mri',
  modelHash: 'abc123',
};
export const usual = {
  description,
  jobHash: '00ff',
  kspaceOrigin: false,
  simulated: true,
  modelGenerated: true,
  timestamp: new Date(2026, 0, 2, 3, 4, 5),
};

export function floats(scan: ImageScan): NdArray<'float32'> {
  return ndarray('float32', scan.volume.shape, scan.volume.data);
}

export function fromScan(scan: ImageScan, changes: Partial<DerivedSeriesOptions> = {}): DerivedSeriesOptions {
  return {
    ...usual,
    volume: floats(scan),
    modality: scan.modality,
    ...(scan.geometry && { geometry: scan.geometry }),
    ...(scan.spacingMm && { spacingMm: scan.spacingMm }),
    ...(scan.dicom && { source: scan.dicom }),
    ...changes,
  };
}

export function folderWith(files: readonly DerivedFile[]): string {
  return folderOf(Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])));
}

export function header(file: DerivedFile): DataSet {
  return parseDicomFile(file.bytes).dataset.attributes;
}

export function tag(file: DerivedFile, key: string): string | undefined {
  return header(file).string(key);
}

/** Raw bytes of a top-level value. */
export function raw(bytes: Uint8Array, key: string): string {
  const { attributes, body } = parseDicomFile(bytes).dataset;
  const element = attributes.elements[key];
  return Buffer.from(body.subarray(element.dataOffset, element.dataOffset + element.length)).toString('hex');
}

export function worstPosition(a: readonly SliceGeometry[], b: readonly SliceGeometry[]): number {
  return Math.max(...a.map((g, i) => Math.hypot(...g.position.map((mm, k) => mm - b[i].position[k]))));
}

export const tools = ['dcmdump', 'dcm2pnm'].filter((name) => spawnSync(name, ['--version']).status === 0);
if (tools.length < 2) console.log('skipped: dcmtk (dcmdump, dcm2pnm) is not installed');

/**
 * dcmtk parses every file, and renders the first, middle and last one, without a word on standard error. Without
 * dcmtk nothing is checked (said once above).
 */
export function expectClean(files: readonly DerivedFile[]): void {
  if (tools.length < 2) return;
  const folder = folderWith(files);
  const paths = files.map(({ name }) => join(folder, name));
  const dump = spawnSync('dcmdump', ['--verbose', '-M', ...paths]);
  expect([dump.status, dump.stderr.toString().match(/^[WE]:.*/gm)]).toEqual([0, null]);
  const shown = new Set([paths[0], paths[paths.length >> 1], paths[paths.length - 1]]);
  for (const path of shown) {
    const picture = spawnSync('dcm2pnm', ['+Wi', '1', path, join(folder, 'out.pgm')]);
    expect([picture.status, picture.stderr.toString()]).toEqual([0, '']);
  }
}

/** Same numbers to the bit (a deep comparison of large arrays takes seconds). */
export function expectSamePixels(a: ImageScan, b: ImageScan): void {
  expect(a.volume.shape).toEqual(b.volume.shape);
  const bytes = ({ data }: { data: Float32Array }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  expect(Buffer.compare(bytes(a.volume), bytes(b.volume))).toBe(0);
}

export const brain = await openDicom([join(SAMPLES, 'volume')]);

const validator = spawnSync('dciodvfy', ['-version']).error === undefined;
if (!validator) console.log('skipped: dicom3tools (dciodvfy) is not installed');

/** The module validator of dicom3tools finds no error (warnings about our private code and method names remain). */
export function expectConformant(file: DerivedFile): void {
  if (!validator) return;
  const said = spawnSync('dciodvfy', [join(folderWith([file]), file.name)]).stderr.toString();
  expect(said).toMatch(/^(MR|CT|SC)Image/m);
  expect(said.match(/^Error.*/gm)).toBeNull();
}
