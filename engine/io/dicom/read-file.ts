/** One DICOM file → metadata, then pixels frame by frame as float32 in rescaled units. */
import { check, EngineError } from '../../errors.ts';
import { decimal, text } from './attribute.ts';
import { nativeCells, rescaleCells } from './cells.ts';
import type { FrameDecoder } from './codecs.ts';
import { loadDecoder } from './codecs.ts';
import { checkCodestream } from './codestream-header.ts';
import type { Dataset } from './dataset.ts';
import { parseDataset } from './dataset.ts';
import { encapsulatedFrames, nativeBytes } from './frame-bytes.ts';
import type { FrameHeader } from './frame-header.ts';
import { frameHeader } from './frame-header.ts';
import { checkRleSize, decodeRle } from './packbits.ts';
import type { PixelDescription, PixelFormat } from './pixel-description.ts';
import { describePixels } from './pixel-description.ts';
import type { DicomWindow } from './source.ts';
import type { PixelCoding } from './transfer-syntax.ts';
import { requireDecodable } from './transfer-syntax.ts';

export interface DicomFile {
  readonly dataset: Dataset;
  readonly pixels: PixelDescription;
  readonly coding: PixelCoding;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReferenceUid?: string;
  readonly modality: 'MR' | 'CT' | 'OT';
  readonly instanceNumber?: number;
  readonly window?: DicomWindow;
  readonly lossy?: { readonly ratio?: string; readonly method?: string };
  /** One per frame. */
  readonly frames: readonly FrameHeader[];
  /** Compressed bytes per frame, or all uncompressed bytes. */
  readonly data: readonly Uint8Array[];
}

/** HU below which padding outside the scanned circle is raised: air is −1000, and scanners clip at −1024. */
const CT_FLOOR = -1024;

function windowOf(file: Dataset): DicomWindow | undefined {
  const center = decimal(file.attributes, 'x00281050');
  const width = decimal(file.attributes, 'x00281051');
  if (center === undefined || width === undefined || width < 1) return undefined;
  const stated = text(file.attributes, 'x00281056');
  return { center, width, voiFunction: stated === 'SIGMOID' || stated === 'LINEAR_EXACT' ? stated : 'LINEAR' };
}

function lossOf(file: Dataset): DicomFile['lossy'] {
  if (!file.syntax.lossy && text(file.attributes, 'x00282110') !== '01') return undefined;
  const ratio = text(file.attributes, 'x00282112');
  const method = text(file.attributes, 'x00282114');
  return { ...(ratio && { ratio }), ...(method && { method }) };
}

function modalityOf(stated: string | undefined): DicomFile['modality'] {
  return stated === 'MR' || stated === 'CT' ? stated : 'OT';
}

/**
 * Parses a whole file and checks that its pixel data are as long as its header says; decodes nothing yet.
 * Throws `bad-input` (not DICOM, damaged, cut off) and `unsupported` (colour, transfer syntax), with the field and,
 * for pixel data, the byte in `path`; never a file name or text from the file.
 */
export function parseDicomFile(bytes: Uint8Array): DicomFile {
  try {
    return parseChecked(bytes);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    // The parser package throws strings when a value runs past the end; anything else would be a fault of ours.
    const damaged = typeof cause === 'string';
    throw new EngineError(
      damaged ? 'bad-input' : 'internal',
      damaged ? 'DICOM file is damaged' : 'DICOM reader failed',
      {
        path: 'data set',
        cause,
      },
    );
  }
}

/** Holds the claimed size against what a compressed frame says or can hold, so that nobody allocates for a claim. */
export function checkCompressedSize(frame: Uint8Array, coding: PixelCoding, pixels: PixelFormat): void {
  const { rows, columns, bitsAllocated } = pixels;
  if (coding === 'rle') checkRleSize(frame, rows * columns * pixels.samples, Math.ceil(bitsAllocated / 8));
  else checkCodestream(frame, coding === 'jpeg-2000' || coding === 'htj2k', rows, columns, pixels.samples);
}

function parseChecked(bytes: Uint8Array): DicomFile {
  const dataset = parseDataset(bytes);
  const attributes = dataset.attributes;
  const pixels = describePixels(dataset);
  const coding = requireDecodable(dataset.syntax);
  const data = coding === 'native' ? [nativeBytes(dataset, pixels)] : encapsulatedFrames(dataset, pixels);
  if (coding !== 'native') for (const frame of data) checkCompressedSize(frame, coding, pixels);
  const frameOfReferenceUid = text(attributes, 'x00200052');
  const instanceNumber = decimal(attributes, 'x00200013');
  const window = windowOf(dataset);
  const lossy = lossOf(dataset);
  const frames = Array.from({ length: pixels.frames }, (_, index) => frameHeader(attributes, index));
  return {
    dataset,
    pixels,
    coding,
    sopClassUid: text(attributes, 'x00080016') ?? dataset.mediaStorageClass ?? '',
    sopInstanceUid: text(attributes, 'x00080018') ?? '',
    studyUid: text(attributes, 'x0020000d') ?? '',
    seriesUid: text(attributes, 'x0020000e') ?? '',
    modality: modalityOf(text(attributes, 'x00080060')),
    ...(frameOfReferenceUid && { frameOfReferenceUid }),
    ...(instanceNumber !== undefined && { instanceNumber }),
    ...(window && { window }),
    ...(lossy && { lossy }),
    frames,
    data,
  };
}

function decodeFloats(file: DicomFile, frame: number, out: Float32Array): void {
  const bytes = file.data[0];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !file.dataset.syntax.bigEndian;
  const width = file.pixels.bitsAllocated / 8;
  const from = frame * out.length * width;
  const { slope, intercept } = file.frames[frame];
  for (let i = 0; i < out.length; i++) {
    const at = from + i * width;
    const value = width === 4 ? view.getFloat32(at, little) : view.getFloat64(at, little);
    check(Number.isFinite(value), () => `pixel ${i} is not finite`, { path: 'Float Pixel Data' });
    out[i] = slope * value + intercept;
  }
}

/**
 * The function that writes frame `k` of files with this coding into `out` (float32 [rows · columns], rescaled units)
 * and returns how many padding pixels were replaced: by 0, in CT by −1024 HU if they lie below.
 */
export async function frameReader(
  coding: PixelCoding,
): Promise<(file: DicomFile, frame: number, out: Float32Array) => number> {
  const compressed: FrameDecoder | undefined =
    coding === 'native' || coding === 'rle' ? undefined : await loadDecoder(coding);
  return (file, frame, out) => {
    if (compressed && file.coding === coding) return readCells(file, frame, out, compressed);
    check(file.coding === coding, () => `frame reader for ${coding} was given ${file.coding}`, { code: 'internal' });
    return readUncompressedFrame(file, frame, out);
  };
}

/** As `frameReader`, without waiting, for native and RLE files. */
export function readUncompressedFrame(file: DicomFile, frame: number, out: Float32Array): number {
  if (file.pixels.float) {
    decodeFloats(file, frame, out);
    return 0;
  }
  return readCells(file, frame, out, undefined);
}

function readCells(file: DicomFile, frame: number, out: Float32Array, decoder: FrameDecoder | undefined): number {
  const { pixels, coding } = file;
  const { rows, columns, bitsAllocated, bitsStored, highBit, signed, padding } = pixels;
  check(out.length === rows * columns, () => `room for ${out.length} pixels, needed ${rows * columns}`, {
    code: 'internal',
  });
  const { slope, intercept } = file.frames[frame];
  const fill = file.modality === 'CT' ? (hu: number) => Math.max(hu, CT_FLOOR) : () => 0;
  const rule = { bits: bitsStored, signed, slope, intercept, padding, fill };
  const shift = highBit - bitsStored + 1;
  if (coding === 'native') {
    const swap = file.dataset.syntax.bigEndian && file.dataset.attributes.elements[pixels.key].vr !== 'OB';
    return rescaleCells(nativeCells(file.data[0], pixels, frame, swap), { ...rule, shift }, out);
  }
  if (coding === 'rle') {
    check(bitsAllocated % 8 === 0, () => `RLE with ${bitsAllocated} bits allocated, expected 8, 16 or 32`, {
      path: 'Bits Allocated (0028,0100)',
    });
    const raw = decodeRle(file.data[frame], rows * columns, bitsAllocated / 8);
    return rescaleCells(nativeCells(raw, pixels, 0, false), { ...rule, shift }, out);
  }
  check(decoder !== undefined, () => `no decoder was loaded for ${coding}`, { code: 'internal' });
  // Code streams hold the value itself, in the low bits.
  return rescaleCells(decoder(file.data[frame], rows, columns), { ...rule, shift: 0 }, out);
}
