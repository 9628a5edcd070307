/**
 * Parallel-beam X-ray transform with its exact adjoint. x: [slices, y, x] of n×n real images; A x: sinogram
 * [slices, views, detectors];
 *
 *   A = √(π/(2V)) · R,   (R x)[v, j] = Σ_t x(X(v,j,t), Y(v,j,t))       (geometry.ts, view-rays.ts; unit steps, bilinear)
 *
 * so a sinogram of line integrals must be multiplied by `scaling` = √(π/(2V)) before it is compared with A x. With that
 * factor AᴴA = (π/2V) RᵀR has largest eigenvalue ≈ 1.52 n whatever the number of views V, and penalties keep their
 * meaning when V changes. R is the ray-driven transform that rotates the image and adds its rows; the adjoint scatters
 * with the same weights (Joseph, IEEE Trans. Med. Imaging 1 (1982) 192–196, describes the interpolating projector).
 * Each view's rays are traced once and serve all slices, four at a time in WebAssembly (simd-ray-block.ts).
 */
import { check } from '../../errors.ts';
import { realSpace } from '../../linear/typed-space.ts';
import { type ParallelBeamGeometry, type ParallelBeamOptions, parallelBeamGeometry } from './geometry.ts';
import type { CtProjector } from './projector.ts';
import { plainRayBlock } from './ray-block.ts';
import { simdRayBlock } from './simd-ray-block.ts';

export interface ParallelBeam extends CtProjector {
  readonly geometry: ParallelBeamGeometry;
}

export interface ParallelBeamSettings extends ParallelBeamOptions {
  /** Default 1. */
  slices?: number;
  /** Rays are kept in memory between calls up to this many bytes, else traced again. Default 128 MiB. */
  rayCacheBytes?: number;
}

const largestArray = 2 ** 31 - 1;

/** Throws `bad-input` for a geometry that makes no sense, `resource` when image or sinogram cannot be held in one array. */
export function parallelBeam(settings: ParallelBeamSettings): ParallelBeam {
  const geometry = parallelBeamGeometry(settings);
  const slices = settings.slices ?? 1;
  check(Number.isSafeInteger(slices) && slices > 0, () => `number of slices is ${slices}, expected a positive integer`);
  const n = geometry.size;
  const views = geometry.anglesDeg.length;
  const detectors = geometry.detectors;
  const imageLength = n * n;
  const sinogramLength = views * detectors;
  check(
    slices * Math.max(imageLength, sinogramLength) <= largestArray,
    () => `${slices} slices of ${n}×${n} pixels and ${views}×${detectors} rays exceed ${largestArray} elements`,
    { code: 'resource', hint: 'Reconstruct fewer slices at a time.' },
  );
  const scaling = Math.sqrt(Math.PI / (2 * views));
  const cacheBytes = settings.rayCacheBytes ?? 2 ** 27;
  const rays = (slices > 1 ? simdRayBlock(geometry, cacheBytes) : undefined) ?? plainRayBlock(geometry, cacheBytes);
  const { width: block, image: padded, sums, line } = rays;
  const row = n + 2;
  const domain = realSpace([slices, n, n]);
  const range = realSpace([slices, views, detectors]);

  /** Copies up to `block` slices into the padded image, slice index fastest; missing slices are zero. */
  function load(x: Float32Array, slice: number): void {
    for (let b = 0; b < block; b++) {
      const from = (slice + b) * imageLength;
      for (let y = 0; y < n; y++)
        for (let i = 0; i < n; i++)
          padded[((y + 1) * row + i + 1) * block + b] = slice + b < slices ? x[from + y * n + i] : 0;
    }
  }

  function store(out: Float32Array, slice: number, factor: number): void {
    for (let b = 0; b < Math.min(block, slices - slice); b++) {
      const to = (slice + b) * imageLength;
      for (let y = 0; y < n; y++)
        for (let i = 0; i < n; i++) out[to + y * n + i] = factor * sums[((y + 1) * row + i + 1) * block + b];
    }
  }

  return {
    name: `parallel-beam projection ${n}×${n}, ${views} views`,
    domain,
    range,
    geometry,
    slices,
    scaling,

    apply(x, out = range.zeros()) {
      requireLength(x, slices * imageLength, 'image');
      for (let slice = 0; slice < slices; slice += block) {
        load(x, slice);
        for (let v = 0; v < views; v++) {
          rays.gather(v);
          for (let b = 0; b < Math.min(block, slices - slice); b++) {
            const to = (slice + b) * sinogramLength + v * detectors;
            for (let j = 0; j < detectors; j++) out[to + j] = scaling * line[j * block + b];
          }
        }
      }
      return out;
    },

    adjoint(y, out = domain.zeros()) {
      requireLength(y, slices * sinogramLength, 'sinogram');
      for (let slice = 0; slice < slices; slice += block) {
        sums.fill(0);
        for (let v = 0; v < views; v++) {
          for (let b = 0; b < block; b++) {
            const from = (slice + b) * sinogramLength + v * detectors;
            for (let j = 0; j < detectors; j++) line[j * block + b] = slice + b < slices ? y[from + j] : 0;
          }
          rays.scatter(v);
        }
        store(out, slice, scaling);
      }
      return out;
    },

    normal(x, out = domain.zeros()) {
      requireLength(x, slices * imageLength, 'image');
      for (let slice = 0; slice < slices; slice += block) {
        load(x, slice);
        sums.fill(0);
        for (let v = 0; v < views; v++) {
          rays.gather(v);
          rays.scatter(v);
        }
        store(out, slice, scaling * scaling);
      }
      return out;
    },
  };
}

function requireLength(values: Float32Array, expected: number, path: string): void {
  check(values.length === expected, () => `${path} has ${values.length} elements, the projector expects ${expected}`, {
    code: 'mismatch',
    path,
  });
}
