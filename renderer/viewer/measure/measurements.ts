/** All measurements of the session with their history: every change can be undone and done again. */
import { create } from 'zustand';
import type { Point } from '../maths/view-matrix.ts';
import type { MeasureTool } from '../view-state.ts';

export interface Measurement {
  id: string;
  kind: MeasureTool;
  item: string;
  /** Shown when it was drawn; its values are of this one. */
  component: string;
  slice: number;
  /** Pixel coordinates, centres at whole numbers; meaning by kind as in MeasurementRow of the host API. */
  points: readonly Point[];
  label: string;
}

export interface Measurements {
  list: readonly Measurement[];
  selected: string | null;
  past: readonly (readonly Measurement[])[];
  future: readonly (readonly Measurement[])[];
}

export const useMeasurements = create<Measurements>(() => ({ list: [], selected: null, past: [], future: [] }));

const deepest = 500;
let serial = 0;

/** A step of the history. `before`: the list as it was when a drag began. */
function commit(list: readonly Measurement[], selected: string | null, before?: readonly Measurement[]): void {
  useMeasurements.setState((state) => ({
    list,
    selected,
    past: [...state.past, before ?? state.list].slice(-deepest),
    future: [],
  }));
}

const counted: Readonly<Record<MeasureTool, string>> = {
  length: 'Length',
  angle: 'Angle',
  cobb: 'Cobb',
  ellipse: 'Ellipse',
  rectangle: 'Rectangle',
  circle: 'Circle',
  freehand: 'Freehand',
  probe: 'Probe',
};

export function addMeasurement(made: Omit<Measurement, 'id' | 'label'>): Measurement {
  const { list } = useMeasurements.getState();
  serial++;
  const number = list.filter(({ kind }) => kind === made.kind).length + 1;
  const measurement = { ...made, id: `m${serial}`, label: `${counted[made.kind]} ${number}` };
  commit([...list, measurement], measurement.id);
  return measurement;
}

export function removeMeasurement(id: string): void {
  const { list } = useMeasurements.getState();
  if (list.some((one) => one.id === id))
    commit(
      list.filter((one) => one.id !== id),
      null,
    );
}

export function renameMeasurement(id: string, label: string): void {
  const { list, selected } = useMeasurements.getState();
  const old = list.find((one) => one.id === id);
  if (old === undefined || old.label === label || label.trim() === '') return;
  commit(
    list.map((one) => (one.id === id ? { ...one, label: label.trim().slice(0, 200) } : one)),
    selected,
  );
}

/** While a drag goes on; `finishMove` makes it one step of the history. */
export function movePoints(id: string, points: readonly Point[]): void {
  useMeasurements.setState(({ list }) => ({ list: list.map((one) => (one.id === id ? { ...one, points } : one)) }));
}

export function finishMove(before: readonly Measurement[]): void {
  const { list, selected } = useMeasurements.getState();
  if (list !== before) commit(list, selected, before);
}

export const select = (id: string | null) => useMeasurements.setState({ selected: id });

export function undo(): boolean {
  const { past, future, list, selected } = useMeasurements.getState();
  const before = past.at(-1);
  if (before === undefined) return false;
  useMeasurements.setState({
    list: before,
    past: past.slice(0, -1),
    future: [list, ...future],
    selected: before.some(({ id }) => id === selected) ? selected : null,
  });
  return true;
}

export function redo(): boolean {
  const { past, future, list, selected } = useMeasurements.getState();
  const [after, ...rest] = future;
  if (after === undefined) return false;
  useMeasurements.setState({
    list: after,
    past: [...past, list],
    future: rest,
    selected: after.some(({ id }) => id === selected) ? selected : null,
  });
  return true;
}
