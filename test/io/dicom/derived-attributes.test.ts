import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import dcmjs from 'dcmjs';
import { describe, expect, test } from 'vitest';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import { writeDerivedSeries } from '../../../engine/io/dicom/write-series.ts';
import { buildDicom, sliceElements } from './build-dicom.ts';
import { brain, expectClean, folderWith, fromScan, header, tag, tools } from './derived-example.ts';
import { folderOf } from './test-folder.ts';

dcmjs.log.setLevel('silent');

describe('the table of derived attributes', () => {
  const files = writeDerivedSeries(fromScan(brain));
  const first = files[0];
  const sourceFirst = brain.dicom?.slices[0].instance;

  test('labels, dates, derivation', () => {
    expect(tag(first, 'x00080008')).toBe('DERIVED\\SECONDARY\\OTHER\\DDS');
    expect(tag(first, 'x0008103e')).toBe('[RESEARCH] dds reconstruction');
    expect(tag(first, 'x00204000')).toBe(
      '[RESEARCH] Not for diagnostic use; simulated k-space; contains model-generated detail',
    );
    expect(tag(first, 'x00082111')).toBe(
      'Method dds; acceleration 4; 50 steps; gamma 5; seed 7; model brain-mri; model hash abc123; Tangent 0.1.0; job 00ff',
    );
    expect(['x00080012', 'x00080021', 'x00080023'].map((key) => tag(first, key))).toEqual(Array(3).fill('20260102'));
    expect(['x00080013', 'x00080031', 'x00080033'].map((key) => tag(first, key))).toEqual(Array(3).fill('030405'));
    expect(tag(first, 'x00080022')).toBe('20010316');
    expect(tag(first, 'x00280301')).toBe('NO');
    expect(tag(first, 'x00200011')).toBe('1002');
    const plain = writeDerivedSeries(fromScan(brain, { simulated: false, modelGenerated: false }))[0];
    expect(tag(plain, 'x00204000')).toBe('[RESEARCH] Not for diagnostic use');
  });

  test('acquisition is kept, the scanner moves to contributing equipment', () => {
    expect(['x00180080', 'x00180081', 'x00181314', 'x00181250'].map((key) => tag(first, key))).toEqual([
      '2300.00',
      '22.0000',
      '90',
      'HEAD',
    ]);
    expect(tag(first, 'x00080070')).toBe('Tangent');
    const items = header(first).elements.x0018a001.items?.map((item) => item.dataSet) ?? [];
    expect(items.map((item) => item?.string('x00080070'))).toEqual(['GE Medical Systems', 'Tangent']);
    const purposes = items.map((item) => item?.elements.x0040a170.items?.[0].dataSet?.string('x00080100'));
    expect(purposes).toEqual(['109101', '109102']);
    expect(items[0]?.string('x00081010')).toBe('MRS1');
    expect(items[1]?.string('x0018a002')).toBe('20260102030405');
    expect(tag(first, 'x00081010')).toBeUndefined();
  });

  test('every source instance is referenced, with its purpose', () => {
    const items = header(first).elements.x00082112.items?.map((item) => item.dataSet) ?? [];
    expect(items.map((item) => item?.string('x00081155'))).toEqual(
      brain.dicom?.slices.map(({ instance }) => instance.sopInstanceUid),
    );
    expect(items[0]?.elements.x0040a170.items?.[0].dataSet?.string('x00080100')).toBe('121322');
  });

  test('what describes other pixels is gone: padding, extremes, retired positions, private groups', async () => {
    const gone = [
      'x00280106',
      'x00280107',
      'x00280120',
      'x00281052',
      'x00281053',
      'x00200030',
      'x00200035',
      'x00000000',
    ];
    expect(gone.filter((key) => header(first).elements[key])).toEqual([]);
    const extra = [
      { tag: 0x00091001, vr: 'LO', value: 'private' },
      { tag: 0x60003000, vr: 'OW', value: new Uint8Array(4) },
      { tag: 0x00880200, vr: 'SQ', items: [[{ tag: 0x00280010, vr: 'US', value: [1] }]] },
      { tag: 0x00283010, vr: 'SQ', items: [[{ tag: 0x00283003, vr: 'LO', value: 'x' }]] },
      { tag: 0x20500020, vr: 'CS', value: 'INVERSE' },
      {
        tag: 0x00081140,
        vr: 'SQ',
        items: [
          [
            { tag: 0x00081150, vr: 'UI', value: '1.2' },
            { tag: 0x00111001, vr: 'LO', value: 'private' },
          ],
        ],
      },
    ];
    const scan = await openDicom([
      folderOf({ f: buildDicom(sliceElements({ extra: [...extra, { tag: 0x00180050, vr: 'DS', value: '5' }] })) }),
    ]);
    const [file] = writeDerivedSeries(fromScan(scan));
    const keys = Object.keys(header(file).elements);
    expect(keys.filter((key) => /^x(...[13579bdf]|60|50|2050|0088|00283010)/.test(key))).toEqual([]);
    expect(header(file).elements.x00081140.items?.[0].dataSet?.elements.x00111001).toBeUndefined();
    expect(Buffer.from(file.bytes).includes('private')).toBe(false);
    expectClean([file]);
  });

  test('window: the robust range as LINEAR; dcmtk renders that picture', () => {
    const [center, width] = [Number(tag(first, 'x00281050')), Number(tag(first, 'x00281051'))];
    const sorted = brain.volume.data.slice().sort();
    expect(width).toBeCloseTo(sorted[Math.round(0.995 * (sorted.length - 1))] - sorted[0] + 1, 0);
    expect(Math.abs(center - 0.5 - sorted[Math.round(0.995 * (sorted.length - 1))] / 2)).toBeLessThan(5);
    if (tools.length < 2) return;
    const folder = folderWith([files[10]]);
    spawnSync('dcm2pnm', ['+Wi', '1', '--write-raw-pnm', join(folder, files[10].name), join(folder, 'p.pgm')]);
    const picture = readFileSync(join(folder, 'p.pgm'));
    const grey = picture.subarray(picture.length - 256 * 256);
    const slice = brain.volume.data.subarray(10 * 256 * 256, 11 * 256 * 256);
    // PS3.3 C.11.2.1.2.1.
    const shown = (v: number): number => Math.min(255, Math.max(0, ((v - (center - 0.5)) / (width - 1) + 0.5) * 255));
    expect(slice.reduce((worst, v, i) => Math.max(worst, Math.abs(grey[i] - shown(v))), 0)).toBeLessThanOrEqual(1);
  });

  test('UIDs: the same job gives the same files, any change gives others', () => {
    const again = writeDerivedSeries(fromScan(brain));
    expect(again.every(({ bytes }, i) => Buffer.compare(bytes, files[i].bytes) === 0)).toBe(true);
    const other = writeDerivedSeries(fromScan(brain, { jobHash: '01' }));
    const uids = [...files, ...other].map((file) => tag(file, 'x00080018'));
    expect(new Set(uids).size).toBe(40);
    expect(uids).not.toContain(sourceFirst?.sopInstanceUid);
    expect(new Set([tag(first, 'x0020000e'), tag(other[0], 'x0020000e'), brain.dicom?.seriesUid]).size).toBe(3);
    for (const uid of uids) expect(uid).toMatch(/^2\.25\.[1-9]\d{1,38}$/);
  });

  test('difference and mean carry their code', () => {
    const codes = (combination: 'difference' | 'mean') =>
      header(writeDerivedSeries(fromScan(brain, { combination }))[0]).elements.x00089215.items?.map((item) =>
        item.dataSet?.string('x00080100'),
      );
    expect([codes('difference'), codes('mean')]).toEqual([
      ['113062', 'DDS'],
      ['113049', 'DDS'],
    ]);
  });

  test('file names and notes hold nothing of the patient; dcmjs reads the files', async () => {
    const named = await openDicom([
      folderOf({
        'SECRET_PATIENT.dcm': buildDicom(sliceElements({ extra: [{ tag: 0x00180050, vr: 'DS', value: '1' }] })),
      }),
    ]);
    const derived = writeDerivedSeries(fromScan(named));
    expect(JSON.stringify([derived.map(({ name }) => name), named.notes, named.digest]).toLowerCase()).not.toContain(
      'secret',
    );
    const { dict } = dcmjs.data.DicomMessage.readFile(derived[0].bytes.slice().buffer);
    expect(JSON.stringify(dict['00100010'].Value)).toContain('Secret^Patient');
    expect(dict['00080016'].Value).toEqual(['1.2.840.10008.5.1.4.1.1.4']);
  });
});
