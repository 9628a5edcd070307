/**
 * Bytes → data set header (PS3.10, PS3.5). Reading stops in front of the pixel data, whose place and length are
 * reported, so that a header can be read from the beginning of a file. Copes with a missing preamble and a missing or
 * incomplete meta header by looking at the first attribute.
 */

import type { DataSet } from 'dicom-parser';
import dicomParser from 'dicom-parser';
import { Inflate } from 'fflate';
import { check, EngineError } from '../../errors.ts';
import { dictionaryVr, tagName, tagNumber } from './dictionary.ts';
import type { TransferSyntax } from './transfer-syntax.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, transferSyntax } from './transfer-syntax.ts';

export interface Dataset {
  readonly attributes: DataSet;
  readonly syntax: TransferSyntax;
  /** The bytes `attributes` points into: the file behind its meta header, inflated where it was deflated. */
  readonly body: Uint8Array;
  /** Where `body` begins in the file; undefined when inflated, so offsets are then those of the inflated data. */
  readonly bodyOffset: number | undefined;
  readonly mediaStorageClass: string | undefined;
  /** False when the meta header was missing or named no transfer syntax, and it was guessed. */
  readonly syntaxStated: boolean;
}

interface Meta {
  end: number;
  syntax?: string;
  storageClass?: string;
}

const PREAMBLE = 132;
/** Value representations with a length of four bytes (PS3.5 §7.1.2). */
export const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)));
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) | (uint16(bytes, at + 2) << 16)) >>> 0;
}

/** Reads group 0002, always explicit little endian, beginning at `start`. */
function readMeta(bytes: Uint8Array, start: number): Meta {
  const meta: Meta = { end: start };
  let at = start;
  while (at + 8 <= bytes.length && uint16(bytes, at) === 2) {
    const element = uint16(bytes, at + 2);
    const long = LONG_VRS.has(ascii(bytes, at + 4, at + 6));
    const length = long ? (at + 12 <= bytes.length ? uint32(bytes, at + 8) : bytes.length) : uint16(bytes, at + 6);
    const value = at + (long ? 12 : 8);
    check(
      value + length <= bytes.length,
      () => `value of ${length} bytes at byte ${value} runs past the end of the file`,
      {
        path: tagName(0x00020000 + element),
        hint: 'The file is damaged or cut off; copy it again from its source.',
      },
    );
    // UIDs are padded with a null byte, by some writers with a space.
    const text = (): string => ascii(bytes, value, value + Math.min(length, 64)).replace(/[\0 ]+$/, '');
    if (element === 0x0010) meta.syntax = text();
    if (element === 0x0002) meta.storageClass = text();
    at = value + length;
    meta.end = at;
  }
  return meta;
}

/** Syntax of a data set that begins at `at`, judged by its first attribute; undefined when it does not look like one. */
function guessSyntax(bytes: Uint8Array, at: number): string | undefined {
  if (at + 8 > bytes.length) return undefined;
  const vr = /^[A-Z]{2}$/.test(ascii(bytes, at + 4, at + 6));
  const plausible = (group: number): boolean => group >= 0x0008 && group <= 0x0020 && group % 2 === 0;
  if (plausible((bytes[at] << 8) | bytes[at + 1]) && bytes[at] === 0 && vr) return EXPLICIT_BIG;
  if (!plausible(uint16(bytes, at))) return undefined;
  if (vr) return EXPLICIT_LITTLE;
  const length = uint32(bytes, at + 4);
  return length <= 1024 || length === 0xffffffff ? IMPLICIT_LITTLE : undefined;
}

/** Whether the first bytes of a file are those of a DICOM file (or of a bare data set without meta header). */
export function looksLikeDicom(bytes: Uint8Array): boolean {
  if (ascii(bytes, 128, PREAMBLE) === 'DICM') return true;
  if (bytes.length < 16) return false;
  if (uint16(bytes, 0) === 2 && bytes[4] === 0x55) return true; // group 0002, VR "U?", without preamble
  return guessSyntax(bytes, 0) !== undefined && uint16(bytes, 0) !== 0x0020;
}

/** The data set behind the meta header of a deflated file. Throws `bad-input` and `resource`. */
export function inflateBody(bytes: Uint8Array, start: number, maxBytes: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new Inflate((chunk) => {
    size += chunk.length;
    check(size <= maxBytes, () => `deflated data set grows past ${maxBytes} bytes`, { code: 'resource' });
    chunks.push(chunk);
  });
  try {
    // Small pushes bound what one call can produce before the limit is looked at (1032 : 1 at most).
    for (let at = start; at < bytes.length; at += 65536)
      stream.push(bytes.subarray(at, at + 65536), at + 65536 >= bytes.length);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError('bad-input', 'deflated data set is damaged or cut off', { path: 'data set', cause });
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function lastTag(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('dataSet' in error)) return 'the first attribute';
  const keys = Object.keys((error.dataSet as DataSet).elements).filter((key) => key !== 'x00020010');
  const last = keys.at(-1);
  return last ? tagName(tagNumber(last)) : 'the first attribute';
}

/**
 * Parses the attributes in front of the pixel data. `input` may be the beginning of a file, if that reaches the pixel
 * data. Throws `bad-input` (not DICOM, damaged) and `resource` (deflated data beyond `maxInflatedBytes`).
 */
export function parseDataset(input: Uint8Array, maxInflatedBytes = 2 ** 31): Dataset {
  // A Buffer's slice() shares memory, a plain array's copies; everything below counts on the latter.
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  const start = ascii(bytes, 128, PREAMBLE) === 'DICM' ? PREAMBLE : 0;
  const meta = readMeta(bytes, start);
  const stated = meta.syntax !== undefined;
  const uid = meta.syntax ?? guessSyntax(bytes, meta.end);
  check(uid !== undefined, () => 'not a DICOM file', { hint: 'Expected "DICM" at byte 128 or a bare DICOM data set.' });
  const syntax = transferSyntax(uid);
  const body = syntax.deflated ? inflateBody(bytes, meta.end, maxInflatedBytes) : bytes.subarray(meta.end);
  check(body.length > 8, () => 'DICOM file holds no data set', { path: 'data set' });
  try {
    const attributes = dicomParser.parseDicom(body, {
      TransferSyntaxUID: syntax.explicit ? (syntax.bigEndian ? EXPLICIT_BIG : EXPLICIT_LITTLE) : IMPLICIT_LITTLE,
      untilTag: 'x7fe00010',
      // Private tags stay undefined: whether such a value is a sequence is then judged by its first bytes.
      vrCallback: (key: string) => {
        const tag = tagNumber(key);
        return (tag >>> 16) % 2 === 1 ? undefined : dictionaryVr(tag, false);
      },
    } as dicomParser.ParseDicomOptions);
    delete attributes.elements.x00020010;
    const bodyOffset = syntax.deflated ? undefined : meta.end;
    return { attributes, syntax, body, bodyOffset, mediaStorageClass: meta.storageClass, syntaxStated: stated };
  } catch (cause) {
    throw new EngineError('bad-input', `DICOM data set is damaged or cut off after ${lastTag(cause)}`, {
      path: 'data set',
      hint: 'Copy the file again from its source.',
      cause: cause instanceof Error ? cause : undefined,
    });
  }
}
