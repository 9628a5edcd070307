/** Measurements as a DICOM structured report in the study of the images they were drawn on. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { parseDataset } from '../../../engine/io/dicom/dataset.ts';
import { textOf } from '../../../engine/io/dicom/element-text.ts';
import { carriedElements } from '../../../engine/io/dicom/elements.ts';
import { type Measurement, writeMeasurementReport } from '../../../engine/io/dicom/measurement-report.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import type { DicomElement, DicomSource } from '../../../engine/io/dicom/source.ts';
import type { SliceGeometry } from '../../../engine/io/scan.ts';
import { derivedFiles } from './derived-files.ts';
import { type Exported, type ExportJob, requireResult } from './export-job.ts';
import { exportLabels } from './export-labels.ts';
import { pathsOf } from './find-source.ts';
import { freeName } from './free-name.ts';

const SAME_PLACE_MM = 1e-3;

interface Images {
  /** The image of a slice as the viewer counts them. */
  readonly imageOf: (component: string, slice: number) => Measurement['image'];
  readonly studyUid: string;
  readonly patient: readonly DicomElement[];
  /** Series written for the report to speak of. */
  readonly files: string[];
}

function noImage(slice: number): EngineError {
  return new EngineError('mismatch', `there is no DICOM image for slice ${slice}`, { path: 'measurements' });
}

function sourceImage(source: DicomSource, index: number): Measurement['image'] {
  const { instance, frame } = source.slices[index];
  const { sopClassUid, sopInstanceUid } = instance;
  return { sopClassUid, sopInstanceUid, seriesUid: source.seriesUid, ...(source.multiFrame && { frame: frame + 1 }) };
}

/** The reader and the screen may order slices of a series differently: where they lie decides. */
function sliceIndex(slice: number, job: ExportJob, geometry: readonly SliceGeometry[] | undefined): number {
  const wanted = job.item.planes[slice]?.position;
  if (wanted === undefined || geometry === undefined) return slice;
  const found = geometry.findIndex(
    ({ position }) => Math.hypot(...position.map((mm, k) => mm - wanted[k])) < SAME_PLACE_MM,
  );
  if (found < 0) throw noImage(slice);
  return found;
}

async function imagesOfSeries(job: ExportJob): Promise<Images> {
  const { library, item, signal } = job;
  const scan = await openDicom(pathsOf(library.source(item.id)), { signal }).catch((cause) => {
    if (cause instanceof EngineError && cause.code === 'cancelled') throw cause;
    throw new EngineError('unsupported', 'a report refers to DICOM images, and this series is none that can be read', {
      hint: 'Copy the list of measurements as CSV instead.',
      cause,
    });
  });
  const { dicom, geometry } = scan;
  if (dicom === undefined) throw new EngineError('internal', 'a DICOM series without its source');
  return {
    imageOf: (_component, slice) => {
      if (slice >= dicom.slices.length) throw noImage(slice);
      return sourceImage(dicom, sliceIndex(slice, job, geometry));
    },
    studyUid: dicom.studyUid,
    patient: dicom.slices[0].instance.elements,
    files: [],
  };
}

/** Derived images of every component something was drawn on; written beside the report, so that it points at something. */
async function imagesOfResult(job: ExportJob): Promise<Images> {
  const record = requireResult(job, 'Choose an image series or a result.');
  const names = [...new Set(job.request.measurements.map(({ component }) => component))];
  const byComponent = new Map<string, Measurement['image'][]>();
  const files: string[] = [];
  let first: readonly DicomElement[] = [];
  for (const component of names) {
    const derived = await derivedFiles({ ...job, request: { ...job.request, component } }, record, true);
    const folder = await freeName(job.folder, `dicom-${component}`);
    await mkdir(join(job.folder, folder));
    const images: Measurement['image'][] = [];
    for (const { name, bytes } of derived.files) {
      const elements = carriedElements(parseDataset(bytes));
      if (first.length === 0) first = elements;
      images.push({
        sopClassUid: textOf(elements, 0x00080016),
        sopInstanceUid: textOf(elements, 0x00080018),
        seriesUid: textOf(elements, 0x0020000e),
      });
      await writeFile(join(job.folder, folder, name), bytes);
      files.push(`${folder}/${name}`);
    }
    byComponent.set(component, images);
  }
  return {
    imageOf: (component, slice) => {
      const image = byComponent.get(component)?.[slice];
      if (image === undefined) throw noImage(slice);
      return image;
    },
    studyUid: textOf(first, 0x0020000d),
    patient: first,
    files,
  };
}

/**
 * Writes "measurements.dcm" (Comprehensive SR); of a result also the derived series it refers to. Throws `bad-usage`
 * without measurements, `unsupported` for series that are not DICOM.
 */
export async function exportMeasurements(job: ExportJob): Promise<Exported> {
  const { request, item, record, folder, version } = job;
  if (request.measurements.length === 0)
    throw new EngineError('bad-usage', 'there is no measurement to export', {
      hint: 'Draw a length, an angle or a region in the viewer first.',
    });
  const images = item.kind === 'series' ? await imagesOfSeries(job) : await imagesOfResult(job);
  job.progress(0.8, 'writing the report');
  const labels = exportLabels(record, request.component);
  const bytes = writeMeasurementReport({
    measurements: request.measurements.map(({ kind, label, component, slice, points, values }) => ({
      ...{ kind, label, points, values },
      image: images.imageOf(component, slice),
    })),
    studyUid: images.studyUid,
    modality: item.modality === 'MR' || item.modality === 'CT' ? item.modality : 'OT',
    patient: images.patient,
    statements: [...labels.statements, ...labels.warnings.map(({ message }) => message)],
    version,
    timestamp: new Date(),
  });
  const name = await freeName(folder, 'measurements', '.dcm');
  await writeFile(join(folder, name), bytes);
  return { files: [name, ...images.files], warnings: [] };
}
