/** What exports take from the viewports: the measurements drawn and the slice looked at. The viewer keeps it current. */
import { create } from 'zustand';
import type { MeasurementRow } from '../../main/host/api/job.ts';

export interface ShownSlice {
  item: string;
  component: string;
  slice: number;
  /** LINEAR_EXACT, units of the values. */
  centre: number;
  width: number;
}

export interface ExportInputs {
  /** By item. */
  measurements: ReadonlyMap<string, readonly MeasurementRow[]>;
  /** The active viewport. */
  slice: ShownSlice | null;
}

export const useExportInputs = create<ExportInputs>(() => ({ measurements: new Map(), slice: null }));
