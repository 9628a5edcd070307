/**
 * DICOM file (PS3.10) in Explicit VR Little Endian: elements sorted, values padded to even length, sequences and items
 * with explicit lengths. Values are written as the bytes they are: text of the source keeps its own character set,
 * where a writer that takes strings would re-encode it.
 */
import { check } from '../../errors.ts';
import { derivedUid } from './derived-uid.ts';
import { tagName } from './dictionary.ts';
import { text } from './make-element.ts';
import type { DicomElement } from './source.ts';
import { EXPLICIT_LITTLE } from './transfer-syntax.ts';

/** Implementation Class UID (0002,0012) of every file written here. */
export const IMPLEMENTATION_CLASS_UID = derivedUid('implementation class');
const UNDEFINED_LENGTH = 0xffffffff;
const IMPLEMENTATION_VERSION = 'TANGENT_1';
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const SPACE_PADDED = new Set([
  'AE',
  'AS',
  'CS',
  'DA',
  'DS',
  'DT',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UC',
  'UR',
  'UT',
]);

class Sink {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  uint16(value: number): void {
    this.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  uint32(value: number): void {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  tag(tag: number): void {
    this.uint16(tag >>> 16);
    this.uint16(tag & 0xffff);
  }

  put(bytes: Uint8Array, padding = 0): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    if (bytes.length % 2 === 1) this.bytes[this.at++] = padding;
  }

  get size(): number {
    return this.at;
  }
}

function even(length: number): number {
  return length + (length % 2);
}

function valueLength(element: DicomElement): number {
  if (element.vr !== 'SQ') return even(element.value.length);
  return (element.items ?? []).reduce((sum, item) => sum + 8 + elementsLength(item), 0);
}

function elementsLength(elements: readonly DicomElement[]): number {
  return elements.reduce((sum, element) => sum + (LONG_VRS.has(element.vr) ? 12 : 8) + valueLength(element), 0);
}

function write(sink: Sink, elements: readonly DicomElement[]): void {
  let previous = -1;
  for (const element of elements) {
    check(element.tag > previous, () => `${tagName(element.tag)} is out of order`, { code: 'internal' });
    previous = element.tag;
    const length = valueLength(element);
    sink.tag(element.tag);
    sink.put(new TextEncoder().encode(element.vr));
    if (LONG_VRS.has(element.vr)) {
      sink.uint16(0);
      sink.uint32(element.encapsulated ? UNDEFINED_LENGTH : length);
    } else {
      check(length < 65536, () => `value of ${length} bytes is too long for VR ${element.vr}`, { code: 'internal' });
      sink.uint16(length);
    }
    if (element.vr !== 'SQ') sink.put(element.value, SPACE_PADDED.has(element.vr) ? 0x20 : 0);
    for (const item of element.items ?? []) {
      sink.tag(0xfffee000);
      sink.uint32(elementsLength(item));
      write(sink, item);
    }
  }
}

/**
 * Bytes of one file. `elements` must be sorted by tag, without repetition, and hold SOP class and instance UID. Another
 * transfer syntax than explicit little endian is stated for compressed pixels only.
 */
export function encodeDicomFile(elements: readonly DicomElement[], transferSyntax = EXPLICIT_LITTLE): Uint8Array {
  const uid = (tag: number): DicomElement => {
    const found = elements.find((element) => element.tag === tag);
    check(found !== undefined, () => `${tagName(tag)} is missing`, { code: 'internal' });
    return found;
  };
  const meta: DicomElement[] = [
    { tag: 0x00020001, vr: 'OB', value: Uint8Array.of(0, 1) },
    { ...uid(0x00080016), tag: 0x00020002 },
    { ...uid(0x00080018), tag: 0x00020003 },
    text(0x00020010, 'UI', transferSyntax),
    text(0x00020012, 'UI', IMPLEMENTATION_CLASS_UID),
    text(0x00020013, 'SH', IMPLEMENTATION_VERSION),
  ];
  const metaLength = elementsLength(meta);
  const groupLength: DicomElement = {
    tag: 0x00020000,
    vr: 'UL',
    value: new Uint8Array(Uint32Array.of(metaLength).buffer),
  };
  const sink = new Sink(132 + 12 + metaLength + elementsLength(elements));
  sink.put(new Uint8Array(128));
  sink.put(new TextEncoder().encode('DICM'));
  write(sink, [groupLength, ...meta]);
  write(sink, elements);
  check(sink.size === sink.bytes.length, () => 'file length was computed wrongly', { code: 'internal' });
  return sink.bytes;
}
