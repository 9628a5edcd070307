/** What a viewport draws, whatever it is made of: a stack of slices with its values, place and default looks. */
import type { Component, ItemDescription } from '../../../main/host/api/item.ts';
import type { ColourMapName } from '../maths/colour-maps.ts';
import type { SlicePlane } from '../maths/linked-views.ts';
import type { Grid } from '../maths/view-matrix.ts';
import type { Window } from '../maths/window-level.ts';

export type Values = Float32Array | Uint8Array;

export interface Source {
  /** Names the pixels; new pixels mean a new key. */
  key: string;
  title: string;
  unit: string;
  /** image: shares its window with other images; map: has its own; difference: window around zero; colour: has none. */
  kind: 'image' | 'map' | 'difference' | 'colour';
  role: Component['role'];
  shape: readonly [slices: number, rows: number, columns: number];
  range: readonly [number, number];
  integer: boolean;
  inverted: boolean;
  colours: ColourMapName;
  /** [dz, dy, dx] mm. */
  spacing: readonly [number | null, number | null, number | null];
  planes: readonly SlicePlane[];
  frameOfReference: string | null;
  description: ItemDescription | null;
  component: Component | null;
  /** "×5" and the like, always printed. */
  remarks: readonly string[];
  /** The other image of a difference. */
  reference: Source | null;
  /** Minus `reference`, for the quality beside it. */
  image: Source | null;
  /** Rejects with HostError. */
  load(slice: number): Promise<Values>;
  /** At once, or undefined. */
  peek(slice: number): Values | undefined;
  urls(slice: number): readonly string[];
  /** The first window. */
  firstWindow(slice: number, values: Values): Promise<Window>;
}

export const gridOf = ({ shape, spacing }: Pick<Source, 'shape' | 'spacing'>): Grid => ({
  rows: shape[1],
  columns: shape[2],
  rowSpacing: spacing[1],
  columnSpacing: spacing[2],
});

export const stackOf = ({ shape, planes, frameOfReference }: Source) => ({
  slices: shape[0],
  planes,
  frameOfReference,
});
