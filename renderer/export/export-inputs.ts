/** What exports take from the viewports: the measurements drawn and the slice looked at. */
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { ItemDescription } from '../../main/host/api/item.ts';
import type { MeasurementRow } from '../../main/host/api/job.ts';
import { host } from '../app/session.ts';
import { useWorkspace } from '../app/workspace.ts';
import { measuredValues } from '../viewer/measure/measurement-values.ts';
import { type Measurement, useMeasurements } from '../viewer/measure/measurements.ts';
import { useViewState } from '../viewer/view-state.ts';

export interface ShownSlice {
  slice: number;
  /** LINEAR_EXACT, units of the values. */
  centre: number;
  width: number;
}

/** Measurements drawn on an item, in the order they were drawn. */
export function useMeasurementsOn(item: string): readonly Measurement[] {
  const list = useMeasurements((state) => state.list);
  return list.filter((one) => one.item === item);
}

/** The slice of a component in the active viewport, through its window; null when another thing is shown there. */
export function useShownSlice(item: string, component: string): ShownSlice | null {
  const active = useWorkspace((state) => state.active);
  const content = useWorkspace((state) => state.contents[state.active]);
  const view = useViewState((state) => state.views[active]);
  const same = content !== null && 'item' in content && content.item === item && content.component === component;
  // A difference is what the viewport computed, not a component.
  if (!same || content.difference !== undefined || view.shown < 0 || view.window === null) return null;
  return { slice: view.shown, centre: view.window.centre, width: view.window.width };
}

/** Numbers of the measurements, from the values themselves as the host holds them. Rejects with HostError. */
export async function measurementRows(
  item: ItemDescription,
  measurements: readonly Measurement[],
): Promise<MeasurementRow[]> {
  const slices = new Map<string, Float32Array | null>();
  const rows: MeasurementRow[] = [];
  for (const { kind, label, slice, component: name, points } of measurements) {
    const component = item.components.find((each) => each.name === name);
    if (component === undefined) continue;
    const url = dataRoutes.pixels(item.id, item.revision, name, slice);
    if (!slices.has(url))
      slices.set(url, component.format === 'float32' ? new Float32Array(await host().data(url)) : null);
    const [, rowSpacing, columnSpacing] = item.spacingMm;
    const values = measuredValues(kind, points, {
      values: slices.get(url) ?? null,
      rows: component.shape[1],
      columns: component.shape[2],
      rowSpacing,
      columnSpacing,
      unit: component.unit,
    });
    rows.push({ kind, label, slice, component: name, points: points.map(({ x, y }) => [x, y]), values });
  }
  return rows;
}
