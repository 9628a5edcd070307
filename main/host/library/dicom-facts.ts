/** DICOM header → what a list and a viewer need of a file and of each of its frames. Text is kept for the screen only. */
import { check, EngineError } from '../../../engine/errors.ts';
import { decimal, decimals, firstItem, text } from '../../../engine/io/dicom/attribute.ts';
import { personName, textDecoder } from '../../../engine/io/dicom/character-set.ts';
import type { Dataset } from '../../../engine/io/dicom/dataset.ts';
import { nativeLength } from '../../../engine/io/dicom/frame-bytes.ts';
import { frameHash } from '../../../engine/io/dicom/frame-hash.ts';
import { type FrameHeader, frameHeader } from '../../../engine/io/dicom/frame-header.ts';
import { describeFormat, type PixelFormat } from '../../../engine/io/dicom/pixel-description.ts';
import type { DicomHeader } from '../../../engine/io/dicom/read-header.ts';
import type { SortableFrame } from '../../../engine/io/dicom/slice-order.ts';
import { requireDecodable } from '../../../engine/io/dicom/transfer-syntax.ts';
import type { Component, ItemSummary } from '../api/item.ts';

export interface FileFacts {
  readonly path: string;
  readonly bytes: number;
  readonly seriesUid: string;
  readonly studyUid: string;
  readonly modality: string;
  readonly seriesNumber: number | null;
  readonly seriesDescription: string;
  readonly patient: NonNullable<ItemSummary['patient']>;
  readonly study: NonNullable<ItemSummary['study']>;
  /** Hash of the UID. */
  readonly frameOfReference: string | null;
  readonly transferSyntax: string;
  readonly pixels: PixelFormat;
  readonly derived: boolean;
  readonly research: boolean;
  readonly simulated: boolean;
  readonly unit: string;
  readonly lossy: boolean;
  /** Why the pixels cannot be decoded. */
  readonly problem: string | null;
}

export interface LibraryFrame extends SortableFrame {
  readonly file: FileFacts;
  readonly window: Component['window'];
  readonly sigmoid: boolean;
}

function texts(dataset: Dataset): (key: string) => string {
  const decode = textDecoder(dataset.attributes.string('x00080005'));
  return (key) => {
    const element = dataset.attributes.elements[key];
    if (!element || element.items || element.length > 4096) return '';
    return decode(dataset.body.subarray(element.dataOffset, element.dataOffset + element.length)).trim();
  };
}

/** DA as ISO 8601; other text as it is. */
function isoDate(date: string): string {
  return date.replace(/^(\d{4})\.?(\d\d)\.?(\d\d)$/, '$1-$2-$3');
}

/**
 * Centre and width as LINEAR_EXACT (PS3.3 C.11.2.1.2): LINEAR maps (c − 0.5) − (w − 1)/2 … (c − 0.5) + (w − 1)/2 to the
 * whole range, so it is exact with c − 0.5 and w − 1.
 */
function windowOf(
  dataset: Dataset,
  frame: number,
  { slope, intercept, windowStored }: FrameHeader,
): { window: Component['window']; sigmoid: boolean } {
  const top = dataset.attributes;
  const own = top.elements.x52009230?.items?.[frame]?.dataSet;
  const at = firstItem(own, 'x00289132') ?? firstItem(firstItem(top, 'x52009229'), 'x00289132') ?? top;
  const centre = decimals(at, 'x00281050')?.[0];
  const width = decimals(at, 'x00281051')?.[0];
  const kind = text(at, 'x00281056') ?? 'LINEAR';
  const linear = kind !== 'SIGMOID' && kind !== 'LINEAR_EXACT';
  if (centre === undefined || width === undefined || width < (linear ? 1 : 1e-12))
    return { window: null, sigmoid: false };
  const window = linear ? { centre: centre - 0.5, width: Math.max(width - 1, 1e-6) } : { centre, width };
  return {
    window: windowStored
      ? { centre: slope * window.centre + intercept, width: Math.abs(slope) * window.width }
      : window,
    sigmoid: kind === 'SIGMOID',
  };
}

const PET_UNITS: Readonly<Record<string, string>> = { BQML: 'Bq/ml', CNTS: 'counts', GML: 'g/ml', CM2ML: 'cm²/ml' };

function unitOf(dataset: Dataset, modality: string, rescaleType: string | undefined): string {
  if (modality === 'CT') return !rescaleType || /^HU/.test(rescaleType) ? 'HU' : 'arbitrary';
  if (rescaleType === 'HU') return 'HU';
  if (modality === 'PT') return PET_UNITS[text(dataset.attributes, 'x00541001')?.trim() ?? ''] ?? 'arbitrary';
  return 'arbitrary';
}

/** Why pixels of this file cannot be decoded, or null. Throws when they are cut off. */
function problemOf({ dataset, size }: DicomHeader, pixels: PixelFormat): string | null {
  try {
    const coding = requireDecodable(dataset.syntax);
    if (coding === 'native')
      nativeLength(dataset, pixels, dataset.bodyOffset === undefined ? undefined : size - dataset.bodyOffset);
    return null;
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'unsupported')
      return [thrown.message, thrown.hint].filter(Boolean).join('. ');
    throw thrown;
  }
}

/** Throws `bad-input` and `unsupported` EngineErrors without patient text. */
export function dicomFacts(path: string, header: DicomHeader): LibraryFrame[] {
  const { dataset, size } = header;
  const { attributes } = dataset;
  const pixels = describeFormat(dataset);
  // A claim of frames costs memory; each takes some of the file.
  check(pixels.frames === 1 || pixels.frames <= size, () => `${pixels.frames} frames in ${size} bytes`, {
    path: 'Number of Frames (0028,0008)',
  });
  const problem = problemOf(header, pixels);
  const textOf = texts(dataset);
  const modality = /^[A-Z]{2,16}$/.exec(textOf('x00080060'))?.[0] ?? 'OT';
  const headers = Array.from({ length: pixels.frames }, (_, frame) => frameHeader(attributes, frame));
  const description = textOf('x0008103e');
  const frameOfReference = text(attributes, 'x00200052');
  const file: FileFacts = {
    path,
    bytes: size,
    seriesUid: text(attributes, 'x0020000e') ?? '',
    studyUid: text(attributes, 'x0020000d') ?? '',
    modality,
    seriesNumber: decimal(attributes, 'x00200011') ?? null,
    seriesDescription: description,
    patient: {
      name: personName(textOf('x00100010')),
      id: textOf('x00100020'),
      birthDate: isoDate(textOf('x00100030')),
      sex: textOf('x00100040'),
    },
    study: {
      date: isoDate(textOf('x00080020')),
      description: textOf('x00081030'),
      institution: textOf('x00080080'),
    },
    frameOfReference: frameOfReference === undefined ? null : frameHash(frameOfReference),
    transferSyntax: dataset.syntax.name,
    pixels,
    derived: /^DERIVED/.test(textOf('x00080008')),
    research: /^\[RESEARCH\]/i.test(description),
    simulated: /simulated k-space|simulated measurement/i.test(textOf('x00204000')),
    unit: unitOf(dataset, modality, headers[0].rescaleType),
    lossy: dataset.syntax.lossy || text(attributes, 'x00282110') === '01',
    problem,
  };
  const sopInstanceUid = text(attributes, 'x00080018') ?? '';
  const instanceNumber = decimal(attributes, 'x00200013');
  return headers.map((frameFacts, frame) => ({
    file,
    rows: pixels.rows,
    columns: pixels.columns,
    sopInstanceUid,
    frame,
    header: frameFacts,
    ...(instanceNumber === undefined ? {} : { instanceNumber }),
    ...windowOf(dataset, frame, frameFacts),
  }));
}
