/** Arrays of a reconstruction's result folder, slice by slice from the disk. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check, EngineError } from '../../../engine/errors.ts';
import { readDicomHeader, readPrefix } from '../../../engine/io/dicom/read-header.ts';
import type { ResultJson } from '../../../engine/recon/result-json.ts';
import type { Component, ItemDescription } from '../api/item.ts';
import { type ComplexPart, complexPart, growBounds } from './complex-parts.ts';
import { dicomFacts } from './dicom-facts.ts';
import type { ItemReader } from './item-reader.ts';
import { listFiles } from './list-files.ts';
import type { Entry } from './reader-messages.ts';
import { readResultRecord } from './result-record.ts';
import { openStoredArray, type StoredArray } from './stored-array.ts';

interface Shown {
  component: Omit<Component, 'shape' | 'range'>;
  array: StoredArray;
  part: ComplexPart | undefined;
}

type Candidate = [file: string, name: string, title: string, role: Component['role'], part?: ComplexPart];

const FIXED: readonly Candidate[] = [
  ['image.npy', 'image', 'Reconstruction', 'image'],
  ['image_complex.npy', 'phase', 'Phase', 'phase', 'phase'],
  ['image_complex.npy', 'real', 'Real part', 'image', 'real'],
  ['image_complex.npy', 'imaginary', 'Imaginary part', 'image', 'imaginary'],
  ['std.npy', 'std', 'Standard deviation', 'uncertainty'],
  ['evidence.npy', 'evidence', 'Evidence', 'evidence'],
  ['reference.npy', 'reference', 'Reference', 'image'],
];

const TITLES: Readonly<Record<string, string>> = {
  'zero-filled': 'Zero-filled',
  'cg-sense': 'CG-SENSE',
  fbp: 'FBP',
  fdk: 'FDK',
};

function compared(files: readonly string[]): Candidate[] {
  return files.flatMap((file): Candidate[] => {
    const id = /^compare\/([a-z0-9][a-z0-9_-]{0,63})\.npy$/.exec(file)?.[1];
    return id === undefined ? [] : [[file, id, TITLES[id] ?? id, 'image']];
  });
}

async function shownArrays(
  folder: string,
  record: ResultJson,
  files: readonly string[],
  notes: string[],
): Promise<Map<string, Shown>> {
  const unit = record.unit ?? 'arbitrary';
  const shown = new Map<string, Shown>();
  for (const [file, name, title, role, part] of [...FIXED, ...compared(files)]) {
    if (shown.has(name)) continue;
    try {
      const array = await openStoredArray(join(folder, file));
      if (array === undefined) continue;
      const same = array.shape.every((size, axis) => size === record.shape[axis]);
      check(same && array.complex === (part !== undefined), () => `shape [${array.shape}], expected [${record.shape}]`);
      const component: Shown['component'] = {
        name,
        title,
        role,
        format: 'float32',
        unit: part === 'phase' ? 'rad' : role === 'evidence' ? '' : unit,
        window: unit === 'HU' && role === 'image' ? { centre: 40, width: 400 } : null,
        inverted: false,
        integer: false,
      };
      shown.set(name, { component, array, part });
    } catch (thrown) {
      if (!(thrown instanceof EngineError)) throw thrown;
      notes.push(`${file} cannot be shown: ${thrown.message}`);
    }
  }
  return shown;
}

async function sliceOf({ array, part }: Shown, index: number): Promise<Float32Array> {
  const values = await array.slice(index);
  return part === undefined ? values : complexPart(values, part);
}

async function rangeOf(shown: Shown): Promise<[number, number]> {
  if (shown.part === 'phase') return [-Math.PI, Math.PI];
  const bounds: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < shown.array.shape[0]; index++) growBounds(bounds, await sliceOf(shown, index));
  return bounds[0] <= bounds[1] ? bounds : [0, 0];
}

/** Planes as result.json states them, else of the derived series written beside it. */
async function placeOf(
  folder: string,
  record: ResultJson,
): Promise<Pick<ItemDescription, 'planes' | 'frameOfReference' | 'thicknessMm'>> {
  const none = { planes: [], frameOfReference: record.frame_of_reference ?? null, thicknessMm: null };
  if (record.planes?.length === record.shape[0]) {
    const planes = record.planes.map(({ position, row_cosines: rowCosines, column_cosines: columnCosines }) => ({
      position,
      rowCosines,
      columnCosines,
    }));
    return { ...none, planes };
  }
  try {
    const names = (await readdir(join(folder, 'dicom'))).sort();
    const facts = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, 'dicom', name);
        const header = await readDicomHeader(path, await readPrefix(path));
        return header === undefined ? [] : dicomFacts(path, header);
      }),
    );
    const frames = facts.flat().sort((a, b) => (a.instanceNumber ?? 0) - (b.instanceNumber ?? 0));
    const planes = frames.flatMap(({ header }) => header.geometry ?? []);
    if (frames.length !== record.shape[0] || planes.length !== frames.length) return none;
    const [{ file, header }] = frames;
    return { planes, frameOfReference: file.frameOfReference, thicknessMm: header.sliceThickness ?? null };
  } catch {
    return none;
  }
}

export async function resultItem({ recipe, summary }: Entry): Promise<ItemReader> {
  if (recipe.kind !== 'result') throw new EngineError('internal', 'not the entry of a result');
  const { folder } = recipe;
  const found = await readResultRecord(folder);
  if (found?.kind !== 'result') throw new EngineError('not-found', 'the result folder is gone');
  const { record } = found;
  const files = await listFiles(folder);
  const notes: string[] = [];
  const shown = await shownArrays(folder, record, files, notes);
  return {
    slice: async (name, index) => {
      const found = shown.get(name);
      if (found === undefined || index >= found.array.shape[0])
        throw new EngineError('not-found', `there is no slice ${index} of ${name}`);
      return sliceOf(found, index);
    },
    describe: async () => {
      const components: Component[] = [];
      for (const each of shown.values())
        components.push({ ...each.component, shape: [...each.array.shape], range: await rangeOf(each) });
      return {
        ...summary,
        components,
        ...(await placeOf(folder, record)),
        spacingMm: record.spacing_mm ?? [null, null, null],
        transferSyntax: null,
        scan: null,
        result: record,
        artifacts: [],
        files,
        notes,
      };
    },
  };
}
