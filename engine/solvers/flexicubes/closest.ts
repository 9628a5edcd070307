/** A surface that can be asked for its nearest point. */
export interface ClosestSurface {
  /** out ← nearest point (0–2) and unit outward normal there (3–5) of the point (x, y, z). */
  closest(out: Float64Array, x: number, y: number, z: number): void;
}

/** One that also tells its two sides apart. */
export interface SidedSurface extends ClosestSurface {
  inside(x: number, y: number, z: number): boolean;
}
