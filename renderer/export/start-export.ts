/** Starts an export: asks where to, where the host has dialogs, and returns the job, or null when the user thought better. */
import type { CallInput } from '../../main/host/api/api.ts';
import type { MeasurementRow } from '../../main/host/api/job.ts';
import { host, useSession } from '../app/session.ts';
import type { ExportFormat } from './export-formats.ts';
import type { ShownSlice } from './export-inputs.ts';

export interface ExportChoice {
  item: string;
  format: ExportFormat;
  component: string;
  /** png: this slice; null: all slices on one sheet. */
  slice: ShownSlice | null;
  shiftDates: boolean;
  pixelsReviewed: boolean;
  measurements: readonly MeasurementRow[];
}

export async function startExport(choice: ExportChoice): Promise<string | null> {
  const { item, format, component, slice, shiftDates, pixelsReviewed, measurements } = choice;
  let to: string | undefined;
  if (useSession.getState().app?.host === 'electron') {
    const { chosen } = await host().call('files.choose', { purpose: 'save-folder' });
    if (chosen.length === 0) return null;
    to = chosen[0].handle;
  }
  const request: CallInput<'jobs.start'> = {
    ...{ kind: 'export', item, format, component, shiftDates, pixelsReviewed },
    ...(format === 'dicom-sr' ? { measurements: [...measurements] } : {}),
    ...(format === 'png' && slice !== null
      ? { picture: { slice: slice.slice, centre: slice.centre, width: slice.width } }
      : {}),
    ...(to === undefined ? {} : { to }),
  };
  return (await host().call('jobs.start', request)).id;
}
