/**
 * SENSE: A x = { m · F_native(pad(S_c x)) }_c,  Aᴴ y = Σ_c conj(S_c) · crop(F_nativeᴴ(m y_c)).
 *
 * x: complex image [y, x]; y: k-space [coil, ky, kx]; S: coil maps [coil, y, x]; F: centred orthonormal FFT; pad: zeros
 * around the image up to the k-space grid (fastMRI stores a larger grid than the image; equal sizes: no padding).
 * m: the 0/1 mask, or with averages n(k) the weights √n(k), since the mean of n readings has noise σ/√n; then y must
 * carry the same weights (`weighted`). With Σ_c|S_c|² ≤ 1 and m ≤ 1: ‖A‖ ≤ 1.
 * K. P. Pruessmann et al., "SENSE: sensitivity encoding for fast MRI" (1999); "Advances in sensitivity encoding with
 * arbitrary k-space trajectories" (2001).
 *
 * Where the mask is constant along one axis, that axis' transform cancels in AᴴA = Sᴴ F_Wᴴ m² F_W S and only the
 * undersampled axis is transformed. AᴴA runs in a generated SIMD kernel (kernel/sense-kernel.ts), optionally on several
 * threads with the same bits; `plain` keeps it to adjoint(apply(x)).
 */
import { centreResize } from '../../arrays/complex.ts';
import { fft2 } from '../../arrays/fft.ts';
import type { NdArray } from '../../arrays/ndarray.ts';
import { check } from '../../errors.ts';
import type { LinearOperator } from '../../linear/operator.ts';
import { complexSpace, type TypedSpace } from '../../linear/typed-space.ts';
import { createSenseKernel } from './kernel/sense-kernel.ts';

export interface SenseOptions {
  /** complex64 [coils, y, x]. */
  maps: NdArray<'complex64'>;
  /** uint8 [ky, kx]; at least as large as the image. */
  mask: NdArray<'uint8'>;
  /** How often each location was averaged, float32 [ky, kx]; absent = once. */
  averages?: NdArray<'float32'>;
  /** Threads for AᴴA, the caller's included. Default 1. */
  threads?: number;
  /** Only the plain path, for comparison. */
  plain?: boolean;
}

export interface SenseOperator extends LinearOperator<Float32Array, Float32Array> {
  readonly domain: TypedSpace;
  readonly range: TypedSpace;
  normal(x: Float32Array, out?: Float32Array): Float32Array;
  /** Measured samples [coil, ky, kx] → m·y, the right-hand side that belongs to A (weights of averages included). */
  weighted(kspace: Float32Array, out?: Float32Array): Float32Array;
  /** Which path `normal` takes. */
  readonly path: 'columns' | 'rows' | 'grid' | 'plain';
  /** Ends the threads and frees the kernel's memory; `normal` then takes the plain path. */
  dispose(): void;
}

interface Sizes {
  coils: number;
  image: readonly [number, number];
  grid: readonly [number, number];
}

function sizesOf({ maps, mask, averages, threads = 1 }: SenseOptions): Sizes {
  check(Number.isInteger(threads) && threads >= 1 && threads <= 64, () => `${threads} threads, expected 1…64`, {
    code: 'bad-usage',
    path: 'threads',
  });
  check(maps.shape.length === 3, () => `coil maps must be [coils, y, x], found [${maps.shape}]`, {
    code: 'mismatch',
    path: 'maps',
  });
  check(mask.shape.length === 2, () => `mask must be [ky, kx], found [${mask.shape}]`, {
    code: 'mismatch',
    path: 'mask',
  });
  const [coils, h, w] = maps.shape;
  const [gridH, gridW] = mask.shape;
  check(coils > 0 && h > 0 && w > 0, () => `coil maps [${maps.shape}] are empty`, { code: 'mismatch', path: 'maps' });
  check(h <= gridH && w <= gridW, () => `coil maps [${maps.shape}] do not fit the k-space grid [${mask.shape}]`, {
    code: 'mismatch',
    path: 'maps',
    hint: 'Maps and mask must have the same size, or the image must be smaller than the k-space grid.',
  });
  if (averages) {
    check(
      averages.shape.length === 2 && averages.shape[0] === gridH && averages.shape[1] === gridW,
      () => `averages [${averages.shape}] and mask [${mask.shape}] differ in size`,
      { code: 'mismatch', path: 'averages' },
    );
    for (const count of averages.data) {
      check(count >= 0 && count < Infinity, () => `a location was averaged ${count} times`, { path: 'averages' });
    }
  }
  return { coils, image: [h, w], grid: [gridH, gridW] };
}

/** m per location: 0, 1, or √averages. */
function weightsOf({ mask, averages }: SenseOptions): Float32Array {
  return Float32Array.from(mask.data, (m, i) => (m === 0 ? 0 : averages ? Math.sqrt(averages.data[i]) : 1));
}

export function createSense(options: SenseOptions): SenseOperator {
  const { coils, image, grid } = sizesOf(options);
  const maps = options.maps.data;
  const weights = weightsOf(options);
  const domain = complexSpace(image);
  const range = complexSpace([coils, ...grid]);
  const imageLength = domain.length;
  const gridLength = 2 * grid[0] * grid[1];
  const padded = image[0] !== grid[0] || image[1] !== grid[1];
  const coilImage = new Float32Array(imageLength);
  const coilGrid = new Float32Array(gridLength);
  let coilData: Float32Array | undefined;

  function weigh(kspace: Float32Array, out: Float32Array): Float32Array {
    for (let c = 0; c < coils; c++) {
      for (let i = 0, at = c * gridLength; i < weights.length; i++, at += 2) {
        // A zero weight must also silence a NaN or a stray value outside the mask.
        const m = weights[i];
        out[at] = m === 0 ? 0 : m * kspace[at];
        out[at + 1] = m === 0 ? 0 : m * kspace[at + 1];
      }
    }
    return out;
  }

  function apply(x: Float32Array, out = range.zeros()): Float32Array {
    checkLength(x, imageLength, 'image');
    checkLength(out, range.length, 'output k-space');
    for (let c = 0; c < coils; c++) {
      const slot = out.subarray(c * gridLength, (c + 1) * gridLength);
      const target = padded ? coilImage : slot;
      multiply(maps, c * imageLength, x, target);
      if (padded) slot.set(centreResize(coilImage, image, grid));
    }
    fft2(out, [coils, ...grid], 'forward', out);
    return weigh(out, out);
  }

  function adjoint(y: Float32Array, out = domain.zeros()): Float32Array {
    checkLength(y, range.length, 'k-space');
    checkLength(out, imageLength, 'output image');
    out.fill(0);
    for (let c = 0; c < coils; c++) {
      const from = c * gridLength;
      for (let i = 0, at = 0; i < weights.length; i++, at += 2) {
        const m = weights[i];
        coilGrid[at] = m === 0 ? 0 : m * y[from + at];
        coilGrid[at + 1] = m === 0 ? 0 : m * y[from + at + 1];
      }
      fft2(coilGrid, [1, ...grid], 'inverse', coilGrid);
      addConjugateProduct(maps, c * imageLength, padded ? centreResize(coilGrid, grid, image) : coilGrid, out);
    }
    return out;
  }

  let kernel = options.plain
    ? undefined
    : createSenseKernel({ coils, image, grid, maps, weights, threads: options.threads ?? 1 });
  const path = kernel?.path ?? 'plain';

  return {
    name: `SENSE ${coils} coils [${image}]${padded ? ` on [${grid}]` : ''}`,
    domain,
    range,
    path,
    apply,
    adjoint,
    normal: (x, out = domain.zeros()) => {
      if (kernel === undefined) {
        coilData ??= range.zeros();
        return adjoint(apply(x, coilData), out);
      }
      checkLength(x, imageLength, 'image');
      checkLength(out, imageLength, 'output image');
      kernel.normal(x, out);
      return out;
    },
    weighted: (kspace, out = range.zeros()) => weigh(kspace, out),
    dispose: () => {
      kernel?.dispose();
      kernel = undefined;
    },
  };
}

function checkLength(array: Float32Array, expected: number, what: string): void {
  check(array.length === expected, () => `${what} has ${array.length} numbers, expected ${expected}`, {
    code: 'mismatch',
  });
}

/** out ← S x for one coil whose map starts at `from`. */
function multiply(maps: Float32Array, from: number, x: Float32Array, out: Float32Array): void {
  for (let i = 0; i < x.length; i += 2) {
    const sr = maps[from + i];
    const si = maps[from + i + 1];
    out[i] = sr * x[i] - si * x[i + 1];
    out[i + 1] = sr * x[i + 1] + si * x[i];
  }
}

/** out ← out + conj(S) v. */
function addConjugateProduct(maps: Float32Array, from: number, v: Float32Array, out: Float32Array): void {
  for (let i = 0; i < v.length; i += 2) {
    const sr = maps[from + i];
    const si = maps[from + i + 1];
    out[i] += sr * v[i] + si * v[i + 1];
    out[i + 1] += sr * v[i + 1] - si * v[i];
  }
}
