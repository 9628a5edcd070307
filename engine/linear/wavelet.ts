/**
 * Orthonormal two-dimensional discrete wavelet transform W of complex images [y, x], any size: WᴴW = WWᴴ = I.
 *
 * One level along an axis of even length N, periodic: low[i] = Σ_k h[k] x[(2i+k) mod N], high[i] = Σ_k g[k] x[(2i+k) mod N],
 * g[k] = (−1)^k h[3−k], with the four-tap Daubechies filter h (two vanishing moments; Daubechies, Comm. Pure Appl.
 * Math. 41 (1988) 909–996, N = 2). When N is odd the last sample is handed on unchanged as the last low coefficient,
 * which keeps the transform orthonormal (random shifts move that sample about). Both axes are transformed, then the
 * same is done to the low–low part (Mallat, IEEE Trans. PAMI 11 (1989) 674–693). Coefficients stand in the usual
 * nested layout: the top left ceil(rows/2^L) × ceil(columns/2^L) block is the approximation.
 */
import { check } from '../errors.ts';
import type { LinearOperator } from './operator.ts';
import { complexSpace, type TypedSpace } from './typed-space.ts';

const root3 = Math.sqrt(3);
const norm = 4 * Math.SQRT2;
const h0 = (1 + root3) / norm;
const h1 = (3 + root3) / norm;
const h2 = (3 - root3) / norm;
const h3 = (1 - root3) / norm;

export interface Wavelet extends LinearOperator<Float32Array, Float32Array> {
  readonly domain: TypedSpace;
  readonly range: TypedSpace;
  readonly rows: number;
  readonly columns: number;
  readonly levels: number;
  /** [rows, columns] of the approximation block. */
  readonly approximation: readonly [number, number];
}

export interface WaveletOptions {
  rows: number;
  columns: number;
  /** Default: as many as leave an approximation of at least `smallest` along the shorter axis. */
  levels?: number;
  /** Default 16. */
  smallest?: number;
}

/** Levels that halve the shorter axis down to no less than `smallest`; at least 1 where there is anything to halve. */
export function waveletLevels(rows: number, columns: number, smallest = 16): number {
  let levels = 0;
  for (let n = Math.min(rows, columns); Math.ceil(n / 2) >= smallest; n = Math.ceil(n / 2)) levels++;
  return levels > 0 || Math.min(rows, columns) < 2 ? levels : 1;
}

/** Levels after which the shorter axis has one sample left; 1 for a single row or column. */
export function mostWaveletLevels(rows: number, columns: number): number {
  return Math.floor(Math.log2(Math.max(2, Math.min(rows, columns))));
}

/** The transform as a unitary operator on complexSpace([rows, columns]). Throws `bad-usage` for sizes it cannot halve. */
export function wavelet(options: WaveletOptions): Wavelet {
  const { rows, columns } = options;
  for (const [name, size] of [
    ['rows', rows],
    ['columns', columns],
  ] as const)
    check(Number.isSafeInteger(size) && size > 0, () => `${name} is ${size}, expected a positive integer`, {
      code: 'bad-usage',
      path: name,
    });
  const most = mostWaveletLevels(rows, columns);
  const levels = options.levels ?? waveletLevels(rows, columns, options.smallest);
  check(
    Number.isSafeInteger(levels) && levels >= 0 && levels <= most,
    () => `levels is ${levels}, expected 0 to ${most}`,
    {
      code: 'bad-usage',
      path: 'levels',
    },
  );
  const space = complexSpace([rows, columns]);
  const scratch = new Float32Array(2 * rows * columns);
  const sizes: [number, number][] = [[rows, columns]];
  for (let level = 0; level < levels; level++) {
    const [r, c] = sizes[level];
    sizes.push([Math.ceil(r / 2), Math.ceil(c / 2)]);
  }

  return {
    name: `wavelet transform ${rows}×${columns}, ${levels} levels`,
    domain: space,
    range: space,
    rows,
    columns,
    levels,
    approximation: sizes[levels],

    apply(x, out = space.zeros()) {
      if (out !== x) out.set(x);
      for (let level = 0; level < levels; level++) {
        const [r, c] = sizes[level];
        for (let y = 0; y < r; y++) analyseRow(out, scratch, 2 * y * columns, c);
        analyseColumns(scratch, out, r, c, columns);
      }
      return out;
    },

    adjoint(coefficients, out = space.zeros()) {
      if (out !== coefficients) out.set(coefficients);
      for (let level = levels - 1; level >= 0; level--) {
        const [r, c] = sizes[level];
        synthesiseColumns(out, scratch, r, c, columns);
        for (let y = 0; y < r; y++) synthesiseRow(scratch, out, 2 * y * columns, c);
      }
      return out;
    },

    normal(x, out = space.zeros()) {
      if (out !== x) out.set(x);
      return out;
    },
  };
}

/** One level along the row that starts at `offset`, n complex samples. */
function analyseRow(from: Float32Array, to: Float32Array, offset: number, n: number): void {
  const half = n >> 1;
  const even = 2 * half;
  const high = offset + 2 * (n - half);
  for (let i = 0; i < half; i++) {
    const a = offset + 4 * i;
    const b = a + 2;
    const wrapped = 2 * i + 2 < even ? a + 4 : offset;
    const c = wrapped;
    const d = wrapped + 2;
    for (let part = 0; part < 2; part++) {
      const xa = from[a + part];
      const xb = from[b + part];
      const xc = from[c + part];
      const xd = from[d + part];
      to[offset + 2 * i + part] = h0 * xa + h1 * xb + h2 * xc + h3 * xd;
      to[high + 2 * i + part] = h3 * xa - h2 * xb + h1 * xc - h0 * xd;
    }
  }
  if (even < n) {
    to[offset + 2 * half] = from[offset + 2 * even];
    to[offset + 2 * half + 1] = from[offset + 2 * even + 1];
  }
}

/** Transpose of analyseRow: sample 2i and 2i+1 gather from coefficients i and i−1. */
function synthesiseRow(from: Float32Array, to: Float32Array, offset: number, n: number): void {
  const half = n >> 1;
  const even = 2 * half;
  const high = offset + 2 * (n - half);
  for (let i = 0; i < half; i++) {
    const previous = i > 0 ? i - 1 : half - 1;
    for (let part = 0; part < 2; part++) {
      const low = from[offset + 2 * i + part];
      const detail = from[high + 2 * i + part];
      const lowBefore = from[offset + 2 * previous + part];
      const detailBefore = from[high + 2 * previous + part];
      to[offset + 4 * i + part] = h0 * low + h3 * detail + h2 * lowBefore + h1 * detailBefore;
      to[offset + 4 * i + 2 + part] = h1 * low - h2 * detail + h3 * lowBefore - h0 * detailBefore;
    }
  }
  if (even < n) {
    to[offset + 2 * even] = from[offset + 2 * half];
    to[offset + 2 * even + 1] = from[offset + 2 * half + 1];
  }
}

/** One level along the columns of the block [rows, columns] of an image with `stride` complex samples per row. */
function analyseColumns(from: Float32Array, to: Float32Array, rows: number, columns: number, stride: number): void {
  const half = rows >> 1;
  const even = 2 * half;
  const width = 2 * columns;
  const row = 2 * stride;
  for (let i = 0; i < half; i++) {
    const a = 2 * i * row;
    const b = a + row;
    const c = 2 * i + 2 < even ? a + 2 * row : 0;
    const d = c + row;
    const low = i * row;
    const high = (rows - half + i) * row;
    for (let x = 0; x < width; x++) {
      const xa = from[a + x];
      const xb = from[b + x];
      const xc = from[c + x];
      const xd = from[d + x];
      to[low + x] = h0 * xa + h1 * xb + h2 * xc + h3 * xd;
      to[high + x] = h3 * xa - h2 * xb + h1 * xc - h0 * xd;
    }
  }
  if (even < rows) to.set(from.subarray(even * row, even * row + width), half * row);
}

/** Transpose of analyseColumns. */
function synthesiseColumns(from: Float32Array, to: Float32Array, rows: number, columns: number, stride: number): void {
  const half = rows >> 1;
  const even = 2 * half;
  const width = 2 * columns;
  const row = 2 * stride;
  const highStart = (rows - half) * row;
  for (let i = 0; i < half; i++) {
    const low = i * row;
    const high = highStart + low;
    const lowBefore = (i > 0 ? i - 1 : half - 1) * row;
    const highBefore = highStart + lowBefore;
    const first = 2 * i * row;
    const second = first + row;
    for (let x = 0; x < width; x++) {
      const l = from[low + x];
      const d = from[high + x];
      const lb = from[lowBefore + x];
      const db = from[highBefore + x];
      to[first + x] = h0 * l + h3 * d + h2 * lb + h1 * db;
      to[second + x] = h1 * l - h2 * d + h3 * lb - h0 * db;
    }
  }
  if (even < rows) to.set(from.subarray(half * row, half * row + width), even * row);
}
