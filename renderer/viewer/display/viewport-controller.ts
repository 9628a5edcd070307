/**
 * Joins one viewport's state to what is on the screen: asks for pixels, draws them, and writes the texts over them. All
 * drawing happens once per frame and past React, so that scrolling costs no render.
 */
import { useSession } from '../../app/session.ts';
import { useWorkspace, viewportCount } from '../../app/workspace.ts';
import { addController, type Controller, controllerOf } from '../actions/controllers.ts';
import { linkedBy, neighbours } from '../actions/view-actions.ts';
import { linkedSlice, patientToPixel, referenceLine } from '../maths/linked-views.ts';
import { applyMatrix, finerSpacing, fitScale, invertMatrix, type Matrix, viewMatrix } from '../maths/view-matrix.ts';
import { measuredValues, valueLines } from '../measure/measurement-values.ts';
import { useMeasurements } from '../measure/measurements.ts';
import { forgetPrefetch, prefetchBytes } from '../source/pixel-cache.ts';
import type { Resolved } from '../source/resolve-source.ts';
import { gridOf, type Source, stackOf, type Values } from '../source/source.ts';
import { changeView, useViewState, type View } from '../view-state.ts';
import { announceLater } from './announce-later.ts';
import { viewportName } from './corner-text.ts';
import { cornerstoneViewport } from './cornerstone-viewport.ts';
import { paintOverlay } from './paint-overlay.ts';
import { scaleBar } from './scale-bar.ts';
import { drawMarks, type Mark, type Marks } from './svg-marks.ts';
import type { Appearance, Viewport } from './viewport.ts';
import type { ViewportParts } from './viewport-parts.ts';
import { clearTexts, paintLens, writeTexts } from './write-texts.ts';

export interface ViewportController extends Controller {
  /** What to draw from now on; a new stack starts with a fresh view unless it has the old one's shape. */
  setSource(resolved: Resolved | null): void;
  dispose(): void;
}

/** Prefetched around the slice on the screen, up to this many bytes of the stack. */
const prefetchBytesMost = 320 * 2 ** 20;

export function viewportController(index: number, parts: ViewportParts): ViewportController {
  const viewport: Viewport = cornerstoneViewport(parts.picture);
  let resolved: Resolved | null = null;
  let values: Values | null = null;
  let drawnKey = '';
  let asked = '';
  let frame = 0;
  let matrix: Matrix | null = null;
  let overlayKey = '';
  let lastSlice = -1;
  let disposed = false;
  let failed = '';

  const size = () => ({ width: parts.picture.clientWidth, height: parts.picture.clientHeight });
  const schedule = () => {
    if (frame === 0 && !disposed) frame = requestAnimationFrame(update);
  };

  /** The partner whose picture is drawn here while blinking. */
  const blinkOther = (): { source: Source; view: View } | null => {
    const { blink, views } = useViewState.getState();
    const { active, layout } = useWorkspace.getState();
    if (!blink || active !== index) return null;
    const count = viewportCount[layout];
    for (let step = 1; step < count; step++) {
      const other = (index + step) % count;
      const source = controllerOf(other)?.source();
      if (source != null) return { source, view: views[other] };
    }
    return null;
  };

  const requestPixels = (source: Source, slice: number) => {
    const wanted = `${source.key}/${slice}`;
    if (asked === wanted) return;
    asked = wanted;
    source
      .load(slice)
      .then(
        () => {
          failed = '';
          schedule();
        },
        (thrown: unknown) => {
          failed = thrown instanceof Error ? thrown.message : String(thrown);
          schedule();
        },
      )
      .finally(() => {
        if (asked === wanted) asked = '';
      });
  };

  const prefetch = (source: Source, slice: number) => {
    const [slices, rows, columns] = source.shape;
    const most = Math.min(slices, Math.max(3, Math.floor(prefetchBytesMost / Math.max(1, rows * columns * 4))));
    const ahead = slice >= lastSlice ? 1 : -1;
    const order: string[] = [];
    for (let step = 1; order.length < 2 * most && step < slices; step++)
      for (const next of [slice + ahead * step, slice - ahead * step])
        if (next >= 0 && next < slices && order.length < most) order.push(...source.urls(next));
    prefetchBytes(parts, order);
    lastSlice = slice;
  };

  const firstWindow = (source: Source, slice: number, at: Values) => {
    source.firstWindow(slice, at).then(
      (window) => {
        if (resolved?.source.key === source.key && useViewState.getState().views[index].window === null)
          changeView(index, { window });
      },
      (thrown: unknown) => {
        failed = thrown instanceof Error ? thrown.message : String(thrown);
        schedule();
      },
    );
  };

  const marksOf = (source: Source, view: View, pixels: Values | null): Marks => {
    const state = useViewState.getState();
    const [, rows, columns] = source.shape;
    const on = {
      values: source.kind === 'colour' ? null : pixels,
      rows,
      columns,
      rowSpacing: source.spacing[1],
      columnSpacing: source.spacing[2],
      unit: source.unit,
    };
    const { list, selected } = useMeasurements.getState();
    const marks: Mark[] = list
      .filter((one) => one.item === source.description?.id && one.slice === view.shown)
      .map(({ id, kind, points, label }) => ({
        kind,
        points,
        lines: [label, ...valueLines(measuredValues(kind, points, on))],
        selected: id === selected,
        grabbed: id === selected ? state.grabbed : null,
        draft: false,
      }));
    const { draft } = state;
    if (draft !== null && draft.viewport === index) {
      const points = draft.next === null ? draft.points : [...draft.points, draft.next];
      marks.push({
        kind: draft.kind,
        points,
        lines: valueLines(measuredValues(draft.kind, points, on)),
        selected: true,
        grabbed: null,
        draft: true,
      });
    }
    const plane = source.planes[view.shown];
    const [, dy, dx] = source.spacing;
    const placed = plane !== undefined && dy !== null && dx !== null ? { plane, dy, dx } : null;
    const lines: { from: { x: number; y: number }; to: { x: number; y: number }; strong: boolean }[] = [];
    let crosshair = null;
    if (state.referenceLines && placed !== null) {
      for (const other of neighbours(index)) {
        if (other.source.frameOfReference === null || other.source.frameOfReference !== source.frameOfReference)
          continue;
        const otherPlane = other.source.planes[state.views[other.index].shown];
        if (otherPlane === undefined) continue;
        const found = referenceLine(otherPlane, placed.plane, {
          rows,
          columns,
          rowSpacing: placed.dy,
          columnSpacing: placed.dx,
        });
        if (found !== null)
          lines.push({
            from: { x: found[0][0], y: found[0][1] },
            to: { x: found[1][0], y: found[1][1] },
            strong: other.index === useWorkspace.getState().active,
          });
      }
      if (state.place !== null && useWorkspace.getState().active !== index) {
        const [x, y] = patientToPixel(placed.plane, state.place, placed.dy, placed.dx);
        if (x >= -0.5 && y >= -0.5 && x < columns && y < rows) crosshair = { x, y };
      }
    }
    const spacing = finerSpacing(gridOf(source));
    const { width } = size();
    return {
      marks,
      cursor: useWorkspace.getState().active === index ? state.cursor : null,
      crosshair,
      referenceLines: lines,
      scaleBar:
        useSession.getState().settings.cornerText === 'off'
          ? null
          : scaleBar(spacing === null ? null : view.scale / spacing, view.scale, width),
    };
  };

  const drawOverlay = (source: Source, view: View, appearanceMatrix: Matrix) => {
    const above = resolved?.overlay ?? null;
    const mask = viewport.mask();
    const [, rows, columns] = source.shape;
    let map = null;
    if (above !== null && resolved?.source.key === source.key) {
      const pixels = above.source.peek(view.shown);
      if (pixels === undefined) {
        above.source.load(view.shown).then(schedule, () => undefined);
      } else {
        const [low, high] =
          above.source.role === 'evidence' ? [0, 1] : [Math.min(0, above.source.range[0]), above.source.range[1]];
        const window = { centre: (low + high) / 2, width: high - low || 1 };
        map = { values: pixels, window, colours: above.source.colours, opacity: above.opacity };
      }
    }
    const key =
      map === null && mask === null
        ? ''
        : `${source.key}/${view.shown}/${above?.source.key}/${map !== null}/${above?.opacity}`;
    if (key !== overlayKey) {
      overlayKey = key;
      parts.overlay.hidden = key === '';
      if (key !== '') paintOverlay(parts.overlay, rows, columns, map, mask);
    }
    if (key !== '') {
      const { a, b, c, d, e, f } = appearanceMatrix;
      parts.overlay.style.transform = `matrix(${a}, ${b}, ${c}, ${d}, ${e}, ${f})`;
      parts.overlay.style.imageRendering = view.interpolate ? 'auto' : 'pixelated';
    }
  };

  function update() {
    frame = 0;
    const { width, height } = size();
    if (resolved === null || width === 0 || height === 0) {
      matrix = null;
      return;
    }
    const state = useViewState.getState();
    const other = blinkOther();
    const source = other?.source ?? resolved.source;
    const own = state.views[index];
    const slices = source.shape[0];
    const wanted =
      other === null
        ? Math.min(slices - 1, Math.max(0, own.slice))
        : linkedSlice(stackOf(resolved.source), own.shown, stackOf(source));
    if (own.fit && other === null) {
      const scale = fitScale(gridOf(source), own.rotation, width, height);
      if (Math.abs(scale - own.scale) > 1e-9 || own.pan.x !== 0 || own.pan.y !== 0) {
        changeView(index, { scale, pan: { x: 0, y: 0 } });
        schedule();
        return;
      }
    }
    let pixels: Values | undefined;
    try {
      pixels = source.peek(wanted);
    } catch (thrown) {
      failed = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const window = other?.view.window ?? own.window;
    if (pixels === undefined) {
      if (failed === '' || asked === '') requestPixels(source, wanted);
    } else if (window === null) firstWindow(source, wanted, pixels);
    let view = own;
    if (pixels !== undefined && window !== null) {
      const look: Appearance = {
        scale: own.scale,
        pan: own.pan,
        rotation: own.rotation,
        hflip: own.hflip,
        vflip: own.vflip,
        window,
        invert: own.invert,
        interpolate: own.interpolate,
        colours: (other === null ? own.colours : other.view.colours) ?? source.colours,
      };
      const key = `${source.key}/${wanted}`;
      if (key !== drawnKey) {
        viewport.show(source, wanted, pixels, look);
        drawnKey = key;
        if (other === null) prefetch(source, wanted);
      } else viewport.setView(look);
      values = pixels;
      failed = '';
      if (other === null && own.shown !== wanted) {
        view = { ...own, shown: wanted };
        changeView(index, { shown: wanted });
      } else if (other !== null) view = { ...own, shown: wanted, window };
    }
    matrix = viewMatrix(view, gridOf(source), width, height);
    if (view.shown >= 0) {
      drawOverlay(source, view, matrix);
      drawMarks(parts.svg, matrix, marksOf(source, view, values), width, height);
    }
    writeTexts(parts, source, view, values, {
      index,
      linked: linkedBy(index),
      overlay: resolved.overlay,
      failed,
      waiting: pixels === undefined,
      blinking: other !== null,
    });
    paintLens(parts, state, index, matrix);
    if (view.shown >= 0) {
      const name = viewportName(source, view);
      if (useWorkspace.getState().active === index) announceLater(name);
    }
  }

  const observer = new ResizeObserver(() => {
    viewport.resize();
    drawnKey = '';
    schedule();
  });
  observer.observe(parts.picture);
  const stops = [
    useViewState.subscribe(schedule),
    useMeasurements.subscribe(schedule),
    useWorkspace.subscribe(schedule),
    useSession.subscribe((now, before) => {
      if (now.settings !== before.settings) schedule();
    }),
  ];

  const controller: ViewportController = {
    source: () => resolved?.source ?? null,
    values: () => values,
    matrix: () => matrix,
    size,
    focus: () => parts.root.focus({ preventScroll: true }),
    refresh: schedule,
    toPixel: (clientX, clientY) => {
      if (matrix === null) return null;
      const box = parts.picture.getBoundingClientRect();
      const at = applyMatrix(invertMatrix(matrix), { x: clientX - box.left, y: clientY - box.top });
      return { x: at.x - 0.5, y: at.y - 0.5 };
    },
    setSource: (next) => {
      const old = resolved?.source;
      resolved = next;
      failed = '';
      overlayKey = '-';
      if (next === null) {
        values = null;
        drawnKey = '';
        clearTexts(parts);
        return;
      }
      if (old?.key !== next.source.key) {
        const view = useViewState.getState().views[index];
        const same = old?.shape.every((size, axis) => size === next.source.shape[axis]) ?? false;
        const sameWindow =
          same &&
          old !== undefined &&
          // A running estimate grows out of noise: each has its own window.
          next.source.description !== null &&
          old.kind === next.source.kind &&
          old.unit === next.source.unit &&
          old.key.split('/')[0] === next.source.key.split('/')[0] &&
          next.source.kind === 'image';
        const peer = neighbours(index).find((one) => one.source.shape[0] === next.source.shape[0]);
        const start =
          peer === undefined
            ? Math.floor((next.source.shape[0] - 1) / 2)
            : useViewState.getState().views[peer.index].slice;
        values = null;
        changeView(index, {
          slice: same ? view.slice : start,
          shown: -1,
          window: sameWindow ? view.window : null,
          ...(same
            ? {}
            : {
                fit: true,
                pan: { x: 0, y: 0 },
                rotation: 0,
                hflip: false,
                vflip: false,
                invert: false,
                colours: null,
              }),
        });
      }
      schedule();
    },
    dispose: () => {
      disposed = true;
      cancelAnimationFrame(frame);
      observer.disconnect();
      forgetPrefetch(parts);
      for (const stop of stops) stop();
      remove();
      viewport.dispose();
    },
  };
  const remove = addController(index, controller);
  return controller;
}
