/**
 * Centred orthonormal discrete Fourier transforms of complex float32 data, interleaved (re, im):
 *   X[k] = n^{−1/2} Σ_j x[j] exp(∓2πi (j − c)(k − c)/n),   c = floor(n/2),   − forward, + inverse,
 * which is fftshift(FFT(ifftshift(x)))/√n for every n, odd ones included. Any length works, four lines at a time by
 * WebAssembly SIMD kernels (fft/butterflies.ts), by mixed radix or Bluestein's algorithm (fft/plan.ts). Centring is a
 * sign alternation (even n) or an index offset (odd n) inside the kernels that load and store, so it costs nothing.
 * Results depend on neither batch nor position in the batch. Memory: fft/machine.ts.
 */
import { check } from '../errors.ts';
import { floats, image } from './fft/machine.ts';
import { fftPlan } from './fft/plan.ts';
import { transformLines } from './fft/transform-lines.ts';

export type FftDirection = 'forward' | 'inverse';

/** Bytes moved through the module's memory at a time where the transform allows portions. */
const PORTION = 1 << 18;

/**
 * Bytes from row to row of an image in the module's memory. A multiple of 512 would put a column into a few sets of the
 * first-level cache, where it evicts itself (measured: columns of 256² take 2.4 times as long).
 */
function rowStride(w: number): number {
  return 8 * w + ((8 * w) % 1024 === 0 ? 64 : 0);
}

function checkSizes(data: Float32Array, out: Float32Array, shape: readonly number[]): void {
  let numbers = 2;
  for (const s of shape) {
    check(Number.isSafeInteger(s) && s >= 0, () => `size ${s} in [${shape}] is not a count`, { code: 'mismatch' });
    numbers *= s;
  }
  for (const [name, array] of [
    ['input', data],
    ['output', out],
  ] as const)
    check(
      array.length === numbers,
      () => `Fourier transform of complex [${shape}] needs ${numbers} numbers, its ${name} has ${array.length}`,
      { code: 'mismatch' },
    );
}

/**
 * Transforms `batch` contiguous rows of n. `out` may be `data` (in place).
 * Errors: `mismatch` when the lengths do not fit.
 */
export function fft1(
  data: Float32Array,
  n: number,
  batch: number,
  direction: FftDirection,
  out: Float32Array = new Float32Array(data.length),
): Float32Array {
  checkSizes(data, out, [batch, n]);
  if (data.length === 0) return out;
  const plan = fftPlan(n);
  const inverse = direction === 'inverse';
  const portion = Math.min(batch, 4 * Math.max(1, Math.floor(PORTION / (32 * n))));
  const base = image.atLeast(8 * n * portion);
  for (let row = 0; row < batch; row += portion) {
    const rows = Math.min(portion, batch - row);
    const from = 2 * n * row;
    const numbers = 2 * n * rows;
    floats().set(data.subarray(from, from + numbers), base / 4);
    for (let r = 0; r < rows; r += 4) transformLines(plan, base + 8 * n * r, Math.min(4, rows - r), 8 * n, 8, inverse);
    out.set(floats().subarray(base / 4, base / 4 + numbers), from);
  }
  return out;
}

/** Transforms each [h, w] image of a [batch, h, w] stack along both axes. `out` may be `data`. Errors: `mismatch`. */
export function fft2(
  data: Float32Array,
  shape: readonly [batch: number, h: number, w: number],
  direction: FftDirection,
  out: Float32Array = new Float32Array(data.length),
): Float32Array {
  checkSizes(data, out, shape);
  if (data.length === 0) return out;
  const [batch, h, w] = shape;
  const rows = fftPlan(w);
  const columns = fftPlan(h);
  const inverse = direction === 'inverse';
  const stride = rowStride(w);
  const base = image.atLeast(h * stride);
  for (let i = 0; i < batch; i++) {
    const corner = 2 * h * w * i;
    moveStrip(data, corner, 2 * w, floats(), base / 4, stride / 4, h, 2 * w);
    for (let y = 0; y < h; y += 4) transformLines(rows, base + stride * y, Math.min(4, h - y), stride, 8, inverse);
    for (let x = 0; x < w; x += 4) transformLines(columns, base + 8 * x, Math.min(4, w - x), 8, stride, inverse);
    moveStrip(floats(), base / 4, stride / 4, out, corner, 2 * w, h, 2 * w);
  }
  return out;
}

/**
 * Transforms along one axis of an array of any rank (negative axes count from the end). `out` may be `data`.
 * Errors: `mismatch`.
 */
export function fftAxis(
  data: Float32Array,
  shape: readonly number[],
  axis: number,
  direction: FftDirection,
  out: Float32Array = new Float32Array(data.length),
): Float32Array {
  const rank = shape.length;
  const a = axis < 0 ? axis + rank : axis;
  check(Number.isInteger(a) && a >= 0 && a < rank, () => `axis ${axis} is outside [${shape}]`, { code: 'mismatch' });
  checkSizes(data, out, shape);
  if (data.length === 0) return out;
  const n = shape[a];
  let outer = 1;
  let inner = 1;
  for (let i = 0; i < a; i++) outer *= shape[i];
  for (let i = a + 1; i < rank; i++) inner *= shape[i];
  if (inner === 1) return fft1(data, n, outer, direction, out);

  const plan = fftPlan(n);
  const inverse = direction === 'inverse';
  // whole [n, inner] blocks where they fit, else strips of whole cache lines
  const width = 8 * n * inner <= 8 * PORTION ? inner : Math.min(inner, 8 * Math.max(1, Math.floor(PORTION / (64 * n))));
  const base = image.atLeast(n * rowStride(width));
  for (let o = 0; o < outer; o++)
    for (let x = 0; x < inner; x += width) {
      const lines = Math.min(width, inner - x);
      const corner = 2 * (o * n * inner + x);
      const stride = rowStride(lines);
      moveStrip(data, corner, 2 * inner, floats(), base / 4, stride / 4, n, 2 * lines);
      for (let l = 0; l < lines; l += 4) transformLines(plan, base + 8 * l, Math.min(4, lines - l), 8, stride, inverse);
      moveStrip(floats(), base / 4, stride / 4, out, corner, 2 * inner, n, 2 * lines);
    }
  return out;
}

/** to[r · toStride + i] ← from[r · fromStride + i] for r < rows, i < numbers; one copy where the strip is contiguous. */
function moveStrip(
  from: Float32Array,
  fromStart: number,
  fromStride: number,
  to: Float32Array,
  toStart: number,
  toStride: number,
  rows: number,
  numbers: number,
): void {
  if (fromStride === numbers && toStride === numbers) {
    to.set(from.subarray(fromStart, fromStart + rows * numbers), toStart);
    return;
  }
  for (let r = 0; r < rows; r++) {
    const start = fromStart + r * fromStride;
    to.set(from.subarray(start, start + numbers), toStart + r * toStride);
  }
}
