/** out ← A⁻¹ b for a positive definite A = [xx, xy, xz, yy, yz, zz], by Cholesky factors. */
export function solveSymmetric3(out: Float64Array, a: readonly number[], b: readonly number[]): void {
  const l00 = Math.sqrt(a[0]);
  const l10 = a[1] / l00;
  const l20 = a[2] / l00;
  const l11 = Math.sqrt(a[3] - l10 * l10);
  const l21 = (a[4] - l20 * l10) / l11;
  const l22 = Math.sqrt(a[5] - l20 * l20 - l21 * l21);
  const y0 = b[0] / l00;
  const y1 = (b[1] - l10 * y0) / l11;
  const y2 = (b[2] - l20 * y0 - l21 * y1) / l22;
  out[2] = y2 / l22;
  out[1] = (y1 - l21 * out[2]) / l11;
  out[0] = (y0 - l10 * out[1] - l20 * out[2]) / l00;
}
