/** Pixel cells → numbers (PS3.5 §8.1.1): unpacking, bit fields, sign, byte order. */
import type { PixelFormat } from './pixel-description.ts';

type NumberCells = Uint8Array | Uint16Array | Uint32Array;

function swapWords(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    out[i] = bytes[i + 1];
    out[i + 1] = bytes[i];
  }
  if (bytes.length % 2 === 1) out[bytes.length - 1] = bytes[bytes.length - 1];
  return out;
}

/** Cells of `bits` bits packed least significant first without gaps, `count` of them from cell `first`. */
function unpack(bytes: Uint8Array, bits: number, first: number, count: number): Uint32Array {
  const out = new Uint32Array(count);
  let bit = first * bits;
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let got = 0; got < bits; ) {
      const inByte = bit & 7;
      const take = Math.min(8 - inByte, bits - got);
      // Multiplication, not <<: bit 31 must stay positive.
      value += ((bytes[Math.floor(bit / 8)] >> inByte) & ((1 << take) - 1)) * 2 ** got;
      got += take;
      bit += take;
    }
    out[i] = value;
  }
  return out;
}

/**
 * Cells of one frame of uncompressed pixel data. Big-endian OW data are 16-bit words with their bytes exchanged
 * (PS3.5 Annex D); cells of other sizes are packed into those words.
 */
export function nativeCells(bytes: Uint8Array, pixels: PixelFormat, frame: number, swap: boolean): NumberCells {
  const count = pixels.rows * pixels.columns;
  const bits = pixels.bitsAllocated;
  if (bits % 8 === 0 && bits !== 24) {
    const width = bits / 8;
    const from = frame * count * width;
    // Whole words must be swapped together, also where a frame of bytes begins in the middle of one.
    const odd = swap ? from & 1 : 0;
    const raw = bytes.subarray(from - odd, from + count * width + (swap ? (from + count * width) & 1 : 0));
    const frameBytes = (swap ? swapWords(raw) : raw.slice()).subarray(odd, odd + count * width);
    if (width === 1) return frameBytes;
    return width === 2
      ? new Uint16Array(frameBytes.buffer, frameBytes.byteOffset, count)
      : new Uint32Array(frameBytes.buffer, frameBytes.byteOffset, count);
  }
  return unpack(swap ? swapWords(bytes) : bytes, bits, frame * count, count);
}

export interface CellRule {
  /** Position of the lowest stored bit inside the cell. */
  shift: number;
  bits: number;
  signed: boolean;
  slope: number;
  intercept: number;
  padding: PixelFormat['padding'];
  /** Value that takes the place of padding, given its rescaled value. */
  fill: (rescaled: number) => number;
}

/** out = slope · stored + intercept. Returns how many padding pixels were changed. */
export function rescaleCells(cells: NumberCells, rule: CellRule, out: Float32Array): number {
  const { shift, bits, slope, intercept, padding } = rule;
  const mask = bits === 32 ? 0xffffffff : 2 ** bits - 1;
  const half = rule.signed ? 2 ** (bits - 1) : Number.POSITIVE_INFINITY;
  const full = 2 ** bits;
  const low = padding ? padding.low : Number.POSITIVE_INFINITY;
  const high = padding ? padding.high : Number.NEGATIVE_INFINITY;
  let changed = 0;
  for (let i = 0; i < out.length; i++) {
    let stored = ((cells[i] >>> shift) & mask) >>> 0;
    if (stored >= half) stored -= full;
    let value = stored * slope + intercept;
    if (stored >= low && stored <= high) {
      const filled = rule.fill(value);
      if (filled !== value) changed++;
      value = filled;
    }
    out[i] = value;
  }
  return changed;
}
