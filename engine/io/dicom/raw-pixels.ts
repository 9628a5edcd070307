/**
 * The pixel data element of a file as it will stand in another file: its bytes kept, in explicit little endian or in
 * the fragments they are in. Only what is not image is changed: bytes behind the last pixel, overlay planes in unused
 * bits, comments inside compressed frames.
 */
import { check, EngineError } from '../../errors.ts';
import { blankComments } from './codestream-comments.ts';
import type { Dataset } from './dataset.ts';
import { dictionaryVr, tagNumber } from './dictionary.ts';
import type { DicomElement } from './source.ts';

const UNDEFINED_LENGTH = 0xffffffff;
const PIXEL_KEYS = ['x7fe00008', 'x7fe00009', 'x7fe00010'] as const;
/** Extended offset table and its lengths: where the frames begin in the fragments. */
const TABLE_KEYS = ['x7fe00001', 'x7fe00002'] as const;

export interface PixelFacts {
  /** Bytes the image needs, uncompressed. */
  readonly needed: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
}

function swapped(bytes: Uint8Array, word: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at + word <= bytes.length; at += word)
    for (let b = 0; b < word; b++) out[at + b] = bytes[at + word - 1 - b];
  return out;
}

/** End of a run of fragments that begins at `at`, behind its end mark. */
function fragmentsEnd(file: Dataset, start: number): number {
  const { body } = file;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let at = start; ; ) {
    check(at + 8 <= body.length, () => 'compressed pixel data is cut off before its end mark', {
      path: 'Pixel Data (7fe0,0010)',
      hint: 'The file is incomplete; copy it again from its source.',
    });
    const tag = ((view.getUint16(at, true) << 16) | view.getUint16(at + 2, true)) >>> 0;
    const length = view.getUint32(at + 4, true);
    at += 8;
    if (tag === 0xfffee0dd) return at;
    check(
      tag === 0xfffee000 && at + length <= body.length,
      () => 'a fragment of the compressed pixel data is damaged',
      {
        path: 'Pixel Data (7fe0,0010)',
      },
    );
    at += length;
  }
}

/** Clears the bits of 8- and 16-bit cells that hold no pixel: overlay planes were once kept there. */
function clearUnusedBits(bytes: Uint8Array, { bitsAllocated, bitsStored, highBit }: PixelFacts): void {
  if (bitsAllocated === bitsStored || (bitsAllocated !== 8 && bitsAllocated !== 16)) return;
  const mask = ((1 << bitsStored) - 1) << (highBit + 1 - bitsStored);
  if (bitsAllocated === 8) for (let i = 0; i < bytes.length; i++) bytes[i] &= mask;
  else
    for (let i = 0; i + 1 < bytes.length; i += 2) {
      bytes[i] &= mask & 0xff;
      bytes[i + 1] &= mask >>> 8;
    }
}

/** Whether a group 60xx has its plane in the pixel data (Overlay Bits Allocated is not 1, and no Overlay Data). */
export function hasEmbeddedOverlay(file: Dataset): boolean {
  const { elements } = file.attributes;
  return Object.keys(elements).some((key) => {
    if (!/^x60[0-9a-f]{2}0100$/.test(key)) return false;
    return elements[`${key.slice(0, 5)}3000`] === undefined && file.attributes.uint16(key) !== 1;
  });
}

/** Pixel data, and what belongs to it in group 7fe0. Throws `bad-input` when they are cut off. */
export function rawPixels(file: Dataset, facts: PixelFacts): DicomElement[] {
  const out: DicomElement[] = [];
  for (const key of TABLE_KEYS) {
    const element = file.attributes.elements[key];
    if (element !== undefined)
      out.push({
        tag: tagNumber(key),
        vr: 'OV',
        value: file.body.slice(element.dataOffset, element.dataOffset + element.length),
      });
  }
  for (const key of PIXEL_KEYS) {
    const element = file.attributes.elements[key];
    if (element === undefined) continue;
    const tag = tagNumber(key);
    const embedded = hasEmbeddedOverlay(file);
    if (element.length === UNDEFINED_LENGTH) {
      if (embedded)
        throw new EngineError(
          'unsupported',
          'an overlay is stored inside the compressed pixels and cannot be removed',
          {
            path: 'Overlay Bits Allocated (60xx,0100)',
            hint: 'Decompress the files first, for example with gdcmconv --raw.',
          },
        );
      const bytes = file.body.slice(element.dataOffset, fragmentsEnd(file, element.dataOffset));
      blankComments(bytes);
      out.push({ tag, vr: 'OB', value: bytes, encapsulated: true });
      continue;
    }
    const end = element.dataOffset + facts.needed;
    check(facts.needed <= element.length && end <= file.body.length, () => 'pixel data are cut off', {
      path: 'Pixel Data (7fe0,0010)',
    });
    const vr = element.vr ?? (key === 'x7fe00010' && facts.bitsAllocated <= 8 ? 'OB' : dictionaryVr(tag, false));
    // Padded to the even length that words of two bytes need before they are swapped.
    let bytes = new Uint8Array(facts.needed + (facts.needed % 2));
    bytes.set(file.body.subarray(element.dataOffset, Math.min(element.dataOffset + bytes.length, file.body.length)));
    if (file.syntax.bigEndian && vr !== 'OB')
      bytes = swapped(bytes, vr === 'OF' ? 4 : vr === 'OD' ? 8 : 2) as typeof bytes;
    // An implicit file says OW by definition (PS3.5 §A.1).
    else if (facts.needed % 2 === 1) bytes[facts.needed] = 0;
    if (embedded) clearUnusedBits(bytes, facts);
    out.push({ tag, vr, value: bytes });
  }
  return out;
}
