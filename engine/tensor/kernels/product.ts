/**
 * Matrix products in the memory of the WebAssembly backend, for operands stored either way:
 *   C[i, j] (+)= Σ_k A[i, k] B[k, j],   i < rows, j < columns, k < depth, float32.
 * TensorFlow.js's own product is fast only for untransposed single matrices (0.2–0.9 GFLOP/s otherwise, against 30–45),
 * and gradients of convolutions and dense layers are products with a transposed operand.
 */
import { type WasmBackend, withScratch } from '../wasm-heap.ts';
import { COLUMNS, type ProductProgram, productProgram, ROWS, UNROLL } from './product-program.ts';

/** A matrix in memory; `along` says which index is contiguous. */
export interface Matrix {
  /** Address of element (0, 0). */
  readonly address: number;
  /** Bytes between neighbours along the index that is not contiguous. */
  readonly stride: number;
  /** Whether the summed index is the contiguous one. */
  readonly summedContiguous: boolean;
}

/** Steps of the summed index, rows and columns that are packed together: about 64 + 128 KiB, within a core's cache. */
const DEPTH_BLOCK = 256;
const ROW_BLOCK = 128;
const COLUMN_BLOCK = 128;

export const up = (n: number, multiple: number): number => multiple * Math.ceil(n / multiple);

/** Bytes of a panel block of `width` (a multiple of the panel width) numbers at up to `depth` steps. */
export const panelBytes = (width: number, depth: number): number => 4 * width * up(depth, UNROLL);

/**
 * Packs `count` steps × `lines` lines into panels of `width` lines at `to`, `depth` steps (count zero-padded) per panel.
 * `from.address` is the first step of the first line. Lines beyond the last hold numbers nothing reads.
 */
export function pack(
  program: ProductProgram,
  backend: WasmBackend,
  from: Matrix,
  lines: number,
  count: number,
  to: number,
  width: number,
  depth: number,
  start = 0,
): void {
  const step = 4 * width;
  const panel = step * depth;
  for (let line = 0; line < lines; line += 4) {
    const target = to + panel * Math.floor(line / width) + 4 * (line % width) + step * start;
    if (from.summedContiguous) packRows(program, backend, from, line, lines, count, target, step);
    else packColumns(program, backend, from, line, lines, count, target, step);
  }
}

function packColumns(
  program: ProductProgram,
  backend: WasmBackend,
  from: Matrix,
  line: number,
  lines: number,
  count: number,
  to: number,
  step: number,
): void {
  const address = from.address + 4 * line;
  // Reading four numbers where fewer are left is harmless, except beyond the end of the memory.
  const end = address + from.stride * (count - 1) + 16;
  const safe = end <= backend.wasm.asm.memory.buffer.byteLength ? count : count - 1;
  program.copyColumns(address, to, safe, from.stride, step);
  if (safe < count) copyScalars(backend, from, line, lines, safe, count, to, step);
}

function packRows(
  program: ProductProgram,
  backend: WasmBackend,
  from: Matrix,
  line: number,
  lines: number,
  count: number,
  to: number,
  step: number,
): void {
  const whole = lines - line >= 4 ? Math.floor(count / 4) : 0;
  if (whole > 0) program.transposeRows(from.address + from.stride * line, from.stride, to, whole, step);
  if (4 * whole < count) copyScalars(backend, from, line, lines, 4 * whole, count, to, step);
}

function copyScalars(
  backend: WasmBackend,
  from: Matrix,
  line: number,
  lines: number,
  first: number,
  count: number,
  to: number,
  step: number,
): void {
  const heap = backend.wasm.HEAPF32;
  const alongStep = from.summedContiguous ? 1 : from.stride / 4;
  const alongLine = from.summedContiguous ? from.stride / 4 : 1;
  for (let l = line; l < Math.min(line + 4, lines); l++)
    for (let k = first; k < count; k++)
      heap[(to + step * k) / 4 + (l - line)] = heap[from.address / 4 + alongLine * l + alongStep * k];
}

/** Sets the padding steps count … depth − 1 of all panels to zero, so that they add nothing. */
export function padSteps(
  backend: WasmBackend,
  to: number,
  lines: number,
  width: number,
  count: number,
  depth: number,
): void {
  if (count === depth) return;
  for (let panel = 0; panel < Math.ceil(lines / width); panel++) {
    const start = (to + 4 * width * depth * panel) / 4;
    backend.wasm.HEAPF32.fill(0, start + width * count, start + width * depth);
  }
}

/** C += A B on packed panels: `out` has up(rows, 4) rows of `outStride` bytes, room for up(columns, 8) in each. */
export function multiplyPanels(
  program: ProductProgram,
  left: number,
  rows: number,
  right: number,
  columns: number,
  depth: number,
  out: number,
  outStride: number,
): void {
  const tiles = Math.ceil(rows / ROWS);
  const quads = depth / UNROLL;
  for (let j = 0; j < columns; j += COLUMNS)
    program.multiply(left, right + 4 * depth * j, out + 4 * j, quads, tiles, 4 * ROWS * depth, outStride);
}

/**
 * Writes C = A B to `out`, row-major and dense. A is [rows, depth], B [depth, columns].
 * Sums run in blocks of 256 in float32, as XNNPACK's do.
 */
export function multiplyMatrices(
  backend: WasmBackend,
  a: Matrix,
  b: Matrix,
  out: number,
  rows: number,
  depth: number,
  columns: number,
): void {
  const program = productProgram(backend);
  const steps = up(Math.min(depth, DEPTH_BLOCK), UNROLL);
  const rowBlock = Math.min(up(rows, ROWS), ROW_BLOCK);
  const columnBlock = Math.min(up(columns, COLUMNS), COLUMN_BLOCK);
  const leftBytes = panelBytes(rowBlock, steps);
  const rightBytes = panelBytes(columnBlock, steps);
  const sumBytes = 4 * rowBlock * columnBlock;
  withScratch(backend, leftBytes + rightBytes + sumBytes, (left) => {
    const right = left + leftBytes;
    const sums = right + rightBytes;
    for (let i = 0; i < rows; i += ROW_BLOCK)
      for (let j = 0; j < columns; j += COLUMN_BLOCK) {
        const m = Math.min(ROW_BLOCK, rows - i);
        const n = Math.min(COLUMN_BLOCK, columns - j);
        backend.wasm.HEAPF32.fill(0, sums / 4, (sums + sumBytes) / 4);
        for (let k = 0; k < depth; k += DEPTH_BLOCK) {
          const count = Math.min(DEPTH_BLOCK, depth - k);
          const padded = up(count, UNROLL);
          pack(program, backend, corner(a, i, k), m, count, left, ROWS, padded);
          padSteps(backend, left, m, ROWS, count, padded);
          pack(program, backend, corner(b, j, k), n, count, right, COLUMNS, padded);
          padSteps(backend, right, n, COLUMNS, count, padded);
          multiplyPanels(program, left, m, right, n, padded, sums, 4 * columnBlock);
        }
        const heap = backend.wasm.HEAPF32;
        for (let row = 0; row < m; row++) {
          const source = sums / 4 + columnBlock * row;
          heap.copyWithin(out / 4 + columns * (i + row) + j, source, source + n);
        }
      }
  });
}

/** The matrix from this line (row of A, column of B) and step of the summed index on. */
function corner(matrix: Matrix, line: number, step: number): Matrix {
  const contiguous = matrix.summedContiguous ? step : line;
  const other = matrix.summedContiguous ? line : step;
  return { ...matrix, address: matrix.address + 4 * contiguous + matrix.stride * other };
}
