/** Colour images of DICOM files as red, green, blue and opacity, 8 bits each (PS3.3 C.7.6.3.1.2). For looking at only. */
import { check, EngineError } from '../../errors.ts';
import { nativeCells } from './cells.ts';
import { loadDecoder } from './codecs.ts';
import type { Dataset } from './dataset.ts';
import { parseDataset } from './dataset.ts';
import { encapsulatedFrames, nativeBytes } from './frame-bytes.ts';
import { decodeRle } from './packbits.ts';
import { type ColourPalette, readPalette } from './palette.ts';
import { describeFormat, isGrey, type PixelFormat } from './pixel-description.ts';
import { checkCompressedSize } from './read-file.ts';
import { type PixelCoding, requireDecodable } from './transfer-syntax.ts';

export interface ColourFile {
  readonly dataset: Dataset;
  readonly pixels: PixelFormat;
  readonly coding: PixelCoding;
  /** Only of PALETTE COLOR. */
  readonly palette: ColourPalette | undefined;
  /** Compressed bytes per frame, or all uncompressed bytes. */
  readonly data: readonly Uint8Array[];
}

/** Throws `bad-input` (grey, damaged, cut off) and `unsupported` (colour model, transfer syntax). */
export function parseColourFile(bytes: Uint8Array): ColourFile {
  const dataset = parseDataset(bytes);
  const pixels = describeFormat(dataset);
  check(!isGrey(pixels), () => 'the image is grey, expected colours');
  check(!pixels.float && pixels.bitsAllocated % 8 === 0 && pixels.bitsAllocated <= 16, () => {
    return `colours of ${pixels.bitsAllocated} bits, expected 8 or 16`;
  });
  const coding = requireDecodable(dataset.syntax);
  const data = coding === 'native' ? [nativeBytes(dataset, pixels)] : encapsulatedFrames(dataset, pixels);
  if (coding !== 'native') for (const frame of data) checkCompressedSize(frame, coding, pixels);
  const palette = pixels.photometric === 'PALETTE COLOR' ? readPalette(dataset) : undefined;
  return { dataset, pixels, coding, palette, data };
}

interface Samples {
  cells: Uint8Array | Uint16Array | Uint32Array;
  planar: boolean;
  /** The decoder has turned luminance and colour differences into RGB. */
  converted: boolean;
  /** Position of the lowest stored bit. */
  shift: number;
}

/** JPEG-LS keeps components apart when its scans hold one each (ITU-T T.87 §C.2.3). */
function scanOfOne(frame: Uint8Array): boolean {
  for (let at = 2; at + 4 < frame.length && frame[at] === 0xff; at += 2 + ((frame[at + 2] << 8) | frame[at + 3]))
    if (frame[at + 1] === 0xda) return frame[at + 4] === 1;
  return false;
}

async function samplesOf({ dataset, pixels, coding, data }: ColourFile, frame: number): Promise<Samples> {
  const { rows, columns, samples, bitsAllocated, bitsStored, highBit } = pixels;
  const shift = highBit - bitsStored + 1;
  if (coding === 'native') {
    const swap = dataset.syntax.bigEndian && dataset.attributes.elements[pixels.key].vr !== 'OB';
    const perPixel = pixels.photometric === 'YBR_FULL_422' ? 2 : samples;
    const cells = nativeCells(data[0], { ...pixels, columns: columns * perPixel }, frame, swap);
    return { cells, planar: pixels.planar, converted: false, shift };
  }
  if (coding === 'rle') {
    const raw = decodeRle(data[frame], rows * columns, bitsAllocated / 8, samples);
    const cells = nativeCells(raw, { ...pixels, columns: columns * samples }, 0, false);
    return { cells, planar: samples > 1, converted: false, shift };
  }
  const cells = (await loadDecoder(coding))(data[frame], rows, columns, samples);
  const planar = coding === 'jpeg-ls' && samples > 1 && scanOfOne(data[frame]);
  const converted = coding === 'jpeg' || /^YBR_(ICT|RCT)$/.test(pixels.photometric);
  return { cells, planar, converted, shift: 0 };
}

/** Y Y Cb Cr of each pair of pixels → one triple per pixel. */
function unfold422(cells: Samples['cells']): Samples['cells'] {
  const out = new Uint16Array((cells.length / 2) * 3);
  for (let pair = 0; 4 * pair + 3 < cells.length; pair++)
    for (let k = 0; k < 2; k++) {
      out[6 * pair + 3 * k] = cells[4 * pair + k];
      out[6 * pair + 3 * k + 1] = cells[4 * pair + 2];
      out[6 * pair + 3 * k + 2] = cells[4 * pair + 3];
    }
  return out;
}

/** YBR_FULL of 8 bits → RGB in place (PS3.3 C.7.6.3.1.2); the array clamps and rounds. */
function convertYbr(rgba: Uint8ClampedArray): void {
  for (let at = 0; at < rgba.length; at += 4) {
    const y = rgba[at];
    const blue = rgba[at + 1] - 128;
    const red = rgba[at + 2] - 128;
    rgba[at] = y + 1.402 * red;
    rgba[at + 1] = y - 0.344136 * blue - 0.714136 * red;
    rgba[at + 2] = y + 1.772 * blue;
  }
}

/** One frame, four bytes a pixel, [rows, columns]. Throws `bad-input` on damaged frames. */
export async function readColourFrame(file: ColourFile, frame: number): Promise<Uint8Array> {
  const { pixels, coding, palette } = file;
  const { rows, columns, samples, bitsStored } = pixels;
  const count = rows * columns;
  if (frame >= pixels.frames) throw new EngineError('not-found', `there is no frame ${frame}`);
  const found = await samplesOf(file, frame);
  const folded = coding === 'native' && pixels.photometric === 'YBR_FULL_422';
  const cells = folded ? unfold422(found.cells) : found.cells;
  const rgba = new Uint8ClampedArray(4 * count).fill(255);
  const mask = 2 ** bitsStored - 1;
  if (palette !== undefined) {
    const [red, green, blue] = palette.tables;
    for (let i = 0; i < count; i++) {
      let index = (cells[i] >>> found.shift) & mask;
      if (pixels.signed && index > mask >> 1) index -= mask + 1;
      const at = Math.max(0, Math.min(red.length - 1, index - palette.first));
      rgba[4 * i] = red[at];
      rgba[4 * i + 1] = green[at];
      rgba[4 * i + 2] = blue[at];
    }
    return new Uint8Array(rgba.buffer);
  }
  const [stepPixel, stepSample] = found.planar && !folded ? [1, count] : [samples, 1];
  const scale = 255 / mask;
  for (let i = 0; i < count; i++)
    for (let c = 0; c < 3; c++)
      rgba[4 * i + c] = ((cells[i * stepPixel + c * stepSample] >>> found.shift) & mask) * scale;
  if (pixels.photometric.startsWith('YBR') && !found.converted) convertYbr(rgba);
  return new Uint8Array(rgba.buffer);
}
