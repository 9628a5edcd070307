/** Constructors of data elements. Text written by this program is ASCII, which is a subset of every character set. */
import { check } from '../../errors.ts';
import type { DicomElement } from './source.ts';

const MAX_LENGTH: Record<string, number | undefined> = {
  CS: 16,
  SH: 16,
  LO: 64,
  ST: 1024,
  LT: 10240,
  UI: 64,
  IS: 12,
  DS: 16,
};

/** ASCII only, one line; a backslash would start a second value in short texts. */
function plain(value: string, vr: string): string {
  const ascii = value.replace(/[^\x20-\x7e]/g, '?');
  const single = vr === 'ST' || vr === 'LT' || vr === 'UT' ? ascii : ascii.replaceAll('\\', '/');
  return single.slice(0, MAX_LENGTH[vr]);
}

/** Text values, cut to the length the VR allows. No value: an empty (type 2) element. */
export function text(tag: number, vr: string, ...values: string[]): DicomElement {
  return { tag, vr, value: new TextEncoder().encode(values.map((value) => plain(value, vr)).join('\\')) };
}

/** Decimal string of at most 16 characters with as many digits as fit. */
export function decimalText(value: number): string {
  check(Number.isFinite(value), () => `${value} cannot be written as a decimal string`, { code: 'numerical' });
  let shortest = String(value);
  for (let digits = 16; shortest.length > 16; digits--) {
    // Whole numbers up to 1e21 are written out by String, however few digits they keep.
    const kept = Number(value.toPrecision(digits));
    // The very largest may round beyond what is finite.
    if (!Number.isFinite(kept)) continue;
    const [plain, exponential] = [String(kept), kept.toExponential()];
    shortest = plain.length <= exponential.length ? plain : exponential;
  }
  return shortest;
}

export function decimals(tag: number, ...values: number[]): DicomElement {
  return text(tag, 'DS', ...values.map(decimalText));
}

export function whole(tag: number, value: number): DicomElement {
  return text(tag, 'IS', String(value));
}

export function shorts(tag: number, vr: 'US' | 'SS', ...values: number[]): DicomElement {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint16(i * 2, value & 0xffff, true);
  return { tag, vr, value: bytes };
}

export function double(tag: number, value: number): DicomElement {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return { tag, vr: 'FD', value: bytes };
}

export function sequence(tag: number, ...items: (readonly DicomElement[])[]): DicomElement {
  return { tag, vr: 'SQ', value: new Uint8Array(0), items };
}

/** Coded entry: one-item sequence of value, scheme and meaning (PS3.3 §8.8). */
export function code(tag: number, ...entries: { value: string; scheme: string; meaning: string }[]): DicomElement {
  const items = entries.map(({ value, scheme, meaning }) => [
    text(0x00080100, 'SH', value),
    text(0x00080102, 'SH', scheme),
    text(0x00080104, 'LO', meaning),
  ]);
  return sequence(tag, ...items);
}

/** Letters, digits, underscore and space, as Code String allows. */
export function codeString(value: string): string {
  return value
    .toUpperCase()
    .replace(/[^A-Z0-9_ ]/g, '_')
    .slice(0, 16);
}
