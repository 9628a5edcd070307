/** A small DICOM series without a patient, one file per slice. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDerivedSeries } from '../../engine/io/dicom/write-series.ts';
import { ellipses } from './tiny-scan.ts';

/** `number` makes it another series. */
export async function writeTinySeries(folder: string, number = 0): Promise<void> {
  const files = writeDerivedSeries({
    ...{ volume: ellipses(3 + number, 32), geometry: undefined, spacingMm: [3, 2, 2], source: undefined },
    ...{ modality: 'MR', description: { method: 'test', version: '1' }, jobHash: String(number).repeat(64) },
    ...{ inputDigest: 'b'.repeat(64), kspaceOrigin: true, simulated: true, modelGenerated: false },
    ...{ unit: 'arbitrary', timestamp: new Date(2000, 0, 1) },
  });
  await mkdir(folder, { recursive: true });
  for (const { name, bytes } of files) await writeFile(join(folder, `${number}-${name}`), bytes);
}
