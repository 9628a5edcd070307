/**
 * A few slices on their way through the projector, one view at a time, and the plain version for one slice. The image is
 * padded by one zero pixel all round (row length n + 2); the slice index is the fastest axis of image, sums and line.
 */
import type { ParallelBeamGeometry } from './geometry.ts';
import { gather, scatter } from './ray-sums.ts';
import { emptyViewRays, keepView, sampleBound, traceView, type ViewRays } from './view-rays.ts';

export interface RayBlock {
  /** Slices handled together. */
  readonly width: number;
  /** [n + 2, n + 2, width] */
  readonly image: Float32Array;
  /** [n + 2, n + 2, width], added to by `scatter`. */
  readonly sums: Float32Array | Float64Array;
  /** [detectors, width] */
  readonly line: Float32Array | Float64Array;
  /** line ← sums along the rays of the view through the image. */
  gather(view: number): void;
  /** sums ← sums + line spread along the rays of the view with the same weights. */
  scatter(view: number): void;
}

/** Bytes of one stored sample: cell index and two fractions. */
export const sampleBytes = 12;

/** Whether the rays of all views may be kept in memory. */
export function raysFit(geometry: ParallelBeamGeometry, cacheBytes: number): boolean {
  return sampleBound(geometry) * sampleBytes * geometry.anglesDeg.length <= cacheBytes;
}

/** One slice in plain JavaScript with float64 sums. Rays are kept if they fit into `cacheBytes`, else traced again. */
export function plainRayBlock(geometry: ParallelBeamGeometry, cacheBytes: number): RayBlock {
  const row = geometry.size + 2;
  const image = new Float32Array(row * row);
  const sums = new Float64Array(row * row);
  const line = new Float64Array(geometry.detectors);
  const scratch = emptyViewRays(geometry);
  const keep = raysFit(geometry, cacheBytes);
  const cache: ViewRays[] = [];
  let traced = -1;
  const rays = (view: number): ViewRays => {
    if (keep && cache[view] !== undefined) return cache[view];
    if (traced === view) return scratch;
    const count = traceView(geometry, geometry.anglesDeg[view], scratch);
    traced = view;
    return keep ? (cache[view] = keepView(scratch, count)) : scratch;
  };
  return {
    width: 1,
    image,
    sums,
    line,
    gather: (view) => gather(rays(view), image, row, line),
    scatter: (view) => scatter(rays(view), line, sums, row),
  };
}
