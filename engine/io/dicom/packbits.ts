/** RLE Lossless (PS3.5 Annex G): byte planes, most significant first, each PackBits coded. */
import { check } from '../../errors.ts';

const HEADER_BYTES = 64;
const PATH = 'RLE frame of Pixel Data (7fe0,0010)';

/** Expands one PackBits segment into every `stride`-th byte of `out` from `first`; returns how many bytes it gave. */
function unpackSegment(segment: Uint8Array, out: Uint8Array, first: number, stride: number, count: number): number {
  let written = 0;
  let at = 0;
  while (at < segment.length && written < count) {
    const code = segment[at++];
    if (code === 128) continue;
    if (code < 128) {
      const n = Math.min(code + 1, count - written, segment.length - at);
      for (let i = 0; i < n; i++) out[first + (written + i) * stride] = segment[at + i];
      at += code + 1;
      written += n;
    } else if (at < segment.length) {
      const n = Math.min(257 - code, count - written);
      const value = segment[at++];
      for (let i = 0; i < n; i++) out[first + (written + i) * stride] = value;
      written += n;
    }
  }
  return written;
}

/** A pair of bytes gives at most 128 pixels of one plane: a short frame cannot claim a large image. */
export function checkRleSize(frame: Uint8Array, pixels: number, bytesPerCell: number): void {
  check(frame.length * 64 >= pixels * bytesPerCell, () => `${frame.length} bytes cannot hold ${pixels} pixels`, {
    path: PATH,
  });
}

/**
 * Decodes one RLE frame of `pixels` pixels to little-endian cells of `bytesPerCell` bytes, of several samples plane
 * after plane. Throws `bad-input` when the header or a segment does not give exactly that.
 */
export function decodeRle(frame: Uint8Array, pixels: number, bytesPerCell: number, samples = 1): Uint8Array {
  const path = PATH;
  check(frame.length >= HEADER_BYTES, () => `RLE header needs ${HEADER_BYTES} bytes, found ${frame.length}`, { path });
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const segments = view.getUint32(0, true);
  const expected = bytesPerCell * samples;
  check(segments === expected, () => `expected ${expected} RLE segments, found ${segments}`, { path });
  checkRleSize(frame, pixels, expected);
  const out = new Uint8Array(pixels * expected);
  for (let s = 0; s < segments; s++) {
    const from = view.getUint32(4 + 4 * s, true);
    const to = s + 1 < segments ? view.getUint32(8 + 4 * s, true) : frame.length;
    check(
      from >= HEADER_BYTES && from <= to && to <= frame.length,
      () => `RLE segment ${s + 1} lies at ${from}–${to} in a frame of ${frame.length} bytes`,
      { path },
    );
    // Most significant byte first, within each sample.
    const first = Math.floor(s / bytesPerCell) * pixels * bytesPerCell + bytesPerCell - 1 - (s % bytesPerCell);
    const count = unpackSegment(frame.subarray(from, to), out, first, bytesPerCell, pixels);
    check(count === pixels, () => `RLE segment ${s + 1} gives ${count} pixels, expected ${pixels}`, { path });
  }
  return out;
}
