/** A file into the artifact an input of a solver declares. The content decides, the name only where content cannot. */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { EngineError } from '../../../engine/errors.ts';
import { readFileBytes, readFileRange } from '../../../engine/io/file-bytes.ts';
import { checkFinite } from '../../../engine/io/finite.ts';
import { readNpy } from '../../../engine/io/npy.ts';
import { isNpy } from '../../../engine/io/npy-header.ts';
import { readNpz } from '../../../engine/io/npz.ts';
import { openScan } from '../../../engine/io/recognise.ts';
import type { Scan } from '../../../engine/io/scan.ts';
import { isZip } from '../../../engine/io/zip.ts';
import {
  type ArrayArtifact,
  type ArrayType,
  type Artifact,
  type ArtifactType,
  arrayTypes,
  type Json,
} from '../../../engine/solvers/artifact.ts';
import type { InputSlot } from '../../../engine/solvers/sdk.ts';
import { parseCsv } from './csv.ts';
import { parseObj } from './obj.ts';

function arrayTypeOf(types: readonly ArtifactType[]): ArrayType | undefined {
  return arrayTypes.find((type) => types.includes(type));
}

const text = async (path: string) => new TextDecoder().decode(await readFileBytes(path));

/** The member called like the input, or the only one; the others go along under their names. */
function fromArchive(slot: InputSlot, type: ArrayType, path: string, arrays: Map<string, NdArray>): ArrayArtifact {
  const names = [...arrays.keys()];
  const name = arrays.has(slot.name) ? slot.name : arrays.has(type) ? type : names.length === 1 ? names[0] : undefined;
  const array = name === undefined ? undefined : arrays.get(name);
  if (array === undefined)
    throw new EngineError(
      'bad-input',
      `the file holds ${names.slice(0, 12).join(', ') || 'no arrays'}, expected "${slot.name}"`,
      { path },
    );
  const others = names.filter((other) => other !== name);
  const companions: Record<string, NdArray> = {};
  for (const other of others) {
    const companion = arrays.get(other);
    if (companion !== undefined) companions[other === 'angles_deg' ? 'angles' : other] = companion;
  }
  return { type, array, ...(others.length > 0 ? { companions } : {}) };
}

/** `spacing_mm` [dz, dy, dx] and `slice_geometry` [slices, 9] (position, direction of rows, of columns), where known. */
function placeOf({ spacingMm, geometry }: Pick<Scan, 'spacingMm' | 'geometry'>): Record<string, NdArray> {
  const place = (geometry ?? []).flatMap((slice) => [...slice.position, ...slice.rowCosines, ...slice.columnCosines]);
  return {
    ...(spacingMm && { spacing_mm: ndarray('float64', [3], Float64Array.from(spacingMm)) }),
    ...(geometry && { slice_geometry: ndarray('float64', [geometry.length, 9], Float64Array.from(place)) }),
  };
}

function fromScan(scan: Scan, slot: InputSlot, path: string): ArrayArtifact {
  if (scan.kind === 'kspace' && slot.types.includes('kspace')) {
    const { kspace, mask, maps, reference } = scan;
    return {
      type: 'kspace',
      array: kspace,
      companions: { mask, ...(maps && { maps }), ...(reference && { reference }) },
    };
  }
  if (scan.kind === 'sinogram' && slot.types.includes('sinogram')) {
    const angles = ndarray('float64', [scan.anglesDeg.length], scan.anglesDeg);
    return { type: 'sinogram', array: scan.sinogram, companions: { angles } };
  }
  if (scan.kind === 'image') {
    const { volume } = scan;
    const companions = placeOf(scan);
    if (slot.types.includes('image') && volume.shape[0] === 1)
      return { type: 'image', array: { ...volume, shape: volume.shape.slice(1) }, companions };
    if (slot.types.includes('volume')) return { type: 'volume', array: volume, companions };
  }
  throw new EngineError('bad-input', `input ${slot.name} must be ${slot.types.join(' or ')}, found ${scan.kind}`, {
    path,
  });
}

/** Numeric columns as [rows, columns]; a single column as [rows]. */
function fromTable(slot: InputSlot, type: ArrayType, source: string, path: string): ArrayArtifact {
  const columns = Object.entries(parseCsv(source, path));
  const rows = columns[0][1].length;
  const data = new Float64Array(rows * columns.length);
  columns.forEach(([name, column], c) => {
    column.forEach((cell, r) => {
      if (typeof cell !== 'number')
        throw new EngineError(
          'bad-input',
          `row ${r + 2}: expected a number, found ${cell === null ? 'an empty cell' : `"${cell}"`}`,
          {
            path: `${path}: ${name}`,
            hint: `Input ${slot.name} needs numbers in every column.`,
          },
        );
      data[r * columns.length + c] = cell;
    });
  });
  return { type, array: ndarray('float64', columns.length === 1 ? [rows] : [rows, columns.length], data) };
}

/** Throws `bad-input` naming file, field, found and expected. */
export async function readArtifact(slot: InputSlot, path: string): Promise<Artifact> {
  const { types } = slot;
  if (types.includes('model') && !types.some((type) => type !== 'model')) return { type: 'model', source: path };
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const prefix = folder ? new Uint8Array() : await readFileRange(path, 0, 4096);
  const type = arrayTypeOf(types);
  if (type !== undefined && isNpy(prefix))
    return finite({ type, array: readNpy(await readFileBytes(path), path) }, slot, path);
  if (type !== undefined && isZip(prefix))
    return finite(fromArchive(slot, type, path, readNpz(await readFileBytes(path), path)), slot, path);
  const ending = extname(path).toLowerCase();
  if (ending === '.csv') {
    const table = types.find((candidate) => candidate === 'table' || candidate === 'curve');
    if (table !== undefined) return { type: table, columns: parseCsv(await text(path), path) };
    if (type !== undefined) return fromTable(slot, type, await text(path), path);
  }
  if (ending === '.obj' && types.includes('mesh')) return { type: 'mesh', ...parseObj(await text(path), path) };
  if (ending === '.json' && types.includes('graph')) return { type: 'graph', json: parseJson(await text(path), path) };
  if (types.includes('model')) return { type: 'model', source: path };
  return fromScan(await openScan(path), slot, path);
}

function finite(artifact: ArrayArtifact, slot: InputSlot, path: string): ArrayArtifact {
  if (slot.nonFinite) return artifact;
  checkFinite(artifact.array, slot.name, path);
  for (const [name, companion] of Object.entries(artifact.companions ?? {})) checkFinite(companion, name, path);
  return artifact;
}

function parseJson(source: string, path: string): Json {
  try {
    return JSON.parse(source) as Json;
  } catch (cause) {
    throw new EngineError('bad-input', 'the file is not JSON', { path, cause });
  }
}
