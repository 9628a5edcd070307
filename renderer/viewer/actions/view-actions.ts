/** Changes of one viewport that its linked neighbours follow: slices, windows, zoom. */
import { useWorkspace, viewportCount } from '../../app/workspace.ts';
import { linkedScale, linkedSlice, type ScrollPolicy, scrollPolicy } from '../maths/linked-views.ts';
import { finerSpacing, fitScale, type Point, panAboutPoint } from '../maths/view-matrix.ts';
import { presetWindow, type Window } from '../maths/window-level.ts';
import { gridOf, type Source, stackOf } from '../source/source.ts';
import { changeView, changeViews, useViewState, type View } from '../view-state.ts';
import { controllerOf } from './controllers.ts';

export const activeIndex = () => useWorkspace.getState().active;
export const activeSource = () => controllerOf(activeIndex())?.source() ?? null;
export const activeView = () => useViewState.getState().views[activeIndex()];

/** Other viewports on the screen that show something. */
export function neighbours(index: number): { index: number; source: Source }[] {
  const count = viewportCount[useWorkspace.getState().layout];
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const source = i === index ? null : (controllerOf(i)?.source() ?? null);
    return source === null ? [] : [{ index: i, source }];
  });
}

/** How scrolling is linked; null when it is not. Position only when it holds for every neighbour. */
export function linkedBy(index: number): ScrollPolicy | null {
  const source = controllerOf(index)?.source();
  const others = neighbours(index);
  if (!useViewState.getState().links.scroll || source == null || others.length === 0) return null;
  return others.every((other) => scrollPolicy(stackOf(source), stackOf(other.source)) === 'position')
    ? 'position'
    : 'index';
}

export function scrollTo(index: number, wanted: number): void {
  const source = controllerOf(index)?.source();
  if (source == null) return;
  const slice = Math.min(source.shape[0] - 1, Math.max(0, Math.round(wanted)));
  const changes = new Map<number, Partial<View>>([[index, { slice }]]);
  if (useViewState.getState().links.scroll)
    for (const other of neighbours(index))
      changes.set(other.index, { slice: linkedSlice(stackOf(source), slice, stackOf(other.source)) });
  changeViews(changes);
}

export const scrollBy = (index: number, by: number) => scrollTo(index, useViewState.getState().views[index].slice + by);

/** Maps keep their zero: a difference stays centred on it, an uncertainty starts at it. */
function tied(source: Source, window: Window): Window {
  if (source.colours === 'diverging') return { centre: 0, width: window.width };
  if (source.role === 'uncertainty' || source.role === 'difference')
    return { centre: window.width / 2, width: window.width };
  return window;
}

export function setWindow(index: number, wanted: Window): void {
  const source = controllerOf(index)?.source();
  if (source == null || source.kind === 'colour') return;
  const window = tied(source, wanted);
  const changes = new Map<number, Partial<View>>([[index, { window }]]);
  if (useViewState.getState().links.window && source.kind === 'image')
    for (const other of neighbours(index))
      if (other.source.kind === 'image' && other.source.unit === source.unit && other.source.role === source.role)
        changes.set(other.index, { window });
  changeViews(changes);
}

export function applyPreset(index: number, preset: number): void {
  const controller = controllerOf(index);
  const source = controller?.source();
  const values = controller?.values();
  if (source == null || values == null || source.kind === 'colour') return;
  const window = presetWindow(preset, source.unit === 'HU', values, source.range, source.component?.window ?? null);
  if (window !== null) setWindow(index, window);
}

export function place(index: number, change: { scale?: number; pan?: Point; fit?: boolean }): void {
  const source = controllerOf(index)?.source();
  if (source == null) return;
  const view = useViewState.getState().views[index];
  const scale = Math.min(64, Math.max(0.02, change.scale ?? view.scale));
  const pan = change.pan ?? view.pan;
  const fit = change.fit ?? false;
  const changes = new Map<number, Partial<View>>([[index, { scale, pan, fit }]]);
  if (useViewState.getState().links.zoom)
    for (const other of neighbours(index)) {
      const from = { spacing: finerSpacing(gridOf(source)), columns: source.shape[2] };
      const to = { spacing: finerSpacing(gridOf(other.source)), columns: other.source.shape[2] };
      changes.set(other.index, { fit, pan, scale: linkedScale(scale, from, to) });
    }
  changeViews(changes);
}

/** `at`: screen pixels of the element that stay where they are; absent: its middle. */
export function zoomBy(index: number, factor: number, at?: Point): void {
  const size = controllerOf(index)?.size();
  if (size === undefined) return;
  const view = useViewState.getState().views[index];
  const scale = Math.min(64, Math.max(0.02, view.scale * factor));
  const middle = { x: size.width / 2, y: size.height / 2 };
  place(index, { scale, pan: panAboutPoint(view.pan, at ?? middle, middle, scale / view.scale) });
}

export function fitView(index: number): void {
  const controller = controllerOf(index);
  const source = controller?.source();
  if (controller === undefined || source == null) return;
  const { width, height } = controller.size();
  const { rotation } = useViewState.getState().views[index];
  place(index, { fit: true, pan: { x: 0, y: 0 }, scale: fitScale(gridOf(source), rotation, width, height) });
}

export const oneToOne = (index: number) => place(index, { scale: 1, pan: { x: 0, y: 0 } });

/** CSS pixels are 1/96 inch: one mm of the patient is drawn one mm long on a screen of that density. */
export function trueSize(index: number): void {
  const source = controllerOf(index)?.source();
  const spacing = source == null ? null : finerSpacing(gridOf(source));
  if (spacing !== null) place(index, { scale: spacing * (96 / 25.4), pan: { x: 0, y: 0 } });
}

/** The view as it was first; measurements stay. */
export function resetView(index: number): void {
  const { slice } = useViewState.getState().views[index];
  changeView(index, { rotation: 0, hflip: false, vflip: false, invert: false, colours: null, window: null, slice });
  fitView(index);
}
