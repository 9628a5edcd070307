/**
 * Likeness of an image to a reference over one slice, from floats with float64 sums. Data range L: maximum minus minimum
 * of the reference slice. PSNR = 20 log₁₀(L/RMSE). NRMSE = ‖x − r‖/‖r‖. SSIM: mean over 7×7 uniform windows that lie
 * wholly inside, sample (co)variances, K₁ = 0.01, K₂ = 0.03 (Wang, Bovik, Sheikh, Simoncelli 2004).
 */
export interface ImageQuality {
  psnr: number;
  ssim: number;
  nrmse: number;
  dataRange: number;
}

const side = 7;

export function imageQuality(
  image: ArrayLike<number>,
  reference: ArrayLike<number>,
  columns: number,
): ImageQuality | null {
  const count = reference.length;
  if (count === 0 || image.length !== count) return null;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let error = 0;
  let power = 0;
  for (let i = 0; i < count; i++) {
    const r = reference[i];
    const d = image[i] - r;
    if (!Number.isFinite(d)) return null;
    if (r < low) low = r;
    if (r > high) high = r;
    error += d * d;
    power += r * r;
  }
  const dataRange = high - low;
  return {
    psnr: 20 * Math.log10(dataRange / Math.sqrt(error / count)),
    ssim: ssim(image, reference, columns, dataRange),
    nrmse: Math.sqrt(error / power),
    dataRange,
  };
}

/** Running sums down the columns make each row cost O(columns). NaN when the image is smaller than a window. */
function ssim(x: ArrayLike<number>, r: ArrayLike<number>, columns: number, dataRange: number): number {
  const rows = Math.floor(r.length / columns);
  if (rows < side || columns < side) return Number.NaN;
  const c1 = (0.01 * dataRange) ** 2;
  const c2 = (0.03 * dataRange) ** 2;
  const n = side * side;
  const sums = Array.from({ length: 5 }, () => new Float64Array(columns));
  const add = (row: number, sign: 1 | -1) => {
    for (let c = 0; c < columns; c++) {
      const a = x[row * columns + c];
      const b = r[row * columns + c];
      sums[0][c] += sign * a;
      sums[1][c] += sign * b;
      sums[2][c] += sign * a * a;
      sums[3][c] += sign * b * b;
      sums[4][c] += sign * a * b;
    }
  };
  let total = 0;
  let windows = 0;
  const box = new Float64Array(5);
  for (let row = 0; row < rows; row++) {
    add(row, 1);
    if (row >= side) add(row - side, -1);
    if (row < side - 1) continue;
    box.fill(0);
    for (let c = 0; c < columns; c++) {
      for (let k = 0; k < 5; k++) box[k] += sums[k][c] - (c >= side ? sums[k][c - side] : 0);
      if (c < side - 1) continue;
      const ma = box[0] / n;
      const mb = box[1] / n;
      const va = (box[2] - n * ma * ma) / (n - 1);
      const vb = (box[3] - n * mb * mb) / (n - 1);
      const vab = (box[4] - n * ma * mb) / (n - 1);
      total += ((2 * ma * mb + c1) * (2 * vab + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
      windows++;
    }
  }
  return total / windows;
}
