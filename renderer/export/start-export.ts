/** Starts an export: asks where to, where the host has dialogs, and returns the job, or null when the user thought better. */
import type { CallInput } from '../../main/host/api/api.ts';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { host, useSession } from '../app/session.ts';
import type { Measurement } from '../viewer/measure/measurements.ts';
import type { ExportFormat } from './export-formats.ts';
import { measurementRows, type ShownSlice } from './export-inputs.ts';

export interface ExportChoice {
  item: ItemDescription;
  format: ExportFormat;
  component: string;
  /** png: this slice; null: all slices on one sheet. */
  slice: ShownSlice | null;
  shiftDates: boolean;
  pixelsReviewed: boolean;
  measurements: readonly Measurement[];
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
    ...{ kind: 'export', item: item.id, format, component, shiftDates, pixelsReviewed },
    ...(format === 'dicom-sr' ? { measurements: await measurementRows(item, measurements) } : {}),
    ...(format === 'png' && slice !== null
      ? { picture: { slice: slice.slice, centre: slice.centre, width: slice.width } }
      : {}),
    ...(to === undefined ? {} : { to }),
  };
  return (await host().call('jobs.start', request)).id;
}
