import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textDecoder } from '../../../engine/io/dicom/character-set.ts';
import { tagTree } from '../../../engine/io/dicom/tag-tree.ts';
import { mutate, mutations } from '../mutations.ts';
import {
  BIG,
  buildDicom,
  concat,
  EXPLICIT,
  encapsulated,
  IMPLICIT,
  type RawElement,
  sliceElements,
} from './build-dicom.ts';

const extra: RawElement[] = [
  { tag: 0x00080005, vr: 'CS', value: 'ISO_IR 192' },
  { tag: 0x00100010, vr: 'PN', value: 'Müller^Jürgen' },
  {
    tag: 0x00081140,
    vr: 'SQ',
    items: [[{ tag: 0x00081150, vr: 'UI', value: '1.2' }], [{ tag: 0x00081155, vr: 'UI', value: '1.3' }]],
  },
  { tag: 0x00104000, vr: 'LT', value: 'x'.repeat(3000) },
  { tag: 0x00291010, vr: 'OB', value: new Uint8Array(10) },
  { tag: 0x00189087, vr: 'FD', value: [0.1] },
];
const elements = sliceElements({ extra });

test.each([
  ['explicit', EXPLICIT],
  ['implicit', IMPLICIT],
  ['big endian', BIG],
  ['without meta header', { ...EXPLICIT, meta: false }],
])('%s: names, text, numbers, sequences, private groups', (_, encoding) => {
  const tree = tagTree(buildDicom(elements, encoding));
  const of = (tag: string) => tree.find((node) => node.tag === tag);
  expect(of('(0010,0010)')).toMatchObject({ name: 'PatientName', value: 'Müller^Jürgen', private: false });
  expect(of('(0028,0010)')).toMatchObject({ vr: 'US', name: 'Rows', value: '4' });
  expect(of('(0018,9087)')).toMatchObject({ vr: 'FD', value: '0.1' });
  expect(of('(0008,1140)')).toMatchObject({ vr: 'SQ', value: '2 items' });
  expect(of('(0008,1140)')?.items.map((item) => item[0].value)).toEqual(['1.2', '1.3']);
  expect(of('(0010,4000)')?.value).toBe(`${'x'.repeat(1000)}…`);
  expect(of('(0029,1010)')).toMatchObject({ private: true, name: '', value: '10 bytes' });
  expect(of('(7fe0,0010)')?.value).toBe('24 bytes');
  expect(tree.at(-1)?.tag).toBe('(7fe0,0010)');
});

test('fragments are counted; a cut file shows what is left and says where it ends', () => {
  const head = elements.filter(({ tag }) => tag !== 0x7fe00010);
  const file = concat([
    buildDicom(head, { syntax: '1.2.840.10008.1.2.5' }),
    encapsulated([new Uint8Array(6), new Uint8Array(4)]),
  ]);
  expect(tagTree(file).at(-1)?.value).toBe('2 fragments, 10 bytes');
  const cut = tagTree(file.slice(0, file.length - 12));
  expect(cut.at(-2)?.value).toBe('2 fragments, 6 bytes'.replace('2', '1'));
  expect(cut.at(-1)).toMatchObject({ tag: '', value: '[the file is damaged here: compressed pixel data are cut off]' });
  const short = tagTree(buildDicom(elements).slice(0, 500));
  expect(short.length).toBeGreaterThan(3);
  expect(short.at(-1)?.value).toContain('the file is damaged here');
});

test('never throws, whatever the damage', () => {
  const seeds = [EXPLICIT, IMPLICIT, BIG].map((encoding) => buildDicom(elements, encoding));
  fc.assert(
    fc.property(fc.constantFrom(...seeds), mutations, (seed, steps) => {
      expect(Array.isArray(tagTree(mutate(seed, steps)))).toBe(true);
    }),
    { numRuns: 600 },
  );
  expect(tagTree(new Uint8Array(0))).toEqual([]);
});

test('character sets', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  expect(textDecoder('ISO_IR 100')(bytes(0x4d, 0xfc, 0x6c))).toBe('Mül');
  expect(textDecoder('ISO_IR 144')(bytes(0xbb, 0xee))).toBe('Лю');
  expect(textDecoder('GB18030')(bytes(0xcd, 0xf5))).toBe('王');
  // PS3.5 H.3.1: Yamada in kanji by ISO 2022 IR 87; I.2: Hong in hangul by ISO 2022 IR 149.
  expect(textDecoder('\\ISO 2022 IR 87')(bytes(0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42))).toBe(
    '山田',
  );
  expect(textDecoder('\\ISO 2022 IR 149')(bytes(0x1b, 0x24, 0x29, 0x43, 0xfb, 0xf3))).toBe('洪');
  expect(textDecoder('nonsense')(bytes(0x41))).toBe('A');
});
