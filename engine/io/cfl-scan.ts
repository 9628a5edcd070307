/** k-space scans from BART pairs. */
import { basename, dirname, extname, join } from 'node:path';
import { EngineError } from '../errors.ts';
import { type CflArray, cflToSlices, isCflHeader, readCfl } from './cfl.ts';
import { digestBytes, readFileBytes, readFileRange, statPath } from './file-bytes.ts';
import { kspaceScan } from './kspace-scan.ts';
import type { KspaceScan } from './scan.ts';
import { splitKz } from './split-kz.ts';

const MAX_HEADER_BYTES = 1 << 20;

/** The pair a path belongs to (either file of it, or their common name), if its header reads as BART's. */
export async function findCflPair(path: string): Promise<{ header: string; data: string } | undefined> {
  const extension = extname(path);
  const stem = extension === '.cfl' || extension === '.hdr' ? join(dirname(path), basename(path, extension)) : path;
  const header = `${stem}.hdr`;
  try {
    const { size } = await statPath(header);
    if (size > MAX_HEADER_BYTES || !isCflHeader(await readFileRange(header, 0, size))) return undefined;
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
  return { header, data: `${stem}.cfl` };
}

/** k-space of three dimensions, made into slices by the inverse transform along phase2. */
function transformPartitions(array: CflArray, path: string, notes: string[]): CflArray {
  const [kx, ky, kz, coils] = array.dimensions;
  const images = array.dimensions.slice(4).reduce((product, size) => product * size, 1);
  const data = splitKz(array.data, { images, coils, kz, ky, kx }, path);
  notes.push(`3D k-space was transformed along the second phase dimension into ${kz} slices`);
  // The slice axis takes the place of dimension 4 (maps, of size 1), directly above the coils.
  return { dimensions: array.dimensions.with(2, 1).with(4, kz), data };
}

/** Reads the pair into a scan. BART's k-space scale is arbitrary and kept. */
export async function cflScan(pair: { header: string; data: string }): Promise<KspaceScan> {
  const header = await readFileBytes(pair.header, MAX_HEADER_BYTES);
  const data = await readFileBytes(pair.data);
  const notes: string[] = [];
  const stored = readCfl(header, data, pair.data);
  if (stored.dimensions[4] > 1)
    throw new EngineError('unsupported', `${stored.dimensions[4]} sets of maps (dimension 4), expected k-space`, {
      path: pair.data,
    });
  const volumetric = stored.dimensions[2] > 1;
  const { dimensions, data: values } = volumetric ? transformPartitions(stored, pair.data, notes) : stored;
  const { array, outer } = cflToSlices({ dimensions, data: values }, pair.data);
  const outerAxes = outer.map((axis) => (volumetric && axis.name === 'maps' ? { ...axis, name: 'slice' } : axis));
  return kspaceScan(
    {
      format: 'cfl',
      digest: digestBytes(data, header),
      notes,
      kspace: array,
      ...(outerAxes.length > 1 || (outerAxes.length === 1 && outerAxes[0].name !== 'slice') ? { outerAxes } : {}),
    },
    pair.data,
  );
}
