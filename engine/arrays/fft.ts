/**
 * Centred orthonormal discrete Fourier transforms of complex float32 data, interleaved (re, im):
 *   X[k] = n^{−1/2} Σ_j x[j] exp(∓2πi (j − c)(k − c)/n),   c = floor(n/2),   − forward, + inverse,
 * which is fftshift(FFT(ifftshift(x)))/√n for every n, odd ones included. Any length works: PFFFT where its lengths
 * allow, mixed radix or Bluestein elsewhere (fft/plan.ts). On even n the centring is a sign alternation folded into the
 * copies in and out, on odd n an index offset, so it costs nothing.
 *
 * Memory: plans (about 8–16 bytes per point and length, Bluestein 24) and the scratch of the largest transform seen
 * (fft2: 8hw bytes plus eight columns) stay in the WebAssembly heap for the life of the process.
 */
import { check } from '../errors.ts';
import { doubles, floats, scratch } from './fft/heap.ts';
import { fftPlan } from './fft/plan.ts';

export type FftDirection = 'forward' | 'inverse';

/** Columns transposed together: 8 complex float32 fill one cache line. */
const TILE = 8;
/** Rows of fft1 are moved through the heap in portions of about this many bytes. */
const PORTION = 1 << 16;

/** Orthonormal scale, with the sign (−1)^{n/2} that centring leaves on even n. */
function scaleOf(n: number): number {
  return (n % 4 === 2 ? -1 : 1) / Math.sqrt(n);
}

const isEven = (n: number): boolean => n % 2 === 0;

/** Heap row ← scale · (centred row of n), n floats pairs from `from`. */
function loadRow(data: Float32Array, from: number, heap: Float32Array, to: number, n: number, scale: number): void {
  if (isEven(n)) {
    for (let j = 0; j < 2 * n; j += 4) {
      heap[to + j] = data[from + j] * scale;
      heap[to + j + 1] = data[from + j + 1] * scale;
      heap[to + j + 2] = data[from + j + 2] * -scale;
      heap[to + j + 3] = data[from + j + 3] * -scale;
    }
  } else {
    const head = 2 * Math.floor(n / 2);
    const tail = 2 * n - head;
    for (let j = 0; j < tail; j++) heap[to + j] = data[from + head + j] * scale;
    for (let j = 0; j < head; j++) heap[to + tail + j] = data[from + j] * scale;
  }
}

/** Centred row ← heap row; the inverse rearrangement of loadRow, without scale. */
function storeRow(heap: Float32Array, from: number, out: Float32Array, to: number, n: number): void {
  if (isEven(n)) {
    for (let j = 0; j < 2 * n; j += 4) {
      out[to + j] = heap[from + j];
      out[to + j + 1] = heap[from + j + 1];
      out[to + j + 2] = -heap[from + j + 2];
      out[to + j + 3] = -heap[from + j + 3];
    }
  } else {
    const head = 2 * Math.floor(n / 2);
    const tail = 2 * n - head;
    for (let j = 0; j < tail; j++) out[to + head + j] = heap[from + j];
    for (let j = 0; j < head; j++) out[to + j] = heap[from + tail + j];
  }
}

/** Bytes from one row to the next: a multiple of 16, and not of the page, which would crowd one cache set. */
function rowStride(n: number): number {
  const bytes = 16 * Math.ceil(n / 2);
  return bytes % 1024 === 0 ? bytes + 64 : bytes;
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
  const scale = scaleOf(n);
  const stride = rowStride(n);
  const portion = Math.max(1, Math.min(batch, Math.floor(PORTION / stride)));
  const base = scratch('data', portion * stride);
  for (let row = 0; row < batch; row += portion) {
    const rows = Math.min(portion, batch - row);
    let heap = floats();
    for (let r = 0; r < rows; r++) loadRow(data, 2 * n * (row + r), heap, (base + r * stride) / 4, n, scale);
    plan.transform(base, rows, stride, direction === 'inverse');
    heap = floats();
    for (let r = 0; r < rows; r++) storeRow(heap, (base + r * stride) / 4, out, 2 * n * (row + r), n);
  }
  return out;
}

/**
 * Transforms each [h, w] image of a [batch, h, w] stack along both axes. `out` may be `data`.
 * Rows are transformed in the heap, then columns eight at a time through a transposed tile.
 */
export function fft2(
  data: Float32Array,
  shape: readonly [batch: number, h: number, w: number],
  direction: FftDirection,
  out: Float32Array = new Float32Array(data.length),
): Float32Array {
  checkSizes(data, out, shape);
  if (data.length === 0) return out;
  const [batch, h, w] = shape;
  const rowPlan = fftPlan(w);
  const columnPlan = fftPlan(h);
  const inverse = direction === 'inverse';
  const scale = scaleOf(h) * scaleOf(w);
  const stride = rowStride(w);
  const tileStride = rowStride(h);
  const slab = scratch('data', h * stride);
  const tile = scratch('tile', TILE * tileStride);
  const firstRow = isEven(h) ? 0 : Math.floor(h / 2);
  const flip = isEven(h) ? -1 : 1;
  for (let image = 0; image < batch; image++) {
    const offset = 2 * h * w * image;
    const heap = floats();
    let s = scale;
    for (let i = 0; i < h; i++, s *= flip)
      loadRow(data, offset + 2 * w * ((i + firstRow) % h), heap, (slab + i * stride) / 4, w, s);
    rowPlan.transform(slab, h, stride, inverse);
    for (let x = 0; x < w; x += TILE) {
      const columns = Math.min(TILE, w - x);
      gather(doubles(), slab / 8 + x, stride / 8, h, columns, tile / 8, tileStride / 8);
      columnPlan.transform(tile, columns, tileStride, inverse);
      scatter(floats(), tile / 4, tileStride / 4, columns, x, out, offset, h, w);
    }
  }
  return out;
}

/** tile[t, i] ← slab[i, x + t], one complex number per float64 move. */
function gather(
  heap: Float64Array,
  from: number,
  stride: number,
  h: number,
  columns: number,
  to: number,
  tileStride: number,
): void {
  for (let i = 0; i < h; i++) {
    const row = from + i * stride;
    for (let t = 0; t < columns; t++) heap[to + t * tileStride + i] = heap[row + t];
  }
}

/** out[centred k, centred x + t] ← tile[t, k] with the signs of both even axes. */
function scatter(
  heap: Float32Array,
  tile: number,
  tileStride: number,
  columns: number,
  x: number,
  out: Float32Array,
  offset: number,
  h: number,
  w: number,
): void {
  const firstRow = isEven(h) ? 0 : Math.floor(h / 2);
  const firstColumn = isEven(w) ? 0 : Math.floor(w / 2);
  const flipRow = isEven(h) ? -1 : 1;
  const flipColumn = isEven(w) ? -1 : 1;
  let rowSign = isEven(w) && x % 2 === 1 ? -1 : 1;
  for (let k = 0; k < h; k++, rowSign *= flipRow) {
    const row = offset + 2 * w * ((k + firstRow) % h);
    let sign = rowSign;
    for (let t = 0; t < columns; t++, sign *= flipColumn) {
      const at = row + 2 * ((x + t + firstColumn) % w);
      const from = tile + t * tileStride + 2 * k;
      out[at] = heap[from] * sign;
      out[at + 1] = heap[from + 1] * sign;
    }
  }
}

/**
 * Transforms along one axis of an array of any rank (negative axes count from the end). `out` may be `data`.
 * Axes other than the last go through transposed tiles of eight neighbouring lines.
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
  const scale = scaleOf(n);
  const stride = rowStride(n);
  const tile = scratch('tile', TILE * stride);
  const first = isEven(n) ? 0 : Math.floor(n / 2);
  const flip = isEven(n) ? -1 : 1;
  for (let o = 0; o < outer; o++)
    for (let x = 0; x < inner; x += TILE) {
      const lines = Math.min(TILE, inner - x);
      const base = 2 * (o * n * inner + x);
      let heap = floats();
      let s = scale;
      for (let j = 0; j < n; j++, s *= flip) {
        const from = base + 2 * inner * ((j + first) % n);
        for (let t = 0; t < lines; t++) {
          const to = (tile + t * stride) / 4 + 2 * j;
          heap[to] = data[from + 2 * t] * s;
          heap[to + 1] = data[from + 2 * t + 1] * s;
        }
      }
      plan.transform(tile, lines, stride, inverse);
      heap = floats();
      s = 1;
      for (let k = 0; k < n; k++, s *= flip) {
        const to = base + 2 * inner * ((k + first) % n);
        for (let t = 0; t < lines; t++) {
          const from = (tile + t * stride) / 4 + 2 * k;
          out[to + 2 * t] = heap[from] * s;
          out[to + 2 * t + 1] = heap[from + 1] * s;
        }
      }
    }
  return out;
}
