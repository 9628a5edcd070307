/** Made-up patients whose every trait can be searched for in bytes, and files full of them. */
import fc from 'fast-check';
import { buildDicom, type Encoding, type RawElement, sliceElements } from './dicom/build-dicom.ts';

export interface Patient {
  family: string;
  given: string;
  id: string;
  accession: string;
  birth: string;
  studyDate: string;
  operator: string;
  institution: string;
  uids: { study: string; series: string; instance: string; frame: string; device: string };
  /** ISO 2022 bytes of a Japanese name, escape sequences included. */
  ideographic: Uint8Array;
}

const word = fc.stringMatching(/^Zq[a-z]{4,9}[äöüéñ]?[a-z]{1,3}$/);
const date = fc
  .date({ min: new Date(1921, 0, 1), max: new Date(2025, 11, 31), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10).replaceAll('-', ''));
const uid = fc.stringMatching(/^1\.2\.826\.0\.1\.[1-9][0-9]{6,9}\.[1-9][0-9]{8,12}$/);

export const patients: fc.Arbitrary<Patient> = fc.record({
  family: word,
  given: word,
  id: fc.stringMatching(/^[A-Z]{2}[0-9]{7,9}$/),
  accession: fc.stringMatching(/^A[0-9]{9}$/),
  birth: date,
  studyDate: date,
  operator: word,
  institution: word.map((name) => `Klinik ${name}`),
  uids: fc.record({ study: uid, series: uid, instance: uid, frame: uid, device: uid }),
  ideographic: fc
    .array(fc.tuple(fc.integer({ min: 0x30, max: 0x4f }), fc.integer({ min: 0x21, max: 0x7e })), {
      minLength: 3,
      maxLength: 6,
    })
    .map((pairs) => Uint8Array.from([0x1b, 0x24, 0x42, ...pairs.flat(), 0x1b, 0x28, 0x42])),
});

/** Every string of the patient that must not be found, longest forms and parts. */
export function traits({
  family,
  given,
  id,
  accession,
  birth,
  studyDate,
  operator,
  institution,
  uids,
}: Patient): string[] {
  const isoDates = [birth, studyDate].map((day) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
  return [family, given, id, accession, birth, studyDate, ...isoDates, operator, institution, ...Object.values(uids)];
}

/** Where any of the patient's traits stands in the bytes: latin-1, UTF-8, UTF-16 in both orders, any case; raw bytes. */
export function leaks(bytes: Uint8Array, patient: Patient): string[] {
  const found: string[] = [];
  const lower = Buffer.from(Buffer.from(bytes).toString('latin1').toLowerCase(), 'latin1');
  for (const trait of traits(patient)) {
    const small = trait.toLowerCase();
    const utf16 = Buffer.from(small, 'utf16le');
    const forms = {
      latin1: Buffer.from(small, 'latin1'),
      utf8: Buffer.from(small),
      utf16le: utf16,
      utf16be: Buffer.from(utf16).swap16(),
    };
    for (const [encoding, form] of Object.entries(forms))
      if (lower.includes(form)) found.push(`${trait} as ${encoding}`);
  }
  const raw = Buffer.from(patient.ideographic).subarray(3, -3);
  if (Buffer.from(bytes).includes(raw)) found.push('ideographic name');
  return found;
}

const bytesOf = (text: string, encoding: BufferEncoding): Uint8Array => {
  const bytes = Buffer.from(text, encoding);
  return Uint8Array.from(bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(' ')]));
};

/** Attributes, sequences, private groups, overlays and blobs that all speak of the patient. */
export function identifyingElements(p: Patient, charset: 'latin1' | 'utf8'): RawElement[] {
  const text = (tag: number, vr: string, value: string): RawElement => ({ tag, vr, value: bytesOf(value, charset) });
  const sentence = `${p.family} ${p.given} (${p.id}), ${p.birth}, ${p.uids.study}`;
  const person = `${p.family}^${p.given}`;
  const request: RawElement[] = [
    text(0x00080050, 'SH', p.accession),
    text(0x00321060, 'LO', `MRT ${p.family}`),
    text(0x00400007, 'LO', sentence.slice(0, 64)),
    { tag: 0x00091001, vr: 'LO', value: bytesOf(p.id, charset) },
    {
      tag: 0x00081115,
      vr: 'SQ',
      items: [[{ tag: 0x0020000e, vr: 'UI', value: p.uids.series }, text(0x00104000, 'LT', sentence)]],
    },
  ];
  const localCode: RawElement[] = [
    { tag: 0x00080100, vr: 'SH', value: 'X1' },
    { tag: 0x00080102, vr: 'SH', value: '99LOCAL' },
    text(0x00080104, 'LO', `Kopf ${p.family}`),
  ];
  const publicCode: RawElement[] = [
    { tag: 0x00080100, vr: 'SH', value: 'T-D1100' },
    { tag: 0x00080102, vr: 'SH', value: 'SRT' },
    text(0x00080104, 'LO', `Head of ${p.given}`),
  ];
  return [
    { tag: 0x00080005, vr: 'CS', value: charset === 'utf8' ? 'ISO_IR 192' : 'ISO_IR 100' },
    { tag: 0x00080008, vr: 'CS', value: 'ORIGINAL\\PRIMARY\\M' },
    { tag: 0x00080014, vr: 'UI', value: p.uids.device },
    { tag: 0x00080018, vr: 'UI', value: p.uids.instance },
    { tag: 0x00080020, vr: 'DA', value: p.studyDate },
    { tag: 0x00080021, vr: 'DA', value: p.studyDate },
    { tag: 0x0008002a, vr: 'DT', value: `${p.studyDate}101112.5` },
    { tag: 0x00080030, vr: 'TM', value: '101112' },
    text(0x00080050, 'SH', p.accession),
    text(0x00080070, 'LO', 'ACME'),
    text(0x00080080, 'LO', p.institution),
    { tag: 0x00080090, vr: 'PN', value: p.ideographic },
    text(0x00081030, 'LO', sentence.slice(0, 64)),
    text(0x0008103e, 'LO', `[RESEARCH] ${p.family}`),
    { tag: 0x00081032, vr: 'SQ', items: [localCode] },
    text(0x00081050, 'PN', person),
    text(0x00081070, 'PN', p.operator),
    {
      tag: 0x00081140,
      vr: 'SQ',
      items: [
        [
          { tag: 0x00081150, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.4' },
          { tag: 0x00081155, vr: 'UI', value: p.uids.instance },
          text(0x0008103e, 'LO', p.family),
        ],
      ],
    },
    { tag: 0x00082218, vr: 'SQ', items: [publicCode] },
    { tag: 0x00091001, vr: 'LO', value: bytesOf(sentence.slice(0, 64), charset) },
    { tag: 0x00090010, vr: 'LO', value: 'ACME 1.0' },
    { tag: 0x00091002, vr: 'OB', value: bytesOf(sentence, 'utf16le') },
    { tag: 0x00091003, vr: 'OB', value: Uint8Array.from(Buffer.from(bytesOf(sentence, 'utf16le')).swap16()) },
    { tag: 0x00091004, vr: 'SQ', items: [[text(0x00100010, 'PN', person)]] },
    text(0x00100010, 'PN', person),
    text(0x00100020, 'LO', p.id),
    { tag: 0x00100030, vr: 'DA', value: p.birth },
    text(0x00101000, 'LO', p.id),
    text(0x00101040, 'LO', sentence.slice(0, 64)),
    text(0x00104000, 'LT', sentence),
    {
      tag: 0x00180015,
      vr: 'CS',
      value: p.family
        .replace(/[^a-zA-Z]/g, '')
        .toUpperCase()
        .slice(0, 16),
    },
    text(0x00180024, 'SH', p.id),
    text(0x00181030, 'LO', `t1 ${p.given}`),
    text(0x00181250, 'SH', p.operator.slice(0, 8)),
    {
      tag: 0x0018a001,
      vr: 'SQ',
      items: [
        [
          text(0x00080070, 'LO', 'Tangent'),
          text(0x00080080, 'LO', p.institution),
          {
            tag: 0x0040a170,
            vr: 'SQ',
            items: [
              [
                { tag: 0x00080100, vr: 'SH', value: '109102' },
                { tag: 0x00080102, vr: 'SH', value: 'DCM' },
                text(0x00080104, 'LO', p.family),
              ],
            ],
          },
        ],
      ],
    },
    { tag: 0x0020000d, vr: 'UI', value: p.uids.study },
    { tag: 0x0020000e, vr: 'UI', value: p.uids.series },
    text(0x00200010, 'SH', p.accession),
    { tag: 0x00200052, vr: 'UI', value: p.uids.frame },
    text(0x00201040, 'LO', p.family),
    text(0x00204000, 'LT', `[RESEARCH] Not for diagnostic use; ${sentence}`),
    text(0x00281055, 'LO', p.family),
    { tag: 0x00400275, vr: 'SQ', items: [request] },
    {
      tag: 0x00400555,
      vr: 'SQ',
      items: [[text(0x0040a160, 'UT', sentence), { tag: 0x0040a121, vr: 'DA', value: p.birth }]],
    },
    { tag: 0x00880200, vr: 'SQ', items: [[{ tag: 0x7fe00010, vr: 'OW', value: bytesOf(sentence, charset) }]] },
    { tag: 0x04000561, vr: 'SQ', items: [[{ tag: 0x04000550, vr: 'SQ', items: [[text(0x00100010, 'PN', person)]] }]] },
    { tag: 0x50003000, vr: 'OW', value: bytesOf(sentence, charset) },
    { tag: 0x60000010, vr: 'US', value: [4] },
    { tag: 0x60003000, vr: 'OW', value: bytesOf(sentence, charset) },
    { tag: 0x60004000, vr: 'LT', value: bytesOf(sentence, charset) },
    { tag: 0xfffcfffc, vr: 'OB', value: bytesOf(sentence, charset) },
  ];
}

/** One slice with everything in it; the preamble speaks of the patient too. */
export function identifyingFile(
  p: Patient,
  encoding: Encoding,
  charset: 'latin1' | 'utf8',
  extra: RawElement[] = [],
): Uint8Array {
  const replaced = new Set(extra.map(({ tag }) => tag));
  const own = identifyingElements(p, charset).filter(({ tag }) => !replaced.has(tag));
  const bytes = buildDicom(sliceElements({ extra: [...own, ...extra] }), encoding);
  if (encoding.meta !== false) bytes.set(Buffer.from(p.id), 4);
  return bytes;
}
