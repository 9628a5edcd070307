/** Measurements with their numbers, computed from the floats of the part they were drawn on. */
import { useEffect, useState } from 'react';
import type { MeasurementRow } from '../../../main/host/api/job.ts';
import { describeItem } from '../../app/session.ts';
import { componentSource } from '../source/component-source.ts';
import { measuredValues } from './measurement-values.ts';
import { type Measurement, useMeasurements } from './measurements.ts';

export interface MeasuredRow {
  id: string;
  item: string;
  row: MeasurementRow;
}

const plainRow = (
  { id, item, kind, label, slice, component, points }: Measurement,
  values: MeasurementRow['values'],
): MeasuredRow => ({
  id,
  item,
  row: { kind, label, slice, component, points: points.map(({ x, y }): [number, number] => [x, y]), values },
});

/** Without numbers when the pixels cannot be had. */
export async function measuredRow(measurement: Measurement): Promise<MeasuredRow> {
  try {
    const description = await describeItem(measurement.item);
    const component = description.components.find(({ name }) => name === measurement.component);
    if (component === undefined) return plainRow(measurement, []);
    const source = componentSource(description, component);
    const values = await source.load(measurement.slice);
    return plainRow(
      measurement,
      measuredValues(measurement.kind, measurement.points, {
        values: source.kind === 'colour' ? null : values,
        rows: source.shape[1],
        columns: source.shape[2],
        rowSpacing: source.spacing[1],
        columnSpacing: source.spacing[2],
        unit: component.unit,
      }).filter(({ value }) => Number.isFinite(value)),
    );
  } catch {
    return plainRow(measurement, []);
  }
}

export function useMeasurementRows(): readonly MeasuredRow[] {
  const list = useMeasurements((state) => state.list);
  const [rows, setRows] = useState<readonly MeasuredRow[]>([]);
  useEffect(() => {
    let gone = false;
    Promise.all(list.map(measuredRow)).then((found) => {
      if (!gone) setRows(found);
    });
    return () => {
      gone = true;
    };
  }, [list]);
  return rows;
}
