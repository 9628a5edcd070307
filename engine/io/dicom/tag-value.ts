/** Value of one element as text to read. */
import { tagText } from './dictionary.ts';

const MAX_TEXT = 1000;
const MAX_NUMBERS = 64;

type ReadNumber = (view: DataView, at: number, little: boolean) => number | bigint;

const NUMBERS: Readonly<Record<string, { bytes: number; read: ReadNumber } | undefined>> = {
  US: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { bytes: 4, read: (view, at, little) => Number(view.getFloat32(at, little).toPrecision(9)) },
  FD: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  UV: { bytes: 8, read: (view, at, little) => view.getBigUint64(at, little) },
  SV: { bytes: 8, read: (view, at, little) => view.getBigInt64(at, little) },
};
const TEXTS = /^(AE|AS|CS|DA|DS|DT|IS|LO|LT|PN|SH|ST|TM|UC|UI|UR|UT)$/;

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function looksLikeText(bytes: Uint8Array): boolean {
  return (
    bytes.length > 0 && bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13)
  );
}

/** Text, numbers parted by backslashes, or the number of bytes; at most 1000 characters. */
export function tagValue(
  vr: string,
  bytes: Uint8Array,
  options: { little: boolean; decode: (bytes: Uint8Array) => string },
): string {
  const { little, decode } = options;
  const count = `${bytes.length} byte${bytes.length === 1 ? '' : 's'}`;
  if (bytes.length === 0) return '';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (vr === 'AT')
    return cut(
      Array.from({ length: Math.min(MAX_NUMBERS, bytes.length >> 2) }, (_, i) =>
        tagText(view.getUint16(4 * i, little) * 65536 + view.getUint16(4 * i + 2, little)),
      ).join('\\'),
    );
  const number = NUMBERS[vr];
  if (number !== undefined) {
    const total = Math.floor(bytes.length / number.bytes);
    const shown = Array.from({ length: Math.min(MAX_NUMBERS, total) }, (_, i) =>
      number.read(view, i * number.bytes, little),
    );
    return cut(shown.map(String).join('\\') + (total > MAX_NUMBERS ? `\\… (${total} values)` : ''));
  }
  if (TEXTS.test(vr)) return cut(decode(bytes.subarray(0, 4 * MAX_TEXT + 8)).trim());
  const trimmed = bytes.subarray(0, bytes.at(-1) === 0 ? -1 : undefined);
  if (vr === 'UN' && bytes.length <= 256 && looksLikeText(trimmed)) return cut(decode(trimmed).trim());
  return count;
}
