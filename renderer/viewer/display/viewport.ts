/** What the viewer needs of whatever draws pixels, so that the drawing library can be replaced. */
import type { ColourMapName } from '../maths/colour-maps.ts';
import type { Placement } from '../maths/view-matrix.ts';
import type { Window } from '../maths/window-level.ts';
import type { Source, Values } from '../source/source.ts';

export interface Appearance extends Placement {
  window: Window;
  invert: boolean;
  interpolate: boolean;
  colours: ColourMapName;
}

export interface Viewport {
  /** Draws a slice whose values are at hand. */
  show(source: Source, slice: number, values: Values, appearance: Appearance): void;
  /** Draws the same slice another way. */
  setView(appearance: Appearance): void;
  /** Not-finite values of the slice shown; null when there are none. */
  mask(): Uint8Array | null;
  /** After the size of the element has changed. */
  resize(): void;
  on(event: 'rendered', listener: () => void): () => void;
  dispose(): void;
}
