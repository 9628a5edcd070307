/** Where each frame's bytes lie: in one block (PS3.5 §8.1) or in fragments (PS3.5 §A.4). */
import { check, EngineError } from '../../errors.ts';
import type { Dataset } from './dataset.ts';
import type { PixelFormat } from './pixel-description.ts';

const UNDEFINED_LENGTH = 0xffffffff;
const NAMES = {
  x7fe00010: 'Pixel Data (7fe0,0010)',
  x7fe00008: 'Float Pixel Data (7fe0,0008)',
  x7fe00009: 'Double Float Pixel Data (7fe0,0009)',
} as const;

/** Field name with the byte at which the value begins, counted in the file where that is possible. */
function place(file: Dataset, pixels: PixelFormat, offset: number): string {
  const name = NAMES[pixels.key];
  return file.bodyOffset === undefined
    ? `${name} at inflated byte ${offset}`
    : `${name} at byte ${file.bodyOffset + offset}`;
}

/**
 * Bytes of uncompressed pixels to read, where the body is `bodyLength` bytes long; throws `bad-input` with the offset
 * when there are too few.
 */
export function nativeLength(file: Dataset, pixels: PixelFormat, bodyLength = file.body.length): number {
  const element = file.attributes.elements[pixels.key];
  // Uncompressed 4:2:2 holds two samples of each pair's four colour differences less.
  const cells = pixels.photometric === 'YBR_FULL_422' ? 2 : pixels.samples;
  const needed = Math.ceil((pixels.rows * pixels.columns * pixels.frames * cells * pixels.bitsAllocated) / 8);
  const present = bodyLength - element.dataOffset;
  const stated = element.length === UNDEFINED_LENGTH ? present : element.length;
  const path = place(file, pixels, element.dataOffset);
  check(
    stated >= needed,
    () =>
      `pixel data length is ${stated} bytes, but ${pixels.frames} × ${pixels.rows} × ${pixels.columns} pixels of ` +
      `${pixels.bitsAllocated} bits need ${needed}`,
    { path },
  );
  check(present >= needed, () => `pixel data is cut off: ${needed} bytes expected, ${present} found`, {
    path,
    hint: 'The file is incomplete; copy it again from its source.',
  });
  // Values have even length; big-endian words need the padding byte too.
  return Math.min(needed + (needed % 2), stated, present);
}

/** All uncompressed pixel bytes; throws `bad-input` with the offset when there are too few. */
export function nativeBytes(file: Dataset, pixels: PixelFormat): Uint8Array {
  const length = nativeLength(file, pixels);
  const { dataOffset } = file.attributes.elements[pixels.key];
  return file.body.subarray(dataOffset, dataOffset + length);
}

interface Fragment {
  /** From the first byte behind the offset table. */
  offset: number;
  bytes: Uint8Array;
}

function readItems(file: Dataset, pixels: PixelFormat): { offsets: number[]; fragments: Fragment[] } {
  const element = file.attributes.elements[pixels.key];
  const body = file.body;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const fragments: Fragment[] = [];
  const offsets: number[] = [];
  let at = element.dataOffset;
  let first = -1;
  for (;;) {
    check(at + 8 <= body.length, () => 'compressed pixel data is cut off before its end mark', {
      path: place(file, pixels, at),
      hint: 'The file is incomplete; copy it again from its source.',
    });
    const tag = view.getUint16(at, true) * 65536 + view.getUint16(at + 2, true);
    const length = view.getUint32(at + 4, true);
    at += 8;
    if (tag === 0xfffee0dd) return { offsets, fragments };
    check(tag === 0xfffee000, () => 'expected a pixel data item', { path: place(file, pixels, at - 8) });
    check(at + length <= body.length, () => `compressed item of ${length} bytes is cut off after ${body.length - at}`, {
      path: place(file, pixels, at),
      hint: 'The file is incomplete; copy it again from its source.',
    });
    if (first < 0) {
      for (let k = 0; k + 4 <= length; k += 4) offsets.push(view.getUint32(at + k, true));
      first = at + length;
    } else fragments.push({ offset: at - 8 - first, bytes: body.subarray(at, at + length) });
    at += length;
  }
}

function joined(fragments: readonly Fragment[]): Uint8Array {
  if (fragments.length === 1) return fragments[0].bytes;
  const out = new Uint8Array(fragments.reduce((sum, fragment) => sum + fragment.bytes.length, 0));
  let at = 0;
  for (const fragment of fragments) {
    out.set(fragment.bytes, at);
    at += fragment.bytes.length;
  }
  return out;
}

/**
 * Start of a code stream: JPEG and JPEG-LS (FFD8), JPEG 2000 (FF4F FF51). Inside entropy-coded data FFD8 and FF4F
 * cannot occur, so it is also never a continuation.
 */
function beginsCodestream({ bytes }: Fragment): boolean {
  return bytes[0] === 0xff && (bytes[1] === 0xd8 || (bytes[1] === 0x4f && bytes[2] === 0xff));
}

/** First fragment of every frame, by offset table, one to one, or code stream marks; undefined when none applies. */
function frameStarts(offsets: readonly number[], fragments: readonly Fragment[], frames: number): number[] | undefined {
  if (frames === 1) return [0];
  if (offsets.length === frames) {
    const index = new Map(fragments.map((fragment, i) => [fragment.offset, i]));
    const starts = offsets.map((offset) => index.get(offset) ?? -1);
    if (starts.every((start, i) => start > (i === 0 ? -1 : starts[i - 1]))) return starts;
  }
  if (fragments.length === frames) return fragments.map((_, i) => i);
  const starts = fragments.flatMap((fragment, i) => (beginsCodestream(fragment) ? [i] : []));
  return starts.length === frames ? starts : undefined;
}

/** The compressed bytes of each frame. Throws `bad-input` when fragments are cut off or do not make up the frames. */
export function encapsulatedFrames(file: Dataset, pixels: PixelFormat): Uint8Array[] {
  const element = file.attributes.elements[pixels.key];
  const path = place(file, pixels, element.dataOffset);
  if (element.length !== UNDEFINED_LENGTH)
    throw new EngineError('bad-input', `pixels in "${file.syntax.name}" must be in fragments, found one block`, {
      path,
    });
  const { offsets, fragments } = readItems(file, pixels);
  check(
    fragments.length >= pixels.frames,
    () => `${pixels.frames} frames stated, ${fragments.length} fragments found`,
    {
      path,
    },
  );
  const starts = frameStarts(offsets, fragments, pixels.frames);
  check(
    starts !== undefined,
    () => `cannot tell which of ${fragments.length} fragments make up ${pixels.frames} frames`,
    {
      path,
    },
  );
  return starts.map((start, i) => joined(fragments.slice(start, starts[i + 1] ?? fragments.length)));
}
