/** A stack of DICOM frames → the item a list and a viewer see. */
import { basename } from 'node:path';
import { isGrey } from '../../../engine/io/dicom/pixel-description.ts';
import type { Stack } from '../../../engine/io/dicom/slice-order.ts';
import type { Component, ItemDescription, ItemSummary } from '../api/item.ts';
import type { LibraryFrame } from './dicom-facts.ts';
import { itemIdOf } from './item-id.ts';
import type { Entry } from './reader-messages.ts';

/** HU below which padding is raised by the reader (engine/io/dicom/read-file.ts). */
const CT_FLOOR = -1024;

/** Rescaled bounds of what the stored bits can hold, over all slices. */
function boundsOf(frames: readonly LibraryFrame[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { header, file } of frames) {
    const { bitsStored, signed, padding } = file.pixels;
    const stored = signed ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
    const ends = stored.map((value) => value * header.slope + header.intercept);
    // Padding is shown as 0, in CT at most at air.
    if (padding) ends.push(file.modality === 'CT' ? Math.max(CT_FLOOR, Math.min(...ends)) : 0);
    low = Math.min(low, ...ends);
    high = Math.max(high, ...ends);
  }
  return [low, high];
}

function colourComponent(frames: readonly LibraryFrame[]): Component {
  const { rows, columns } = frames[0];
  return {
    name: 'image',
    title: 'Image',
    role: 'image',
    format: 'rgba8',
    unit: '',
    shape: [frames.length, rows, columns],
    range: [0, 0],
    window: null,
    inverted: false,
    integer: true,
  };
}

function componentOf(frames: readonly LibraryFrame[]): Component {
  const first = frames[0];
  if (!isGrey(first.file.pixels)) return colourComponent(frames);
  const middle = frames[frames.length >> 1];
  const whole = ({ header, file }: LibraryFrame): boolean =>
    !file.pixels.float && Number.isInteger(header.slope) && Number.isInteger(header.intercept);
  return {
    name: 'image',
    title: 'Image',
    role: 'image',
    format: 'float32',
    unit: first.file.unit,
    shape: [frames.length, first.rows, first.columns],
    range: first.file.pixels.float ? [0, 0] : boundsOf(frames),
    window: middle.window,
    inverted: first.file.pixels.photometric === 'MONOCHROME1',
    integer: frames.every(whole),
  };
}

function notesOf({ frames, notes }: Stack<LibraryFrame>): string[] {
  const all = [...notes];
  if (frames.some(({ file }) => file.lossy)) all.push('the images were compressed with loss');
  if (frames[0].sigmoid) all.push('the sigmoid window of the file is shown as a straight line of the same slope');
  if (frames.some(({ file }) => file.pixels.padding)) all.push('padding outside the scanned field is replaced');
  if (!frames[0].header.pixelSpacing) all.push('pixel spacing is not given');
  return all;
}

function titleOf({ file }: LibraryFrame): string {
  if (file.seriesDescription !== '') return file.seriesDescription;
  return file.seriesNumber === null ? basename(file.path) : `Series ${file.seriesNumber}`;
}

export interface StackPlace {
  /** What was opened, part of the identity. */
  roots: readonly string[];
  /** 0 for the largest stack of a series. */
  index: number;
  revision: number;
  badges: readonly ItemSummary['badges'][number][];
}

/** Everything is known from the headers, but for the bounds of floating-point pixels. */
export function dicomEntry(stack: Stack<LibraryFrame>, { roots, index, revision, badges }: StackPlace): Entry {
  const { frames } = stack;
  const first = frames[0];
  const { file } = first;
  const files = new Map(frames.map((frame) => [frame.file.path, frame.file.bytes]));
  const gap = stack.notes.some((note) => /missing inside the series/.test(note));
  const problem = frames.find((frame) => frame.file.problem !== null)?.file.problem ?? null;
  const summary: ItemSummary = {
    id: itemIdOf(isGrey(file.pixels) ? 'series' : 'colour', ...roots, file.seriesUid || file.path, String(index)),
    kind: 'series',
    group: itemIdOf('study', ...roots, file.studyUid),
    groupTitle: [file.study.description || 'Study', file.study.date].filter(Boolean).join(', '),
    title: titleOf(first),
    modality: file.modality,
    slices: frames.length,
    rows: first.rows,
    columns: first.columns,
    bytes: [...files.values()].reduce((sum, bytes) => sum + bytes, 0),
    badges: [
      ...(file.derived ? (['derived'] as const) : []),
      ...(file.simulated ? (['simulated'] as const) : []),
      ...(gap ? (['incomplete'] as const) : []),
      ...(file.research ? (['research'] as const) : []),
      ...badges,
    ],
    thumbnail: problem === null,
    patient: file.patient,
    study: file.study,
    seriesNumber: file.seriesNumber,
    origin: 'DICOM',
    created: null,
    revision,
    problem,
  };
  const planes = frames.flatMap(({ header }) => header.geometry ?? []);
  const spacing = first.header.pixelSpacing;
  const description: ItemDescription = {
    ...summary,
    components: problem === null ? [componentOf(frames)] : [],
    planes: planes.length === frames.length ? planes : [],
    spacingMm: [stack.sliceSpacing ?? null, spacing?.[0] ?? null, spacing?.[1] ?? null],
    frameOfReference: file.frameOfReference,
    thicknessMm: first.header.sliceThickness ?? null,
    transferSyntax: file.transferSyntax,
    scan: null,
    result: null,
    artifacts: [],
    files: [],
    notes: notesOf(stack),
  };
  return {
    summary,
    description,
    recipe: {
      kind: 'dicom',
      slices: frames.map((frame) => ({ path: frame.file.path, frame: frame.frame })),
      colour: !isGrey(file.pixels),
    },
  };
}
