/**
 * Products of dense real matrices in float64, row-major, by blocks that stay in the cache: 4 × 4 entries of the result at a
 * time from panels packed four rows abreast (K. Goto, R. van de Geijn, ACM Trans. Math. Softw. 34, 2008).
 */
import { checkpoint, type RunContext } from '../context.ts';
import { check } from '../errors.ts';

type Interruptible = Pick<RunContext, 'signal'>;

const depthBlock = 256;
const rowBlock = 96;
/** Multiplications between two polls of the context. */
const perCheckpoint = 5e7;

/** C = A B for A [m, k] and B [k, n]. Throws `mismatch` for sizes that do not fit. */
export async function denseProduct(
  a: Float64Array,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
  context?: Interruptible,
): Promise<Float64Array> {
  return productTransposed(a, transposed(b, k, n), m, k, n, context);
}

/** C = A Bᵀ for A [m, k] and B [n, k]: entry i, j is the product of row i of A and row j of B. */
export async function productTransposed(
  a: Float64Array,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
  context?: Interruptible,
): Promise<Float64Array> {
  return blocked(a, b, m, k, n, false, context);
}

/**
 * C = A Bᵀ for A and B [n, k] where C is known to be symmetric, as for A = B or for two powers of one symmetric matrix: half
 * the work, and exactly symmetric.
 */
export async function symmetricProduct(
  a: Float64Array,
  b: Float64Array,
  n: number,
  k: number,
  context?: Interruptible,
): Promise<Float64Array> {
  const c = await blocked(a, b, n, k, n, true, context);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) c[j * n + i] = c[i * n + j];
  return c;
}

/** Aᵀ [columns, rows]. */
export function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j];
  return out;
}

async function blocked(
  a: Float64Array,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
  lowerOnly: boolean,
  context: Interruptible | undefined,
): Promise<Float64Array> {
  check(
    a.length === m * k && b.length === n * k,
    () =>
      `a product [${m}, ${k}] by [${k}, ${n}] needs ${m * k} and ${n * k} numbers, found ${a.length} and ${b.length}`,
    { code: 'mismatch' },
  );
  const c = new Float64Array(m * n);
  const width = Math.min(depthBlock, k);
  const left = new Float64Array(4 * Math.ceil(Math.min(rowBlock, m) / 4) * width);
  const right = new Float64Array(4 * Math.ceil(Math.min(rowBlock, n) / 4) * width);
  let done = 0;
  for (let k0 = 0; k0 < k; k0 += depthBlock) {
    const depth = Math.min(depthBlock, k - k0);
    for (let j0 = 0; j0 < n; j0 += rowBlock) {
      const columns = Math.min(rowBlock, n - j0);
      pack(right, b, j0, columns, k0, depth, k);
      // Rows above the block's first column hold nothing of the lower half.
      for (let i0 = lowerOnly ? j0 : 0; i0 < m; i0 += rowBlock) {
        const rows = Math.min(rowBlock, m - i0);
        pack(left, a, i0, rows, k0, depth, k);
        for (let i = 0; i < rows; i += 4)
          for (let j = 0; j < columns; j += 4)
            addTile(c, left, right, i * depth, j * depth, depth, n, i0 + i, j0 + j, m, n);
        done += rows * columns * depth;
        if (done > perCheckpoint && context !== undefined) {
          done = 0;
          await checkpoint(context);
        }
      }
    }
  }
  return c;
}

/** Rows in groups of four, the four entries of one column side by side; missing rows are zero. */
function pack(
  out: Float64Array,
  a: Float64Array,
  first: number,
  rows: number,
  k0: number,
  depth: number,
  stride: number,
): void {
  for (let i = 0; i < rows; i += 4)
    for (let r = 0; r < 4; r++) {
      let to = i * depth + r;
      if (i + r >= rows) for (let k = 0; k < depth; k++, to += 4) out[to] = 0;
      else {
        let from = (first + i + r) * stride + k0;
        for (let k = 0; k < depth; k++, to += 4) out[to] = a[from++];
      }
    }
}

const tile = new Float64Array(16);

function addTile(
  c: Float64Array,
  left: Float64Array,
  right: Float64Array,
  leftAt: number,
  rightAt: number,
  depth: number,
  stride: number,
  row: number,
  column: number,
  rows: number,
  columns: number,
): void {
  let [c00, c01, c02, c03, c10, c11, c12, c13] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [c20, c21, c22, c23, c30, c31, c32, c33] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0, p = leftAt, q = rightAt; k < depth; k++, p += 4, q += 4) {
    const b0 = right[q];
    const b1 = right[q + 1];
    const b2 = right[q + 2];
    const b3 = right[q + 3];
    let a = left[p];
    c00 += a * b0;
    c01 += a * b1;
    c02 += a * b2;
    c03 += a * b3;
    a = left[p + 1];
    c10 += a * b0;
    c11 += a * b1;
    c12 += a * b2;
    c13 += a * b3;
    a = left[p + 2];
    c20 += a * b0;
    c21 += a * b1;
    c22 += a * b2;
    c23 += a * b3;
    a = left[p + 3];
    c30 += a * b0;
    c31 += a * b1;
    c32 += a * b2;
    c33 += a * b3;
  }
  tile[0] = c00;
  tile[1] = c01;
  tile[2] = c02;
  tile[3] = c03;
  tile[4] = c10;
  tile[5] = c11;
  tile[6] = c12;
  tile[7] = c13;
  tile[8] = c20;
  tile[9] = c21;
  tile[10] = c22;
  tile[11] = c23;
  tile[12] = c30;
  tile[13] = c31;
  tile[14] = c32;
  tile[15] = c33;
  const [height, width] = [Math.min(4, rows - row), Math.min(4, columns - column)];
  for (let i = 0; i < height; i++)
    for (let j = 0, at = (row + i) * stride + column; j < width; j++) c[at + j] += tile[4 * i + j];
}
