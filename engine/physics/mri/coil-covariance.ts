/** E[y yᴴ] over a set of samples: float64, complex [C, C], Hermitian. */
export function coilCovariance(
  /** Interleaved [coils, samples]. */
  data: Float32Array | Float64Array,
  coils: number,
  /** Sample indices to use; all by default. */
  samples?: ArrayLike<number>,
): Float64Array {
  const stride = data.length / coils;
  const count = samples?.length ?? stride / 2;
  const covariance = new Float64Array(2 * coils * coils);
  for (let c = 0; c < coils; c++) {
    for (let other = 0; other <= c; other++) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < count; i++) {
        const at = 2 * (samples ? samples[i] : i);
        const p = c * stride + at;
        const q = other * stride + at;
        re += data[p] * data[q] + data[p + 1] * data[q + 1];
        im += data[p + 1] * data[q] - data[p] * data[q + 1];
      }
      re /= count;
      im = c === other ? 0 : im / count;
      covariance.set([re, im], 2 * (c * coils + other));
      covariance.set([re, -im], 2 * (other * coils + c));
    }
  }
  return covariance;
}
