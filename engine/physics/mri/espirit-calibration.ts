/**
 * Calibration half of ESPIRiT: from the fully sampled k-space centre to the projector on its signal space.
 *
 * b_p: the kh×kw neighbourhood of position p over all coils, N = C·kh·kw numbers. M = Σ_p b_p b_pᴴ is AᴴA of the
 * calibration matrix; W projects on the eigenvectors whose singular value √λ exceeds threshold·√λ_max.
 * M. Uecker et al., "ESPIRiT — an eigenvalue approach to autocalibrating parallel MRI" (2014), §"Theory".
 * Deviation: A itself is never formed. Entry ((c,i), (c',i')) of M is the sum of cal_c(u + d)·conj(cal_c'(u)), d = i − i',
 * over a window of u, read from one summed-area table per coil pair and shift d.
 */
import { hermitianEigen } from '../../linear/dense.ts';

export interface Calibration {
  coils: number;
  /** Calibration block, rows and columns. */
  size: readonly [number, number];
  /** Interleaved [coils, rows, columns]. */
  data: Float64Array;
  kernel: readonly [number, number];
}

/** M, complex [N, N] with index (coil, row, column). */
export function calibrationGram({ coils, size, data, kernel }: Calibration): Float64Array {
  const [rows, columns] = size;
  const [kh, kw] = kernel;
  const area = kh * kw;
  const n = coils * area;
  const gram = new Float64Array(2 * n * n);
  const [windowH, windowW] = [rows - kh + 1, columns - kw + 1];
  const stride = 2 * (columns + 1);
  const table = new Float64Array((rows + 1) * stride);
  for (let c = 0; c < coils; c++) {
    for (let other = 0; other <= c; other++) {
      for (let dy = 1 - kh; dy < kh; dy++) {
        for (let dx = 1 - kw; dx < kw; dx++) {
          shiftedProducts(data, c * rows * columns, other * rows * columns, rows, columns, dy, dx, table);
          for (let y = Math.max(0, -dy); y < Math.min(kh, kh - dy); y++) {
            for (let x = Math.max(0, -dx); x < Math.min(kw, kw - dx); x++) {
              const top = y * stride + 2 * x;
              const bottom = top + windowH * stride;
              const row = c * area + (y + dy) * kw + x + dx;
              const column = other * area + y * kw + x;
              for (const part of [0, 1]) {
                const sum =
                  table[bottom + 2 * windowW + part] -
                  table[bottom + part] -
                  table[top + 2 * windowW + part] +
                  table[top + part];
                gram[2 * (row * n + column) + part] = sum;
                gram[2 * (column * n + row) + part] = part === 1 ? -sum : sum;
              }
            }
          }
        }
      }
    }
  }
  return gram;
}

/** Summed-area table of cal_a(u + d)·conj(cal_b(u)); products that leave the block count as zero, no window meets them. */
function shiftedProducts(
  data: Float64Array,
  a: number,
  b: number,
  rows: number,
  columns: number,
  dy: number,
  dx: number,
  table: Float64Array,
): void {
  const stride = 2 * (columns + 1);
  for (let y = 0; y < rows; y++) {
    let re = 0;
    let im = 0;
    const inside = y + dy >= 0 && y + dy < rows;
    for (let x = 0; x < columns; x++) {
      if (inside && x + dx >= 0 && x + dx < columns) {
        const p = 2 * (a + (y + dy) * columns + x + dx);
        const q = 2 * (b + y * columns + x);
        re += data[p] * data[q] + data[p + 1] * data[q + 1];
        im += data[p + 1] * data[q] - data[p] * data[q + 1];
      }
      const at = (y + 1) * stride + 2 * (x + 1);
      table[at] = table[at - stride] + re;
      table[at + 1] = table[at - stride + 1] + im;
    }
  }
}

export interface SignalSpace {
  /** Number of kernels kept. */
  rank: number;
  /** Singular values of the calibration matrix, descending. */
  singularValues: Float64Array;
  /**
   * r_{cc'}[d] = Σ_{i − i' = d} W[(c,i), (c',i')] / (kh·kw), complex [C, C, 2kh − 1, 2kw − 1], filled for c ≥ c': the Fourier
   * coefficients of the C×C matrix of every pixel.
   */
  correlation: Float64Array;
}

/** Projector on the signal space, folded to its dependence on the shift between the two kernel positions. */
export function signalSpace(calibration: Calibration, threshold: number): SignalSpace {
  const { coils, kernel } = calibration;
  const [kh, kw] = kernel;
  const area = kh * kw;
  const n = coils * area;
  const { values, vectors } = hermitianEigen(calibrationGram(calibration), n);
  const singularValues = values.map((v) => Math.sqrt(Math.max(v, 0)));
  let rank = 0;
  while (rank < n && singularValues[rank] > threshold * singularValues[0]) rank++;

  const [shiftsH, shiftsW] = [2 * kh - 1, 2 * kw - 1];
  const correlation = new Float64Array(2 * coils * coils * shiftsH * shiftsW);
  for (let row = 0; row < n; row++) {
    const c = Math.floor(row / area);
    const [y, x] = [Math.floor((row % area) / kw), row % kw];
    for (let column = 0; column < (c + 1) * area; column++) {
      let re = 0;
      let im = 0;
      for (let k = 0; k < rank; k++) {
        const p = 2 * (row * n + k);
        const q = 2 * (column * n + k);
        re += vectors[p] * vectors[q] + vectors[p + 1] * vectors[q + 1];
        im += vectors[p + 1] * vectors[q] - vectors[p] * vectors[q + 1];
      }
      const other = Math.floor(column / area);
      const dy = y - Math.floor((column % area) / kw) + kh - 1;
      const dx = x - (column % kw) + kw - 1;
      const at = 2 * (((c * coils + other) * shiftsH + dy) * shiftsW + dx);
      correlation[at] += re / area;
      correlation[at + 1] += im / area;
    }
  }
  return { rank, singularValues, correlation };
}
