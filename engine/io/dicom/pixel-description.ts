/** Image Pixel module (PS3.3 C.7.6.3): what the header says of the pixels, checked before anything is allocated. */
import { check, EngineError } from '../../errors.ts';
import { decimal, short, text } from './attribute.ts';
import type { Dataset } from './dataset.ts';

const GREY = ['MONOCHROME1', 'MONOCHROME2'] as const;
const COLOUR = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT', 'PALETTE COLOR'] as const;
export type GreyModel = (typeof GREY)[number];
export type ColourModel = (typeof COLOUR)[number];

/** Pixels of any kind that can be shown. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  /** Bits per cell in the file, 1–32, or 32 and 64 for floating point. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly float: boolean;
  /** 3 for colours, 1 for grey values and indices of a palette. */
  readonly samples: 1 | 3;
  /** Colours of uncompressed frames as one plane each, instead of side by side. */
  readonly planar: boolean;
  readonly photometric: GreyModel | ColourModel;
  /** Stored values in [low, high] are padding, not image. */
  readonly padding: { readonly low: number; readonly high: number } | undefined;
  /** Element that holds the pixels. */
  readonly key: 'x7fe00010' | 'x7fe00008' | 'x7fe00009';
}

/** Grey pixels, which can be reconstructed and measured. */
export interface PixelDescription extends PixelFormat {
  readonly samples: 1;
  readonly photometric: GreyModel;
}

const PIXEL_KEYS = ['x7fe00010', 'x7fe00008', 'x7fe00009'] as const;
/** Larger frames than any scanner writes; a limit on what a damaged header can ask for. */
const MAX_FRAME_PIXELS = 2 ** 28;

function size(file: Dataset, key: string, name: string): number {
  const value = short(file.attributes, key);
  check(value !== undefined && value > 0, () => `${name} is ${value ?? 'missing'}, expected 1–65535`, { path: name });
  return value;
}

function isColour(model: string): model is ColourModel {
  return COLOUR.some((known) => known === model);
}

function modelOf(file: Dataset): { samples: 1 | 3; photometric: GreyModel | ColourModel } {
  const path = 'Photometric Interpretation (0028,0004)';
  const samples = short(file.attributes, 'x00280002') ?? 1;
  const stated = text(file.attributes, 'x00280004')?.trim() ?? 'MONOCHROME2';
  const photometric = isColour(stated) ? stated : GREY.find((known) => known === stated);
  if (photometric === undefined) {
    const known = /^(ARGB|CMYK|HSV|YBR_\w+)$/.test(stated);
    throw new EngineError(
      known ? 'unsupported' : 'bad-input',
      known
        ? `colour image (${samples} samples per pixel, ${stated}), which is not converted by this version`
        : 'unknown photometric interpretation, expected MONOCHROME1 or MONOCHROME2',
      { path },
    );
  }
  const needed = isColour(photometric) && photometric !== 'PALETTE COLOR' ? 3 : 1;
  check(samples === needed, () => `colour image (${samples} samples per pixel), expected ${needed} in ${photometric}`, {
    code: 'unsupported',
    path,
  });
  return { samples: needed, photometric };
}

function paddingOf(file: Dataset, signed: boolean): PixelDescription['padding'] {
  const value = short(file.attributes, 'x00280120', signed);
  if (value === undefined) return undefined;
  const limit = short(file.attributes, 'x00280121', signed) ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}

/** Whether the file holds an image at all (structured reports, presentation states and plans do not). */
export function hasPixels(file: Dataset): boolean {
  return PIXEL_KEYS.some((key) => file.attributes.elements[key] !== undefined);
}

/** Throws `bad-input` on missing or contradictory attributes and `unsupported` on colour models not shown here. */
export function describeFormat(file: Dataset): PixelFormat {
  const key = PIXEL_KEYS.find((candidate) => file.attributes.elements[candidate] !== undefined);
  check(key !== undefined, () => 'DICOM file without pixel data', { path: 'Pixel Data (7fe0,0010)' });
  const rows = size(file, 'x00280010', 'Rows (0028,0010)');
  const columns = size(file, 'x00280011', 'Columns (0028,0011)');
  check(rows * columns <= MAX_FRAME_PIXELS, () => `frame of ${rows}×${columns} pixels, at most ${MAX_FRAME_PIXELS}`, {
    code: 'resource',
    path: 'Rows (0028,0010)',
  });
  const frames = file.attributes.elements.x00280008?.length ? decimal(file.attributes, 'x00280008') : 1;
  check(
    frames !== undefined && Number.isInteger(frames) && frames >= 1,
    () => 'number of frames is not a positive whole number',
    { path: 'Number of Frames (0028,0008)' },
  );
  const { samples, photometric } = modelOf(file);
  const planar = samples === 3 && short(file.attributes, 'x00280006') === 1;
  const float = key !== 'x7fe00010';
  const signed = short(file.attributes, 'x00280103') === 1;
  const bitsAllocated = float ? (key === 'x7fe00008' ? 32 : 64) : size(file, 'x00280100', 'Bits Allocated (0028,0100)');
  const bitsStored = float ? bitsAllocated : (short(file.attributes, 'x00280101') ?? bitsAllocated);
  const highBit = float ? bitsAllocated - 1 : (short(file.attributes, 'x00280102') ?? bitsStored - 1);
  check(
    (float || bitsAllocated <= 32) && bitsStored >= 1 && bitsStored <= highBit + 1 && highBit < bitsAllocated,
    () =>
      `bits allocated ${bitsAllocated}, stored ${bitsStored}, high bit ${highBit} contradict each other (1–32 bits)`,
    { path: 'Bits Stored (0028,0101)' },
  );
  const padding = float ? undefined : paddingOf(file, signed);
  const place = { rows, columns, frames };
  const cell = { bitsAllocated, bitsStored, highBit, signed, float };
  return { ...place, ...cell, samples, planar, photometric, padding, key };
}

export function isGrey(pixels: PixelFormat): pixels is PixelDescription {
  return pixels.samples === 1 && GREY.some((known) => known === pixels.photometric);
}

/** As `describeFormat`, of grey images alone: throws `unsupported` on any colour. */
export function describePixels(file: Dataset): PixelDescription {
  const pixels = describeFormat(file);
  if (isGrey(pixels)) return pixels;
  throw new EngineError('unsupported', `colour image (${pixels.samples} samples per pixel, ${pixels.photometric})`, {
    path: 'Photometric Interpretation (0028,0004)',
    hint: 'Only grey images can be reconstructed; choose a MONOCHROME1 or MONOCHROME2 series.',
  });
}
