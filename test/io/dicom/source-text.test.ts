import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import dcmjs from 'dcmjs';
import { describe, expect, test } from 'vitest';
import { carriedElements } from '../../../engine/io/dicom/elements.ts';
import { parseDicomFile } from '../../../engine/io/dicom/read-file.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import { writeDerivedSeries } from '../../../engine/io/dicom/write-series.ts';
import { buildDicom, IMPLICIT, sliceElements } from './build-dicom.ts';
import { expectClean, expectSamePixels, folderWith, fromScan, header, raw, tag } from './derived-example.ts';
import { folderOf, SAMPLES } from './test-folder.ts';

dcmjs.log.setLevel('silent');

describe('text of the source', () => {
  const thickness = { tag: 0x00180050, vr: 'DS', value: '1' };
  const sets: Record<string, [string, Uint8Array]> = {
    'Latin-1': ['ISO_IR 100', Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72, 0x5e, 0x4a, 0xf6, 0x72, 0x67, 0x20)],
    'UTF-8': ['ISO_IR 192', new TextEncoder().encode('Wang^XiaoDong=王^小东 ')],
    // "Yamada^Tarou=山田^太郎" with escape sequences, PS3.5 §H.3.1.
    'Japanese with escapes': [
      '\\ISO 2022 IR 87',
      Uint8Array.from(
        Buffer.from('59616d6164615e5461726f753d1b24423b3345441b28425e1b2442424040 3a1b2842'.replaceAll(' ', ''), 'hex'),
      ),
    ],
  };

  test.each(Object.keys(sets))('%s names survive byte for byte, from explicit and implicit files', async (name) => {
    const [characterSet, bytes] = sets[name];
    const value = bytes.length % 2 === 0 ? bytes : Uint8Array.from([...bytes, 0x20]);
    const extra = [{ tag: 0x00080005, vr: 'CS', value: characterSet }, { tag: 0x00100010, vr: 'PN', value }, thickness];
    for (const encoding of [undefined, IMPLICIT]) {
      const source = buildDicom(sliceElements({ extra }), encoding);
      const [file] = writeDerivedSeries(fromScan(await openDicom([folderOf({ source })])));
      expect(raw(file.bytes, 'x00100010')).toBe(Buffer.from(value).toString('hex'));
      expect(raw(file.bytes, 'x00080005')).toBe(raw(source, 'x00080005'));
      expectClean([file]);
    }
  });

  test('a file written by dcmjs: its reader finds the same name in the derived file', async () => {
    const dataset = {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
      SOPInstanceUID: '1.2.3.4',
      StudyInstanceUID: '1.2.5',
      SeriesInstanceUID: '1.2.6',
      SpecificCharacterSet: 'ISO_IR 192',
      PatientName: 'Łukasiewicz^Żaneta',
      Modality: 'MR',
      Rows: 2,
      Columns: 2,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      PixelData: Uint16Array.of(1, 2, 3, 4).buffer,
      _vrMap: { PixelData: 'OW' },
    };
    const meta = { '00020010': { vr: 'UI', Value: ['1.2.840.10008.1.2.1'] } };
    const dict = new dcmjs.data.DicomDict(meta);
    dict.dict = dcmjs.data.DicomMetaDictionary.denaturalizeDataset(dataset);
    const scan = await openDicom([folderOf({ f: new Uint8Array(dict.write()) })]);
    expect([...scan.volume.data]).toEqual([1, 2, 3, 4]);
    const [file] = writeDerivedSeries(fromScan(scan));
    const again = dcmjs.data.DicomMessage.readFile(file.bytes.slice().buffer);
    expect(JSON.stringify(again.dict['00100010'].Value)).toContain('Łukasiewicz^Żaneta');
  });

  test('numbers of big-endian and implicit sources keep their value', async () => {
    for (const name of ['explicit_big.dcm', 'implicit_little.dcm']) {
      const bytes = new Uint8Array(readFileSync(join(SAMPLES, name)));
      const before = carriedElements(parseDicomFile(bytes).dataset).find((element) => element.tag === 0x00181310);
      const files = writeDerivedSeries(fromScan(await openDicom([join(SAMPLES, name)])));
      const after = carriedElements(parseDicomFile(files[0].bytes).dataset).find(
        (element) => element.tag === 0x00181310,
      );
      expect(after).toEqual(before);
      const values = parseDicomFile(bytes).dataset.attributes;
      expect([0, 1, 2, 3].map((i) => header(files[0]).uint16('x00181310', i))).toEqual(
        [0, 1, 2, 3].map((i) => values.uint16('x00181310', i)),
      );
      expectClean(files);
    }
  });

  test('enhanced sources give single frames with their timing lifted out of the groups', async () => {
    const item = (tagNumber: number, ...elements: { tag: number; vr: string; value: string | number[] }[]) => ({
      tag: tagNumber,
      vr: 'SQ',
      items: [elements],
    });
    const shared = [
      item(0x00209116, { tag: 0x00200037, vr: 'DS', value: '1\\0\\0\\0\\1\\0' }),
      item(0x00289110, { tag: 0x00280030, vr: 'DS', value: '2\\2' }),
      item(0x00189112, { tag: 0x00180080, vr: 'DS', value: '500' }, { tag: 0x00181314, vr: 'DS', value: '30' }),
    ];
    const frame = (z: number, te: number) => [
      item(0x00209113, { tag: 0x00200032, vr: 'DS', value: `0\\0\\${z}` }),
      item(0x00189114, { tag: 0x00189082, vr: 'FD', value: [te] }),
    ];
    const pixels = new Uint8Array(new Uint16Array(24).map((_, i) => i).buffer);
    const source = buildDicom(
      sliceElements({
        position: undefined,
        pixels,
        extra: [
          { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.4.1' },
          { tag: 0x00280008, vr: 'IS', value: '2' },
          { tag: 0x00189073, vr: 'FD', value: [12] },
          { tag: 0x52009229, vr: 'SQ', items: [shared] },
          { tag: 0x52009230, vr: 'SQ', items: [frame(3, 4.5), frame(0, 4.5)] },
        ],
      }),
    );
    const scan = await openDicom([folderOf({ source })]);
    const files = writeDerivedSeries(fromScan(scan));
    const again = await openDicom([folderWith(files)]);
    expectSamePixels(again, scan);
    expect(again.geometry).toEqual(scan.geometry);
    expect(['x00180080', 'x00181314', 'x00180081', 'x00180050'].map((key) => tag(files[0], key))).toEqual([
      '500',
      '30',
      '4.5',
      '3',
    ]);
    expect(
      files.map((file) => Object.keys(header(file).elements).filter((key) => /^x(52|00189073|00280008)/.test(key))),
    ).toEqual([[], []]);
    expectClean(files);
  });
});
