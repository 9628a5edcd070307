/** Volumes of NIfTI and NumPy files, and measured scans: held in memory, shown by slices. */
import { basename, dirname } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import type { ImageScan, KspaceScan, Scan, SinogramScan } from '../../../engine/io/scan.ts';
import type { Component, ItemDescription, ItemSummary } from '../api/item.ts';
import { describeScan } from '../jobs/info.ts';
import { type ComplexPart, complexPart, growBounds } from './complex-parts.ts';
import { itemIdOf } from './item-id.ts';
import type { ItemReader } from './item-reader.ts';
import { openedScan } from './opened-scan.ts';
import type { Entry } from './reader-messages.ts';

/** A component and the function that makes a slice of it. */
interface Shown {
  component: Omit<Component, 'range'>;
  slice(index: number): Float32Array;
  range?: [number, number];
}

const usual = { format: 'float32', inverted: false, integer: false, window: null } as const;

/** Where k-space fades into its noise, relative to its largest value: the foot of the logarithm. */
const LOG_FOOT = 1e-4;

function stackShape(shape: readonly number[]): [number, number, number] {
  return [shape[0], shape[1], shape[2]];
}

function plane(data: Float32Array, index: number, size: number): Float32Array {
  return data.slice(index * size, (index + 1) * size);
}

function imageParts({ volume, modality }: ImageScan): Shown[] {
  const shape = stackShape(volume.shape);
  const size = shape[1] * shape[2];
  const unit = modality === 'CT' ? 'HU' : 'arbitrary';
  if (volume.dtype === 'float32') {
    const whole = volume.data.every(Number.isInteger);
    const component: Shown['component'] = {
      ...usual,
      name: 'image',
      title: 'Image',
      role: 'image',
      unit,
      shape,
      integer: whole,
    };
    return [{ component, slice: (index) => plane(volume.data, index, size) }];
  }
  const part = (name: string, title: string, role: Component['role'], kind: ComplexPart): Shown => ({
    component: { ...usual, name, title, role, unit: kind === 'phase' ? 'rad' : unit, shape },
    slice: (index) => complexPart(plane(volume.data, index, 2 * size), kind),
    ...(kind === 'phase' ? { range: [-Math.PI, Math.PI] as [number, number] } : {}),
  });
  return [
    part('image', 'Magnitude', 'image', 'magnitude'),
    part('phase', 'Phase', 'phase', 'phase'),
    part('real', 'Real part', 'image', 'real'),
    part('imaginary', 'Imaginary part', 'image', 'imaginary'),
  ];
}

/** √Σ|k_c|² over the coils of one slice. */
function coilMagnitude({ kspace }: KspaceScan, index: number): Float32Array {
  const [, coils, height, width] = kspace.shape;
  const size = height * width;
  const out = new Float32Array(size);
  for (let coil = 0; coil < coils; coil++) {
    const from = 2 * (index * coils + coil) * size;
    for (let i = 0; i < size; i++) out[i] += kspace.data[from + 2 * i] ** 2 + kspace.data[from + 2 * i + 1] ** 2;
  }
  for (let i = 0; i < size; i++) out[i] = Math.sqrt(out[i]);
  return out;
}

/** log10(1 + m/(10⁻⁴ max m)), from 0 where nothing was measured to 4. */
function kspacePart(scan: KspaceScan): Shown {
  const [slices, , height, width] = scan.kspace.shape;
  let largest: number | undefined;
  const maximum = (): number => {
    largest ??= Array.from({ length: slices }, (_, index) =>
      coilMagnitude(scan, index).reduce((top, value) => Math.max(top, value), 0),
    ).reduce((top, value) => Math.max(top, value), 0);
    return largest;
  };
  return {
    component: {
      ...usual,
      name: 'kspace',
      title: 'k-space, logarithm of the magnitude',
      role: 'kspace',
      unit: '',
      shape: [slices, height, width],
      window: { centre: 2, width: 4 },
    },
    range: [0, Math.log10(1 + 1 / LOG_FOOT)],
    slice: (index) => {
      const out = coilMagnitude(scan, index);
      const foot = LOG_FOOT * maximum() || 1;
      for (let i = 0; i < out.length; i++) out[i] = Math.log10(1 + out[i] / foot);
      return out;
    },
  };
}

function sinogramPart({ sinogram }: SinogramScan): Shown {
  const shape = stackShape(sinogram.shape);
  return {
    component: { ...usual, name: 'sinogram', title: 'Sinogram', role: 'kspace', unit: '', shape },
    slice: (index) => plane(sinogram.data, index, shape[1] * shape[2]),
  };
}

function referencePart(scan: KspaceScan | SinogramScan): Shown[] {
  const { reference } = scan;
  if (reference === undefined || reference.shape.length !== 3) return [];
  const shape = stackShape(reference.shape);
  const unit = scan.kind === 'kspace' ? 'arbitrary' : scan.pixelSpacingMm === undefined ? '1/pixel' : '1/mm';
  return [
    {
      component: { ...usual, name: 'reference', title: 'Reference', role: 'image', unit, shape },
      slice: (index) => plane(reference.data, index, shape[1] * shape[2]),
    },
  ];
}

function partsOf(scan: Scan): Shown[] {
  if (scan.kind === 'image') return imageParts(scan);
  return [scan.kind === 'kspace' ? kspacePart(scan) : sinogramPart(scan), ...referencePart(scan)];
}

function rangeOf({ component, slice, range }: Shown): [number, number] {
  if (range !== undefined) return range;
  const bounds: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < component.shape[0]; index++) growBounds(bounds, slice(index));
  return bounds[0] <= bounds[1] ? bounds : [0, 0];
}

export interface FilePlace {
  roots: readonly string[];
  bytes: number;
  revision: number;
  badges: readonly ItemSummary['badges'][number][];
  /** Where the folder's own name says nothing. */
  folderTitle?: string | undefined;
}

/** Opens the file to say what it is. Throws the reader's EngineErrors. */
export async function arrayEntry(
  path: string,
  { roots, bytes, revision, badges, folderTitle }: FilePlace,
): Promise<Entry> {
  const scan = await openedScan(path);
  const [first] = partsOf(scan);
  const [slices, rows, columns] = first.component.shape;
  const folder = folderTitle ?? basename(dirname(path));
  const summary: ItemSummary = {
    id: itemIdOf('file', ...roots, path),
    kind: scan.kind === 'image' ? 'series' : 'scan',
    group: itemIdOf('folder', ...roots, dirname(path)),
    groupTitle: folder === '' ? 'Files' : folder,
    title: basename(path),
    modality: scan.kind === 'image' ? scan.modality : scan.kind === 'kspace' ? 'MR' : 'CT',
    slices,
    rows,
    columns,
    bytes,
    badges: [...badges],
    thumbnail: slices > 0,
    patient: null,
    study: null,
    seriesNumber: null,
    origin: scan.format,
    created: null,
    revision,
    problem: null,
  };
  return { summary, description: null, recipe: { kind: scan.kind === 'image' ? 'array' : 'scan', path } };
}

function notGiven(spacing: Scan['spacingMm']): ItemDescription['spacingMm'] {
  return spacing === undefined ? [null, null, null] : [...spacing];
}

export async function arrayItem({ recipe, summary }: Entry): Promise<ItemReader> {
  if (recipe.kind !== 'array' && recipe.kind !== 'scan') throw new EngineError('internal', 'not the entry of a file');
  const scan = await openedScan(recipe.path);
  const parts = partsOf(scan);
  return {
    slice: async (name, index) => {
      const part = parts.find(({ component }) => component.name === name);
      if (part === undefined || index >= part.component.shape[0])
        throw new EngineError('not-found', `there is no slice ${index} of ${name}`);
      return part.slice(index);
    },
    describe: async () => {
      const planes = scan.geometry ?? [];
      return {
        ...summary,
        components: parts.map((part) => ({ ...part.component, range: rangeOf(part) })),
        planes: planes.length === summary.slices ? planes : [],
        spacingMm: notGiven(scan.spacingMm),
        frameOfReference: null,
        thicknessMm: null,
        transferSyntax: null,
        scan: scan.kind === 'image' ? null : describeScan(scan),
        result: null,
        artifacts: [],
        files: [],
        notes: scan.notes,
      };
    },
  };
}
