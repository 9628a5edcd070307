/** Files of a solver's result: arrays as stacks of slices, everything else by its name and type. */
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { readFileBytes } from '../../../engine/io/file-bytes.ts';
import { readNpy } from '../../../engine/io/npy.ts';
import { findSolver } from '../../../engine/solvers/registry.ts';
import type { Component, ItemDescription } from '../api/item.ts';
import { complexPart, growBounds } from './complex-parts.ts';
import type { ItemReader } from './item-reader.ts';
import { listFiles } from './list-files.ts';
import type { Entry } from './reader-messages.ts';
import { readResultRecord, type SolutionRecord } from './result-record.ts';

const MAX_ARRAY_BYTES = 2 ** 30;
const TYPES: Readonly<Record<string, string>> = {
  csv: 'table',
  json: 'graph',
  obj: 'mesh',
  npz: 'model',
  png: 'picture',
  npy: 'array',
};

interface Stack {
  component: Component;
  data: Float32Array;
}

/** What the manifest says of the outputs; empty for a solver this version does not have. */
function declaredTypes(solver: string): Map<string, string> {
  try {
    return new Map(findSolver(solver).manifest.outputs.map(({ name, type }) => [name, type]));
  } catch {
    return new Map();
  }
}

/** A real or complex array of two or three axes as slices; others are not pictures. */
async function stackOf(folder: string, file: string, name: string, type: string): Promise<Stack | undefined> {
  if (!/^(image|volume|labels|field|array|matrix|kspace|sinogram)$/.test(type)) return undefined;
  const array = readNpy(await readFileBytes(join(folder, file), MAX_ARRAY_BYTES), file);
  if (array.shape.length < 2 || array.shape.length > 3 || array.shape.includes(0)) return undefined;
  const data =
    array.dtype === 'complex64' ? complexPart(array.data as Float32Array, 'magnitude') : Float32Array.from(array.data);
  const range: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  growBounds(range, data);
  const [rows, columns] = array.shape.slice(-2);
  const shown =
    name
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '-')
      .replace(/^[^a-z0-9]+/, '') || 'array';
  return {
    data,
    component: {
      name: shown.slice(0, 64),
      title: name,
      role: type === 'labels' ? 'labels' : type === 'image' || type === 'volume' ? 'image' : 'map',
      format: 'float32',
      unit: '',
      shape: [array.shape.length === 3 ? array.shape[0] : 1, rows, columns],
      range: range[0] <= range[1] ? range : [0, 0],
      window: null,
      inverted: false,
      integer: data.every(Number.isInteger),
    },
  };
}

async function stacksOf(
  folder: string,
  record: SolutionRecord,
  notes: string[],
): Promise<{ stacks: Stack[]; artifacts: ItemDescription['artifacts'] }> {
  const declared = declaredTypes(record.solver);
  const stacks: Stack[] = [];
  const artifacts: ItemDescription['artifacts'] = [];
  for (const [name, file] of Object.entries(record.artifacts)) {
    const ending = file.slice(file.lastIndexOf('.') + 1);
    const type = declared.get(name) ?? TYPES[ending] ?? 'array';
    artifacts.push({ name, type, file });
    if (ending !== 'npy') continue;
    try {
      const stack = await stackOf(folder, file, name, type);
      if (stack !== undefined) stacks.push(stack);
    } catch (thrown) {
      if (!(thrown instanceof EngineError)) throw thrown;
      notes.push(`${file} cannot be shown: ${thrown.message}`);
    }
  }
  return { stacks, artifacts };
}

export async function solutionItem({ recipe, summary }: Entry): Promise<ItemReader> {
  if (recipe.kind !== 'solution') throw new EngineError('internal', 'not the entry of a solution');
  const found = await readResultRecord(recipe.folder);
  if (found?.kind !== 'solution') throw new EngineError('not-found', 'the result folder is gone');
  const files = await listFiles(recipe.folder);
  const safe = Object.fromEntries(Object.entries(found.record.artifacts).filter(([, file]) => files.includes(file)));
  const notes: string[] = [];
  const { stacks, artifacts } = await stacksOf(recipe.folder, { ...found.record, artifacts: safe }, notes);
  return {
    slice: async (name, index) => {
      const stack = stacks.find(({ component }) => component.name === name);
      if (stack === undefined || index >= stack.component.shape[0])
        throw new EngineError('not-found', `there is no slice ${index} of ${name}`);
      const size = stack.component.shape[1] * stack.component.shape[2];
      return stack.data.slice(index * size, (index + 1) * size);
    },
    describe: async () => ({
      ...summary,
      components: stacks.map(({ component }) => component),
      planes: [],
      spacingMm: [null, null, null],
      frameOfReference: null,
      thicknessMm: null,
      transferSyntax: null,
      scan: null,
      result: JSON.parse(JSON.stringify(found.record)),
      artifacts,
      files,
      notes,
    }),
  };
}
