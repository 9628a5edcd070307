/**
 * Mouse, pen and touch in one viewport. Left: the tool in hand; middle or Shift+left: pan; right: zoom; Ctrl+left: window
 * to region; wheel: slices, with Ctrl zoom; two fingers: pan and pinch; three: slices; double click: maximise.
 */
import { useWorkspace } from '../../app/workspace.ts';
import { onScreen } from '../display/svg-marks.ts';
import { pixelToPatient } from '../maths/linked-views.ts';
import type { Point } from '../maths/view-matrix.ts';
import { dragWindow, percentiles, regionWindow, type Window } from '../maths/window-level.ts';
import { addPoint, closeFreehand, moveDraft } from '../measure/draft.ts';
import { finishMove, type Measurement, movePoints, select, useMeasurements } from '../measure/measurements.ts';
import { outline, touched } from '../measure/outline.ts';
import { isMeasureTool, type Tool, useViewState } from '../view-state.ts';
import type { Controller } from './controllers.ts';
import { toggleMaximised } from './maximise.ts';
import { place, resetView, scrollBy, scrollTo, setWindow, zoomBy } from './view-actions.ts';

type Gesture =
  | { kind: 'window'; start: Window; range: number }
  | { kind: 'pan'; pan: Point }
  | { kind: 'zoom'; at: Point }
  | { kind: 'scroll'; slice: number }
  | { kind: 'region'; from: Point }
  | { kind: 'measure' }
  | { kind: 'freehand' }
  | { kind: 'move'; measurement: Measurement; handle: number; from: Point; before: readonly Measurement[] };

/** p1 to p99 of the slice: what a drag across half the viewport should span. */
function robustRange(controller: Controller): number {
  const values = controller.values();
  const source = controller.source();
  if (values === null || source === null || source.kind === 'colour') return 0;
  const found = percentiles(values, [0.01, 0.99]);
  const range = found === null ? 0 : found[1] - found[0];
  return range > 0 ? range : source.range[1] - source.range[0];
}

export function windowStep(controller: Controller): number {
  return robustRange(controller) / 64;
}

function hit(controller: Controller, at: Point, reach: number): { measurement: Measurement; handle: number } | null {
  const matrix = controller.matrix();
  const item = controller.source()?.description?.id;
  if (matrix === null || item === undefined) return null;
  const { list, selected } = useMeasurements.getState();
  const shown = useViewState.getState();
  const index = useWorkspace.getState().active;
  const candidates = list.filter((one) => one.item === item && one.slice === shown.views[index].shown);
  // The selected one first, then the newest.
  for (const measurement of [...candidates]
    .reverse()
    .sort((a, b) => Number(b.id === selected) - Number(a.id === selected))) {
    const lines = outline(measurement.kind, measurement.points).map((line) =>
      line.map((point) => onScreen(matrix, point)),
    );
    const handle = touched(
      at,
      measurement.points.map((point) => onScreen(matrix, point)),
      lines,
      reach,
    );
    if (handle !== null) return { measurement, handle };
  }
  return null;
}

export function listenToPointers(root: HTMLElement, index: number, controller: Controller): () => void {
  let gesture: Gesture | null = null;
  let start: Point = { x: 0, y: 0 };
  let last: Point = { x: 0, y: 0 };
  let moved = false;
  let wheel = 0;
  const touches = new Map<number, Point>();
  let pinch: { distance: number; middle: Point; slice: number } | null = null;

  const local = (event: { clientX: number; clientY: number }): Point => {
    const box = root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const view = () => useViewState.getState().views[index];
  const onControl = (event: Event) => event.target instanceof Element && event.target.closest('input,button') !== null;

  const begin = (event: PointerEvent): Gesture | null => {
    const state = useViewState.getState();
    const at = controller.toPixel(event.clientX, event.clientY);
    const source = controller.source();
    if (source === null || at === null) return null;
    const tool: Tool =
      event.button === 1 || (event.button === 0 && event.shiftKey)
        ? 'pan'
        : event.button === 2
          ? 'zoom'
          : event.ctrlKey || event.metaKey
            ? 'region'
            : state.tool;
    if (event.button === 0 && state.draft === null && tool !== 'region' && tool !== 'pan') {
      const found = hit(controller, local(event), event.pointerType === 'touch' ? 20 : 9);
      if (found !== null) {
        select(found.measurement.id);
        return { kind: 'move', ...found, from: at, before: useMeasurements.getState().list };
      }
      if (!isMeasureTool(tool)) select(null);
    }
    if (isMeasureTool(tool)) {
      if (tool === 'freehand') {
        addPoint(index, tool, at);
        return { kind: 'freehand' };
      }
      const drawing = state.draft !== null && state.draft.viewport === index && state.draft.kind === tool;
      if (!drawing || (tool === 'cobb' && state.draft?.points.length === 2)) addPoint(index, tool, at);
      else moveDraft(at);
      return { kind: 'measure' };
    }
    if (tool === 'window') {
      const { window } = view();
      return window === null ? null : { kind: 'window', start: window, range: robustRange(controller) };
    }
    if (tool === 'pan') return { kind: 'pan', pan: view().pan };
    if (tool === 'zoom') return { kind: 'zoom', at: local(event) };
    if (tool === 'scroll') return { kind: 'scroll', slice: view().slice };
    useViewState.setState({ draft: { viewport: index, kind: 'rectangle', points: [at], next: at } });
    return { kind: 'region', from: at };
  };

  const follow = (event: PointerEvent) => {
    const at = controller.toPixel(event.clientX, event.clientY);
    const here = local(event);
    const [dx, dy] = [here.x - start.x, here.y - start.y];
    if (Math.hypot(dx, dy) > 3) moved = true;
    if (gesture === null || at === null) return;
    if (gesture.kind === 'window') setWindow(index, dragWindow(gesture.start, dx, dy, gesture.range));
    else if (gesture.kind === 'pan') place(index, { pan: { x: gesture.pan.x + dx, y: gesture.pan.y + dy } });
    else if (gesture.kind === 'zoom') zoomBy(index, 1.01 ** (last.y - here.y), gesture.at);
    else if (gesture.kind === 'scroll') scrollTo(index, gesture.slice + Math.round(dy / 6));
    else if (gesture.kind === 'freehand') {
      const { draft } = useViewState.getState();
      const before = draft?.points.at(-1);
      if (
        draft !== null &&
        (before === undefined || Math.hypot(before.x - at.x, before.y - at.y) > 0.7) &&
        draft.points.length < 4000
      )
        useViewState.setState({ draft: { ...draft, points: [...draft.points, at], next: null } });
    } else if (gesture.kind === 'measure' || gesture.kind === 'region') moveDraft(at);
    else {
      const { measurement, handle, from } = gesture;
      const [mx, my] = [at.x - from.x, at.y - from.y];
      movePoints(
        measurement.id,
        measurement.points.map((point, i) =>
          handle === -1 || handle === i ? { x: point.x + mx, y: point.y + my } : point,
        ),
      );
    }
    last = here;
  };

  const finish = (event: PointerEvent) => {
    const at = controller.toPixel(event.clientX, event.clientY);
    const done = gesture;
    gesture = null;
    if (done === null) return;
    if (done.kind === 'move') {
      if (moved) finishMove(done.before);
    } else if (done.kind === 'freehand') {
      const { draft } = useViewState.getState();
      // A click sets a corner; a line drawn in one go closes itself.
      if (draft !== null && draft.points.length > 4 && moved) closeFreehand();
    } else if (done.kind === 'region') {
      useViewState.setState({ draft: null });
      const source = controller.source();
      const values = controller.values();
      if (!moved || at === null || source === null || values === null || source.kind === 'colour') return;
      const window = regionWindow(values, source.shape[2], [done.from.x, done.from.y], [at.x, at.y]);
      if (window !== null) setWindow(index, window);
      if (useViewState.getState().tool === 'region') useViewState.setState({ tool: 'window' });
    } else if (done.kind === 'measure' && at !== null) {
      const { draft } = useViewState.getState();
      const before = draft?.points.at(-1);
      const matrix = controller.matrix();
      if (draft === null || before === undefined || matrix === null) return;
      const [a, b] = [onScreen(matrix, before), onScreen(matrix, at)];
      if (Math.hypot(a.x - b.x, a.y - b.y) > 3) addPoint(index, draft.kind, at);
    }
  };

  const middleOf = (): Point => {
    const all = [...touches.values()];
    return {
      x: all.reduce((sum, { x }) => sum + x, 0) / all.length,
      y: all.reduce((sum, { y }) => sum + y, 0) / all.length,
    };
  };
  const spread = (): number => {
    const [a, b] = [...touches.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };

  const down = (event: PointerEvent) => {
    if (onControl(event)) return;
    useWorkspace.getState().setActive(index);
    root.focus({ preventScroll: true });
    if (event.pointerType === 'touch') {
      touches.set(event.pointerId, local(event));
      if (touches.size > 1) {
        if (gesture?.kind === 'measure' || gesture?.kind === 'freehand' || gesture?.kind === 'region')
          useViewState.setState({ draft: null });
        gesture = null;
        pinch = { distance: spread(), middle: middleOf(), slice: view().slice };
        return;
      }
    }
    if (event.button === 1) event.preventDefault();
    start = local(event);
    last = start;
    moved = false;
    gesture = begin(event);
    if (gesture !== null) root.setPointerCapture(event.pointerId);
  };

  const move = (event: PointerEvent) => {
    if (event.pointerType === 'touch' && touches.has(event.pointerId)) touches.set(event.pointerId, local(event));
    if (pinch !== null && touches.size > 1) {
      const middle = middleOf();
      if (touches.size > 2) scrollTo(index, pinch.slice + Math.round((middle.y - pinch.middle.y) / 8));
      else {
        const distance = spread();
        zoomBy(index, distance / Math.max(1, pinch.distance), middle);
        const { pan } = view();
        place(index, { pan: { x: pan.x + middle.x - pinch.middle.x, y: pan.y + middle.y - pinch.middle.y } });
        pinch = { ...pinch, distance, middle };
      }
      return;
    }
    const at = controller.toPixel(event.clientX, event.clientY);
    const source = controller.source();
    if (gesture !== null) follow(event);
    else if (at !== null && useViewState.getState().draft?.viewport === index) moveDraft(at);
    let where: readonly [number, number, number] | null = null;
    if (at !== null && source !== null) {
      const plane = source.planes[view().shown];
      const [, dy, dx] = source.spacing;
      if (plane !== undefined && dy !== null && dx !== null) where = pixelToPatient(plane, at.x, at.y, dy, dx);
    }
    const state = useViewState.getState();
    useViewState.setState({
      hover: at === null ? null : { viewport: index, at },
      ...(state.referenceLines && useWorkspace.getState().active === index ? { place: where } : {}),
    });
  };

  const up = (event: PointerEvent) => {
    touches.delete(event.pointerId);
    if (pinch !== null) {
      if (touches.size < 2) pinch = null;
      return;
    }
    if (gesture !== null) finish(event);
  };
  const leave = () => {
    if (useViewState.getState().hover?.viewport === index) useViewState.setState({ hover: null });
  };
  const turn = (event: WheelEvent) => {
    event.preventDefault();
    useWorkspace.getState().setActive(index);
    const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 40;
    if (event.ctrlKey || event.metaKey) {
      zoomBy(index, 1.0016 ** -pixels, local(event));
      return;
    }
    // A notch of a wheel is one slice; a trackpad's small steps add up to one.
    wheel = Math.sign(wheel) === -Math.sign(pixels) ? pixels : wheel + pixels;
    const steps = Math.abs(pixels) >= 100 ? Math.sign(pixels) : Math.trunc(wheel / 40);
    if (steps === 0) return;
    wheel = 0;
    scrollBy(index, steps);
  };
  const twice = (event: MouseEvent) => {
    if (onControl(event) || useViewState.getState().draft !== null) return;
    const at = controller.toPixel(event.clientX, event.clientY);
    const source = controller.source();
    if (at === null || source === null) return;
    const outside = at.x < -0.5 || at.y < -0.5 || at.x > source.shape[2] - 0.5 || at.y > source.shape[1] - 0.5;
    if (outside && !isMeasureTool(useViewState.getState().tool)) resetView(index);
    else if (!isMeasureTool(useViewState.getState().tool)) toggleMaximised(index);
  };
  const noMenu = (event: Event) => event.preventDefault();

  root.addEventListener('pointerdown', down);
  root.addEventListener('pointermove', move);
  root.addEventListener('pointerup', up);
  root.addEventListener('pointercancel', up);
  root.addEventListener('pointerleave', leave);
  root.addEventListener('wheel', turn, { passive: false });
  root.addEventListener('dblclick', twice);
  root.addEventListener('contextmenu', noMenu);
  return () => {
    root.removeEventListener('pointerdown', down);
    root.removeEventListener('pointermove', move);
    root.removeEventListener('pointerup', up);
    root.removeEventListener('pointercancel', up);
    root.removeEventListener('pointerleave', leave);
    root.removeEventListener('wheel', turn);
    root.removeEventListener('dblclick', twice);
    root.removeEventListener('contextmenu', noMenu);
  };
}
