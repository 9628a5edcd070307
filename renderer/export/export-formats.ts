/** The formats an item can be exported in, with a plain sentence each, and why one cannot be had. */
import type { ItemDescription } from '../../main/host/api/item.ts';
import type { exportFormats } from '../../main/host/api/job.ts';

export type ExportFormat = (typeof exportFormats)[number];

export interface FormatCard {
  id: ExportFormat;
  title: string;
  sentence: string;
  /** Why not; null when it can be chosen. */
  unavailable: string | null;
  /** One component of the item goes out; the others take the whole item. */
  takesComponent: boolean;
  /** Pixels may leave with text drawn into them. */
  needsReview: boolean;
}

const SENTENCES: Readonly<Record<ExportFormat, readonly [title: string, sentence: string]>> = {
  dicom: ['DICOM', 'A new series in the same study, for your archive. Keeps the patient; marked as research.'],
  'dicom-deidentified': [
    'De-identified DICOM',
    'Name, numbers, dates, comments and private data removed. For sharing.',
  ],
  'dicom-sr': ['Measurements (DICOM SR)', 'Lengths, angles and regions as a structured report. Keeps the patient.'],
  nifti: ['NIfTI', 'Exact values with their place in the patient, for analysis. Carries no name.'],
  npy: ['NumPy', 'The exact values as one array, for scripts. Carries no name.'],
  png: ['Picture (PNG)', 'One slice as you see it, or all slices on one sheet. Carries no name.'],
  report: ['Report', 'One page for any browser: images, evidence, quality and every warning. Carries no name.'],
};

function unavailable(id: ExportFormat, item: ItemDescription, measurements: number): string | null {
  const { kind, transferSyntax, components } = item;
  const result = kind === 'result';
  const images = components.some(({ format }) => format === 'float32');
  switch (id) {
    case 'dicom':
      if (result) return null;
      return transferSyntax === null ? 'Reconstruct the scan first.' : 'This series is DICOM already.';
    case 'dicom-deidentified':
      if (result || transferSyntax !== null) return null;
      return 'Only DICOM series and results carry an identity to remove.';
    case 'dicom-sr':
      if (!result && transferSyntax === null) return 'A report refers to DICOM images; this is none.';
      return measurements === 0 ? 'Draw a length, an angle or a region first.' : null;
    case 'report':
      if (!result) return 'Only reconstructions have a report.';
      return item.files.includes('report.html') ? null : 'This result has no report.';
    default:
      return images ? null : 'There are no grey values to export.';
  }
}

export function formatCards(item: ItemDescription, measurements: number): FormatCard[] {
  return (Object.keys(SENTENCES) as ExportFormat[]).map((id) => ({
    id,
    title: SENTENCES[id][0],
    sentence: SENTENCES[id][1],
    unavailable: unavailable(id, item, measurements),
    takesComponent: !(id === 'dicom-sr' || id === 'report' || (id === 'dicom-deidentified' && item.kind === 'series')),
    needsReview: id === 'dicom-deidentified' || id === 'nifti' || id === 'npy' || id === 'png',
  }));
}
