/** Sparse matrices in compressed rows: float64 values, products in float64. */
import { check } from '../errors.ts';

export interface CsrMatrix {
  readonly rows: number;
  readonly columns: number;
  /** rows + 1; row i holds entries rowStart[i] up to rowStart[i + 1]. */
  readonly rowStart: Uint32Array;
  readonly column: Uint32Array;
  readonly value: Float64Array;
}

/**
 * From entries in any order, [row, column, value]; entries of one place are added up and columns sorted.
 * Throws `mismatch` for places outside the matrix.
 */
export function csrFromEntries(
  rows: number,
  columns: number,
  entries: Iterable<readonly [row: number, column: number, value: number]>,
): CsrMatrix {
  const byRow: Map<number, number>[] = Array.from({ length: rows }, () => new Map());
  let count = 0;
  for (const [row, column, value] of entries) {
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    check(inside, () => `entry at [${row}, ${column}] lies outside ${rows} × ${columns}`, { code: 'mismatch' });
    const line = byRow[row];
    if (!line.has(column)) count++;
    line.set(column, (line.get(column) ?? 0) + value);
  }
  const matrix = {
    rows,
    columns,
    rowStart: new Uint32Array(rows + 1),
    column: new Uint32Array(count),
    value: new Float64Array(count),
  };
  let at = 0;
  for (const [row, line] of byRow.entries()) {
    for (const column of [...line.keys()].sort((a, b) => a - b)) {
      matrix.column[at] = column;
      matrix.value[at++] = line.get(column) ?? 0;
    }
    matrix.rowStart[row + 1] = at;
  }
  return matrix;
}

/** out ← A x. */
export function csrMultiply({ rows, rowStart, column, value }: CsrMatrix, x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = rowStart[i]; k < rowStart[i + 1]; k++) sum += value[k] * x[column[k]];
    out[i] = sum;
  }
}

/** out ← Aᵀ x, from the rows of A. */
export function csrMultiplyTransposed(
  { rows, rowStart, column, value }: CsrMatrix,
  x: Float64Array,
  out: Float64Array,
): void {
  out.fill(0);
  for (let i = 0; i < rows; i++) {
    const xi = x[i];
    if (xi === 0) continue;
    for (let k = rowStart[i]; k < rowStart[i + 1]; k++) out[column[k]] += value[k] * xi;
  }
}
