/** How each viewport looks at its stack, which tool is in hand, and what is linked. Others read it; commands change it. */
import { create } from 'zustand';
import { useSession } from '../app/session.ts';
import type { ShownComponent } from '../app/workspace.ts';
import type { ColourMapName } from './maths/colour-maps.ts';
import type { Point, QuarterTurn } from './maths/view-matrix.ts';
import type { Window } from './maths/window-level.ts';

export const measureTools = ['length', 'angle', 'cobb', 'ellipse', 'rectangle', 'circle', 'freehand', 'probe'] as const;
export type MeasureTool = (typeof measureTools)[number];
export type Tool = 'window' | 'region' | 'pan' | 'zoom' | 'scroll' | MeasureTool;

export const isMeasureTool = (tool: Tool): tool is MeasureTool => (measureTools as readonly string[]).includes(tool);

export interface View {
  /** What is asked for; `shown` follows when its pixels are there. */
  slice: number;
  /** The slice on the screen; −1: none yet. */
  shown: number;
  /** Null until the first slice is there. */
  window: Window | null;
  fit: boolean;
  /** Screen pixels per pixel of the finer axis; what `fit` gave while `fit` is set. */
  scale: number;
  pan: Point;
  rotation: QuarterTurn;
  hflip: boolean;
  vflip: boolean;
  invert: boolean;
  interpolate: boolean;
  /** Null: as the component's role wants. */
  colours: ColourMapName | null;
}

export interface Links {
  scroll: boolean;
  window: boolean;
  zoom: boolean;
}

/** Points of a measurement being drawn; `next` follows the pointer or the keyboard cursor. */
export interface Draft {
  viewport: number;
  kind: MeasureTool;
  points: readonly Point[];
  next: Point | null;
}

export interface ViewState {
  views: readonly [View, View, View, View];
  tool: Tool;
  links: Links;
  referenceLines: boolean;
  /** While held: the other of the pair is drawn in the active viewport's place. */
  blink: boolean;
  magnify: boolean;
  list: boolean;
  cine: { playing: boolean; fps: number; measured: number };
  draft: Draft | null;
  /** Keyboard cursor of the active viewport, pixel coordinates. */
  cursor: Point | null;
  /** Point of the selected measurement the arrow keys move. */
  grabbed: number | null;
  /** Under the pointer. */
  hover: { viewport: number; at: Point } | null;
  /** Shown in planes, or as a surface, in place of the grid. */
  mpr: ShownComponent | null;
  surface: ShownComponent | null;
  /** Crosshair in patient mm, when a place is known. */
  place: readonly [number, number, number] | null;
}

export const freshView = (): View => ({
  slice: 0,
  shown: -1,
  window: null,
  fit: true,
  scale: 1,
  pan: { x: 0, y: 0 },
  rotation: 0,
  hflip: false,
  vflip: false,
  invert: false,
  interpolate: useSession.getState().settings.interpolation,
  colours: null,
});

export const useViewState = create<ViewState>(() => ({
  views: [freshView(), freshView(), freshView(), freshView()],
  tool: 'window',
  links: { scroll: true, window: true, zoom: true },
  referenceLines: true,
  blink: false,
  magnify: false,
  list: false,
  cine: { playing: false, fps: 12, measured: 0 },
  draft: null,
  cursor: null,
  grabbed: null,
  hover: null,
  mpr: null,
  surface: null,
  place: null,
}));

export function changeView(index: number, change: Partial<View>): void {
  useViewState.setState((state) => ({
    views: state.views.map((view, i) => (i === index ? { ...view, ...change } : view)) as unknown as ViewState['views'],
  }));
}

/** Several viewports at once, so that followers see one change. */
export function changeViews(changes: ReadonlyMap<number, Partial<View>>): void {
  useViewState.setState((state) => ({
    views: state.views.map((view, i) => ({ ...view, ...changes.get(i) })) as unknown as ViewState['views'],
  }));
}
