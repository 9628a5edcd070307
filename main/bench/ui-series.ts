/** Folders of DICOM for `tangent bench ui`, computed: no patient, no download. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeDerivedSeries } from '../../engine/io/dicom/write-series.ts';
import type { SliceGeometry } from '../../engine/io/scan.ts';

/** Nested shells whose radius changes along z, with a texture that no codec or cache can guess; 0 to about 1000. */
function shells(slices: number, size: number): Float32Array {
  const volume = new Float32Array(slices * size * size);
  let state = 12345;
  for (let z = 0, at = 0; z < slices; z++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++, at++) {
        const radius = Math.hypot((2 * x) / size - 1, (2 * y) / size - 1, (1.6 * z) / slices - 0.8);
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        volume[at] = radius < 0.95 ? 500 + 400 * Math.sin(20 * radius) + state / 2 ** 26 : state / 2 ** 28;
      }
  return volume;
}

function planes(slices: number): SliceGeometry[] {
  return Array.from({ length: slices }, (_, z) => ({
    position: [0, 0, 2 * z],
    rowCosines: [1, 0, 0],
    columnCosines: [0, 1, 0],
  }));
}

/** Writes `slices` MR images of `size` squared into `folder`, a series of their own per `number`; returns their bytes. */
export async function writeSeries(folder: string, slices: number, size: number, number = 0): Promise<number> {
  await mkdir(folder, { recursive: true });
  let bytes = 0;
  const files = writeDerivedSeries({
    volume: ndarray('float32', [slices, size, size], shells(slices, size)),
    geometry: planes(slices),
    spacingMm: [2, 0.5, 0.5],
    modality: 'MR',
    description: { method: 'phantom', version: 'bench' },
    jobHash: `bench ${slices} ${size} ${number}`,
    kspaceOrigin: true,
    simulated: true,
    modelGenerated: false,
    timestamp: new Date(2000, 0, 1),
  });
  for (const file of files) {
    await writeFile(join(folder, file.name), file.bytes);
    bytes += file.bytes.length;
  }
  return bytes;
}

/** `images` slices of 256 squared in eight series, and `others` files that are no image, mixed in one folder. */
export async function writeMixedFolder(folder: string, images: number, others: number): Promise<void> {
  const series = 8;
  for (let k = 0; k < series; k++) {
    const slices = Math.floor(images / series) + (k < images % series ? 1 : 0);
    await writeSeries(join(folder, `part${k}`), slices, 256, k);
  }
  for (let k = 0; k < others; k++) await writeFile(join(folder, `note${k}.txt`), `not an image, ${k}\n`);
}
