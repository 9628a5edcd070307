/** Builds small DICOM files of any encoding for tests, independently of the engine's own writer. */

export interface RawElement {
  tag: number;
  vr: string;
  /** Text, bytes as they are, or numbers written in the file's byte order by VR (US, SS, UL, SL, FL, FD). */
  value?: string | Uint8Array | number[];
  items?: RawElement[][];
}

export interface Encoding {
  syntax: string;
  implicit?: boolean;
  bigEndian?: boolean;
  /** false: no preamble and no meta header. */
  meta?: boolean;
}

export const EXPLICIT: Encoding = { syntax: '1.2.840.10008.1.2.1' };
export const IMPLICIT: Encoding = { syntax: '1.2.840.10008.1.2', implicit: true };
export const BIG: Encoding = { syntax: '1.2.840.10008.1.2.2', bigEndian: true };

const WIDTH: Record<string, number> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8 };
const LONG = new Set(['OB', 'OW', 'OF', 'OD', 'SQ', 'UN', 'UT']);

function numberBytes(vr: string, numbers: number[], little: boolean): Uint8Array {
  const bytes = new Uint8Array(numbers.length * WIDTH[vr]);
  const view = new DataView(bytes.buffer);
  for (const [i, n] of numbers.entries()) {
    if (vr === 'US' || vr === 'SS') view.setUint16(i * 2, n & 0xffff, little);
    else if (vr === 'UL' || vr === 'SL') view.setUint32(i * 4, n >>> 0, little);
    else if (vr === 'FL') view.setFloat32(i * 4, n, little);
    else view.setFloat64(i * 8, n, little);
  }
  return bytes;
}

function valueBytes(element: RawElement, encoding: Encoding): Uint8Array {
  if (element.items) {
    const parts = element.items.map((item) => {
      const body = elementBytes(item, encoding);
      return concat([header(0xfffee000, body.length, encoding), body]);
    });
    return concat(parts);
  }
  const { value = '' } = element;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return numberBytes(element.vr, value, !encoding.bigEndian);
  const text = new TextEncoder().encode(value);
  return text.length % 2 === 0 ? text : concat([text, Uint8Array.of(element.vr === 'UI' ? 0 : 0x20)]);
}

function header(tag: number, length: number, { bigEndian }: Encoding): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, tag >>> 16, !bigEndian);
  view.setUint16(2, tag & 0xffff, !bigEndian);
  view.setUint32(4, length, !bigEndian);
  return new Uint8Array(view.buffer);
}

export function concat(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function elementBytes(elements: RawElement[], encoding: Encoding): Uint8Array {
  const parts = [...elements]
    .sort((a, b) => a.tag - b.tag)
    .map((element) => {
      const value = valueBytes(element, encoding);
      if (encoding.implicit) return concat([header(element.tag, value.length, encoding), value]);
      const start = header(element.tag, 0, encoding);
      start.set(new TextEncoder().encode(element.vr), 4);
      const view = new DataView(start.buffer);
      if (!LONG.has(element.vr)) {
        view.setUint16(6, value.length, !encoding.bigEndian);
        return concat([start, value]);
      }
      view.setUint16(6, 0);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, value.length, !encoding.bigEndian);
      return concat([start, length, value]);
    });
  return concat(parts);
}

/** A whole file. */
export function buildDicom(elements: RawElement[], encoding: Encoding = EXPLICIT): Uint8Array {
  const body = elementBytes(elements, encoding);
  if (encoding.meta === false) return body;
  const meta = elementBytes([{ tag: 0x00020010, vr: 'UI', value: encoding.syntax }], EXPLICIT);
  const length = elementBytes([{ tag: 0x00020000, vr: 'UL', value: [meta.length] }], EXPLICIT);
  return concat([new Uint8Array(128), new TextEncoder().encode('DICM'), length, meta, body]);
}

/** Fragments of encapsulated pixel data behind an empty offset table; element header included. */
export function encapsulated(fragments: Uint8Array[]): Uint8Array {
  const item = (bytes: Uint8Array): Uint8Array[] => [header(0xfffee000, bytes.length, EXPLICIT), bytes];
  const start = header(0x7fe00010, 0, EXPLICIT);
  start.set(new TextEncoder().encode('OB'), 4);
  const end = header(0xfffee0dd, 0, EXPLICIT);
  return concat([
    start,
    Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    ...item(new Uint8Array(0)),
    ...fragments.flatMap(item),
    end,
  ]);
}

export interface SliceOptions {
  rows?: number;
  columns?: number;
  bitsAllocated?: number;
  bitsStored?: number;
  highBit?: number;
  signed?: boolean;
  position?: number[] | undefined;
  orientation?: number[];
  spacing?: string;
  instance?: number;
  series?: string;
  pixels?: Uint8Array;
  pixelVr?: string;
  extra?: RawElement[];
}

/** One MR slice of a made-up series; `extra` elements replace those of the same tag. */
export function sliceElements(options: SliceOptions = {}): RawElement[] {
  const { rows = 4, columns = 3, bitsAllocated = 16, bitsStored = bitsAllocated, instance = 1 } = options;
  const position = 'position' in options ? options.position : [0, 0, instance];
  const pixels = options.pixels ?? new Uint8Array(Math.ceil((rows * columns * bitsAllocated) / 16) * 2);
  const extra = options.extra ?? [];
  const usual: RawElement[] = [
    { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.4' },
    { tag: 0x00080018, vr: 'UI', value: `1.2.3.${instance}` },
    { tag: 0x00080060, vr: 'CS', value: 'MR' },
    { tag: 0x00100010, vr: 'PN', value: 'Secret^Patient' },
    { tag: 0x0020000d, vr: 'UI', value: '1.2.9' },
    { tag: 0x0020000e, vr: 'UI', value: options.series ?? '1.2.8' },
    { tag: 0x00200013, vr: 'IS', value: String(instance) },
    { tag: 0x00280002, vr: 'US', value: [1] },
    { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
    { tag: 0x00280010, vr: 'US', value: [rows] },
    { tag: 0x00280011, vr: 'US', value: [columns] },
    { tag: 0x00280030, vr: 'DS', value: options.spacing ?? '2\\1.5' },
    { tag: 0x00280100, vr: 'US', value: [bitsAllocated] },
    { tag: 0x00280101, vr: 'US', value: [bitsStored] },
    { tag: 0x00280102, vr: 'US', value: [options.highBit ?? bitsStored - 1] },
    { tag: 0x00280103, vr: 'US', value: [options.signed ? 1 : 0] },
    { tag: 0x7fe00010, vr: options.pixelVr ?? 'OW', value: pixels },
  ];
  if (position) {
    usual.push({ tag: 0x00200032, vr: 'DS', value: position.join('\\') });
    usual.push({ tag: 0x00200037, vr: 'DS', value: (options.orientation ?? [1, 0, 0, 0, 1, 0]).join('\\') });
  }
  return [...usual.filter((element) => !extra.some((other) => other.tag === element.tag)), ...extra];
}
