/**
 * A slice put onto the training matrix by one map from output pixels to the slice,
 *   source position (mm) = centre + A (p + u(p)),   p = pixel − (size − 1)/2,
 * A: 2 × 2, mm per pixel (turn, flip, zoom, voxel size); u: elastic displacement in pixels. The slice is first
 * resampled along its own axes, band-limited to the new voxel size, onto a grid 1.5 times finer; then read by cubic
 * convolution (R. G. Keys 1981, a = −½), so turns and deformations do not alias and blur only once.
 */
import { PlaneResampler } from './resample-plane.ts';

const OVERSAMPLING = 1.5;
/** Zeros around the finer grid, so that every tap of the kernel exists. */
const MARGIN = 3;

export interface Plane {
  rows: number;
  columns: number;
  /** Pixel spacing along y and x, mm. */
  spacing: readonly [number, number];
}

export interface Placement {
  /** [A_yy, A_yx, A_xy, A_xx], mm per output pixel. */
  matrix: readonly [number, number, number, number];
  /** Point of the slice shown at the centre of the matrix, mm from the centre of its first pixel: [y, x]. */
  centre: readonly [number, number];
  /** Output voxel size the band is limited to, mm. */
  voxel: number;
}

export interface Displacement {
  y: Float32Array;
  x: Float32Array;
  /** Largest |u|, pixels. */
  largest: number;
}

export class PlanePlacer {
  readonly size: number;
  private readonly resampler = new PlaneResampler();
  private fine = new Float32Array(0);

  constructor(size: number) {
    this.size = size;
  }

  /** out ← the slice [rows, columns] in `source` on the training matrix [size, size]; 0 outside the slice. */
  place(
    source: Float32Array,
    plane: Plane,
    placement: Placement,
    displacement: Displacement | undefined,
    out: Float32Array,
  ): void {
    const { size } = this;
    const { matrix, centre, voxel } = placement;
    const half = (size - 1) / 2 + (displacement?.largest ?? 0);
    const h = voxel / OVERSAMPLING;
    const rows = this.axis(
      Math.abs(matrix[0]) + Math.abs(matrix[1]),
      half,
      centre[0],
      plane.rows,
      plane.spacing[0],
      h,
      voxel,
    );
    const columns = this.axis(
      Math.abs(matrix[2]) + Math.abs(matrix[3]),
      half,
      centre[1],
      plane.columns,
      plane.spacing[1],
      h,
      voxel,
    );
    const height = rows.count;
    const width = columns.count;
    if (this.fine.length < height * width) this.fine = new Float32Array(height * width);
    this.resampler.resample(source, [plane.rows, plane.columns], rows, columns, this.fine);
    // Output pixels → pixels of the finer grid.
    const [ayy, ayx, axy, axx] = [matrix[0] / h, matrix[1] / h, matrix[2] / h, matrix[3] / h];
    const cy = (centre[0] - rows.start * plane.spacing[0]) / h;
    const cx = (centre[1] - columns.start * plane.spacing[1]) / h;
    const uy = displacement?.y;
    const ux = displacement?.x;
    for (let i = 0, o = 0; i < size; i++)
      for (let j = 0; j < size; j++, o++) {
        const py = i - (size - 1) / 2 + (uy === undefined ? 0 : uy[o]);
        const px = j - (size - 1) / 2 + (ux === undefined ? 0 : ux[o]);
        out[o] = this.cubic(ayy * py + ayx * px + cy, axy * py + axx * px + cx, height, width);
      }
  }

  /**
   * out ← the slice resampled without turning. 'resample': its longer side fills the matrix. 'crop': pixels as stored,
   * cut or padded about the centre; exact.
   */
  fit(source: Float32Array, plane: Plane, how: 'resample' | 'crop', out: Float32Array): void {
    const { size } = this;
    const { rows, columns, spacing } = plane;
    if (how === 'crop') {
      const grid = (n: number) => ({ start: Math.floor((n - size) / 2), step: 1, count: size, cut: 1 });
      this.resampler.resample(source, [rows, columns], grid(rows), grid(columns), out);
      return;
    }
    const voxel = Math.max(rows * spacing[0], columns * spacing[1]) / size;
    const grid = (n: number, mm: number) => {
      const step = voxel / mm;
      return { start: (n - 1) / 2 - (step * (size - 1)) / 2, step, count: size, cut: step };
    };
    this.resampler.resample(source, [rows, columns], grid(rows, spacing[0]), grid(columns, spacing[1]), out);
  }

  /** The finer grid along one axis: what the matrix can see of the slice, with a margin. */
  private axis(
    reachPerPixel: number,
    half: number,
    centre: number,
    pixels: number,
    mm: number,
    h: number,
    voxel: number,
  ) {
    const pad = MARGIN * h;
    const tail = 3 * Math.max(voxel, mm);
    const low = Math.max(centre - reachPerPixel * half, -tail) - pad;
    const high = Math.min(centre + reachPerPixel * half, (pixels - 1) * mm + tail) + pad;
    const count = Math.max(2 * MARGIN, Math.ceil((high - low) / h) + 1);
    return { start: low / mm, step: h / mm, count, cut: voxel / mm };
  }

  /** The finer grid at (y, x), in its pixels; 0 where the kernel leaves it. */
  private cubic(y: number, x: number, height: number, width: number): number {
    const iy = Math.floor(y);
    const ix = Math.floor(x);
    if (!(iy >= 1 && ix >= 1 && iy < height - 2 && ix < width - 2)) return 0;
    const { fine } = this;
    const t = y - iy;
    const s = x - ix;
    const x0 = s * (-0.5 + s * (1 - 0.5 * s));
    const x1 = 1 + s * s * (-2.5 + 1.5 * s);
    const x2 = s * (0.5 + s * (2 - 1.5 * s));
    const x3 = s * s * (-0.5 + 0.5 * s);
    let at = (iy - 1) * width + ix - 1;
    const r0 = x0 * fine[at] + x1 * fine[at + 1] + x2 * fine[at + 2] + x3 * fine[at + 3];
    at += width;
    const r1 = x0 * fine[at] + x1 * fine[at + 1] + x2 * fine[at + 2] + x3 * fine[at + 3];
    at += width;
    const r2 = x0 * fine[at] + x1 * fine[at + 1] + x2 * fine[at + 2] + x3 * fine[at + 3];
    at += width;
    const r3 = x0 * fine[at] + x1 * fine[at + 1] + x2 * fine[at + 2] + x3 * fine[at + 3];
    return (
      t * (-0.5 + t * (1 - 0.5 * t)) * r0 +
      (1 + t * t * (-2.5 + 1.5 * t)) * r1 +
      t * (0.5 + t * (2 - 1.5 * t)) * r2 +
      t * t * (-0.5 + 0.5 * t) * r3
    );
  }
}
