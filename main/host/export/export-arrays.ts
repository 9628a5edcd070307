/** Values as NIfTI or NumPy, with a sidecar that says what they are. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeNifti } from '../../../engine/io/nifti.ts';
import { writeNpy } from '../../../engine/io/npy.ts';
import type { ItemDescription } from '../api/item.ts';
import { type Exported, type ExportJob, type Shown, shownComponent } from './export-job.ts';
import { exportLabels, shortLabel, sidecarText } from './export-labels.ts';
import { freeName } from './free-name.ts';
import { guardPixels } from './guard-pixels.ts';

const NIFTI_DESCRIPTION = 79;

type Planes = ItemDescription['planes'];

/** Where the slices lie: as the library knows it, else as result.json says. */
function planesOf({ item, record }: ExportJob): Planes {
  const recorded = record?.planes ?? [];
  return item.planes.length > 0
    ? item.planes
    : recorded.map(({ position, row_cosines, column_cosines }) => ({
        position,
        rowCosines: row_cosines,
        columnCosines: column_cosines,
      }));
}

function place(planes: Planes, spacingMm: ItemDescription['spacingMm'], slices: number) {
  const known = spacingMm.every((mm) => mm !== null);
  return {
    ...(known ? { spacingMm: [...spacingMm] as [number, number, number] } : {}),
    ...(planes.length === slices && known ? { geometry: planes } : {}),
  };
}

async function withSidecar(
  job: ExportJob,
  { component }: Shown,
  stem: string,
  end: string,
  bytes: Uint8Array,
): Promise<string[]> {
  const { item, record, folder } = job;
  const name = await freeName(folder, stem, end);
  const sidecar = `${name.slice(0, -end.length)}.json`;
  const facts = { shape: component.shape, unit: component.unit, spacing_mm: item.spacingMm };
  const labels = exportLabels(record, component.title);
  await writeFile(join(folder, name), bytes);
  await writeFile(join(folder, sidecar), sidecarText(labels, name, facts, record));
  return [name, sidecar];
}

/** "volume-COMPONENT.nii.gz" (float32, geometry in sform and qform) and its JSON. */
export async function exportNifti(job: ExportJob): Promise<Exported> {
  const warnings = await guardPixels(job);
  job.progress(0.2, 'reading values');
  const shown = await shownComponent(job);
  job.progress(0.5, 'writing NIfTI');
  const label = shortLabel(exportLabels(job.record, shown.component.title), NIFTI_DESCRIPTION);
  const slices = shown.component.shape[0];
  const geometry = place(planesOf(job), job.item.spacingMm, slices);
  const bytes = writeNifti({ volume: shown.volume, ...geometry }, { gzip: true, description: label });
  const files = await withSidecar(job, shown, `volume-${shown.component.name}`, '.nii.gz', bytes);
  if (geometry.geometry === undefined)
    warnings.push({ code: 'geometry-unknown', message: 'Where the slices lie is not known and not in the file.' });
  return { files, warnings };
}

/** "COMPONENT.npy", float32 [slices, y, x], and its JSON. */
export async function exportNpy(job: ExportJob): Promise<Exported> {
  const warnings = await guardPixels(job);
  job.progress(0.2, 'reading values');
  const shown = await shownComponent(job);
  const files = await withSidecar(job, shown, shown.component.name, '.npy', writeNpy(shown.volume));
  return { files, warnings };
}
