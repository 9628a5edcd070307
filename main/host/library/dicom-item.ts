/** Slices of a DICOM series, decoded on demand. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { type ColourFile, parseColourFile, readColourFrame } from '../../../engine/io/dicom/colour-file.ts';
import { type DicomFile, frameReader, parseDicomFile } from '../../../engine/io/dicom/read-file.ts';
import { tagTree } from '../../../engine/io/dicom/tag-tree.ts';
import { readFileBytes } from '../../../engine/io/file-bytes.ts';
import type { ItemReader } from './item-reader.ts';
import type { Entry, Recipe } from './reader-messages.ts';
import { byteCache } from './slice-cache.ts';

const MAX_FILE_BYTES = 2 ** 31 - 1;
/** Whole files, so that the frames of one file are not read from the disk one by one. */
const files = byteCache<{ file: DicomFile | ColourFile; modified: number }>(2 ** 28);
const slices = byteCache<Float32Array | Uint8Array>(2 ** 28);

type DicomRecipe = Extract<Recipe, { kind: 'dicom' }>;

/** The error with the file's base name, as a person looks for it; never a folder, which may be a patient's name. */
function named(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof EngineError))
    // The parser package throws strings when a value runs past the end.
    return typeof thrown === 'string'
      ? new EngineError('bad-input', 'DICOM file is damaged', { path: basename(path), cause: thrown })
      : thrown;
  const place = thrown.path === undefined || thrown.path === path ? '' : `: ${thrown.path}`;
  return new EngineError(thrown.code, thrown.message, {
    path: `${basename(path)}${place}`,
    hint: thrown.hint,
    cause: thrown,
  });
}

async function openFile(path: string, colour: boolean): Promise<DicomFile | ColourFile> {
  const { mtimeMs } = await stat(path);
  const known = files.get(path);
  if (known?.modified === mtimeMs) return known.file;
  const bytes = await readFileBytes(path, MAX_FILE_BYTES);
  const file = colour ? parseColourFile(bytes) : parseDicomFile(bytes);
  files.set(path, { file, modified: mtimeMs }, bytes.length);
  return file;
}

async function decode(
  { path, frame }: DicomRecipe['slices'][number],
  shape: readonly [number, number],
  colour: boolean,
): Promise<Float32Array | Uint8Array> {
  const file = await openFile(path, colour);
  const { rows, columns, frames } = file.pixels;
  if (rows !== shape[0] || columns !== shape[1] || frame >= frames)
    throw new EngineError('bad-input', `the file changed: ${rows} × ${columns} pixels, expected ${shape.join(' × ')}`, {
      hint: 'Open it again.',
    });
  if (!('sopInstanceUid' in file)) return readColourFrame(file, frame);
  const out = new Float32Array(rows * columns);
  const read = await frameReader(file.coding);
  read(file, frame, out);
  return out;
}

/** Bounds of the values of a floating-point series; reads every slice. */
async function measuredRange(
  count: number,
  slice: (index: number) => Promise<Float32Array>,
): Promise<[number, number]> {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++)
    for (const value of await slice(index)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : [0, 0];
}

export function dicomItem({ recipe, description }: Entry): ItemReader {
  if (recipe.kind !== 'dicom' || description === null) throw new EngineError('internal', 'not the entry of a series');
  const shape = [description.rows, description.columns] as const;
  const slice = async (component: string, index: number): Promise<Float32Array | Uint8Array> => {
    if (description.problem !== null) throw new EngineError('unsupported', description.problem);
    const source = recipe.slices[index];
    if (component !== 'image' || source === undefined)
      throw new EngineError('not-found', `there is no slice ${index} of ${component}`);
    const key = `${source.path}#${source.frame}`;
    const known = slices.get(key);
    if (known !== undefined) return known;
    try {
      const pixels = await decode(source, shape, recipe.colour);
      slices.set(key, pixels, pixels.byteLength);
      return pixels;
    } catch (thrown) {
      throw named(thrown, source.path);
    }
  };
  return {
    slice,
    tags: async (index) => {
      const source = recipe.slices[index];
      if (source === undefined) throw new EngineError('not-found', `there is no slice ${index}`);
      return {
        file: basename(source.path),
        tags: tagTree(await readFileBytes(source.path, MAX_FILE_BYTES)),
      };
    },
    describe: async () => {
      const component = description.components[0];
      if (component === undefined || component.format === 'rgba8' || component.range[0] !== component.range[1])
        return description;
      const grey = async (index: number) => (await slice('image', index)) as Float32Array;
      return {
        ...description,
        components: [{ ...component, range: await measuredRange(recipe.slices.length, grey) }],
      };
    },
  };
}
