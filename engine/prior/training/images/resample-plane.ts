/**
 * Band-limited resampling along both axes of an image, zero outside. Kernel: Lanczos, sinc(t) sinc(t/3) for |t| < 3,
 * with t in units of the coarser of both grids, so that little above its Nyquist frequency is left to fold back;
 * weights sum to 1 (C. E. Duchon, J. Appl. Meteor. 18, 1979).
 */
const LOBES = 3;

/** Sample i of the new grid lies at start + i · step, in pixels of the old one. */
export interface AxisGrid {
  start: number;
  step: number;
  count: number;
  /** Spacing whose Nyquist frequency limits the result, in pixels of the old grid; below 1 counts as 1. */
  cut: number;
}

function lanczos(t: number): number {
  if (t === 0) return 1;
  // Exact zeros keep a plain crop exact.
  if (Math.abs(t) >= LOBES || Number.isInteger(t)) return 0;
  const a = Math.PI * t;
  return (LOBES * Math.sin(a) * Math.sin(a / LOBES)) / (a * a);
}

/** Buffers grow to the largest size seen and are kept. */
export class PlaneResampler {
  private weights = new Float64Array(0);
  private first = new Int32Array(0);
  private rowsDone = new Float32Array(0);

  /**
   * out[i, j] ← the image at row position i and column position j.
   * image: [rows, columns] in `source`; out: at least rowGrid.count · columnGrid.count numbers, rows contiguous.
   */
  resample(
    source: Float32Array,
    [rows, columns]: readonly [number, number],
    rowGrid: AxisGrid,
    columnGrid: AxisGrid,
    out: Float32Array,
  ): void {
    const width = columnGrid.count;
    const taps = this.tabulate(columnGrid, columns);
    const { weights, first } = this;
    if (this.rowsDone.length < rows * width) this.rowsDone = new Float32Array(rows * width);
    const between = this.rowsDone;
    // Rows that no output row reaches are left out.
    const reach = LOBES * Math.max(1, rowGrid.cut);
    const last = rowGrid.start + (rowGrid.count - 1) * rowGrid.step;
    const from = Math.max(0, Math.floor(Math.min(rowGrid.start, last) - reach));
    const to = Math.min(rows - 1, Math.ceil(Math.max(rowGrid.start, last) + reach));
    for (let y = from; y <= to; y++)
      for (let i = 0; i < width; i++) {
        let sum = 0;
        const low = Math.max(0, first[i]);
        const high = Math.min(columns, first[i] + taps);
        for (let x = low, w = i * taps + low - first[i], at = y * columns + low; x < high; x++, w++, at++)
          sum += weights[w] * source[at];
        between[y * width + i] = sum;
      }
    const rowTaps = this.tabulate(rowGrid, rows);
    for (let i = 0; i < rowGrid.count; i++) {
      const line = out.subarray(i * width, (i + 1) * width).fill(0);
      const low = Math.max(0, this.first[i]);
      const high = Math.min(rows, this.first[i] + rowTaps);
      for (let y = low; y < high; y++) {
        const w = this.weights[i * rowTaps + y - this.first[i]];
        if (w === 0) continue;
        for (let x = 0, at = y * width; x < width; x++, at++) line[x] += w * between[at];
      }
    }
  }

  /** Fills `first` and `weights` for one axis; returns the number of taps. Positions far outside get weight 0. */
  private tabulate({ start, step, count, cut }: AxisGrid, size: number): number {
    const scale = Math.max(1, cut);
    const taps = 2 * Math.ceil(LOBES * scale) + 1;
    if (this.weights.length < count * taps) this.weights = new Float64Array(count * taps);
    if (this.first.length < count) this.first = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const at = start + i * step;
      const low = Math.floor(at) - (taps >> 1);
      const outside = at < -LOBES * scale || at > size - 1 + LOBES * scale;
      this.first[i] = outside ? size : low;
      if (outside) continue;
      let sum = 0;
      for (let k = 0; k < taps; k++) {
        const w = lanczos((low + k - at) / scale);
        this.weights[i * taps + k] = w;
        sum += w;
      }
      for (let k = 0; k < taps; k++) this.weights[i * taps + k] /= sum;
    }
    return taps;
  }
}
