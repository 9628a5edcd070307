/** The viewports on the screen, by index: what commands act on. */
import type { Matrix, Point } from '../maths/view-matrix.ts';
import type { Source, Values } from '../source/source.ts';

export interface Controller {
  /** Null when nothing is shown. */
  source(): Source | null;
  /** Values of the slice on the screen. */
  values(): Values | null;
  /** Pixel corner coordinates → screen pixels of the element. */
  matrix(): Matrix | null;
  /** A place on the page → pixel coordinates, centres at whole numbers. */
  toPixel(clientX: number, clientY: number): Point | null;
  size(): { width: number; height: number };
  focus(): void;
  /** Draws anew in the next frame. */
  refresh(): void;
}

const controllers = new Map<number, Controller>();

export function addController(index: number, controller: Controller): () => void {
  controllers.set(index, controller);
  return () => {
    if (controllers.get(index) === controller) controllers.delete(index);
  };
}

export const controllerOf = (index: number): Controller | undefined => controllers.get(index);

export function refreshAll(): void {
  for (const controller of controllers.values()) controller.refresh();
}
