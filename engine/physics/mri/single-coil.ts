/**
 * Data consistency in closed form for one coil of constant sensitivity 1, where AᴴA = Fᴴ m F is a projector:
 *   γ = ∞ (noiseless):  X ← X + m (y − X)
 *   0 ≤ γ < ∞:          X ← (X + γ m y)/(1 + γ m), the minimum of ½‖x − x̂₀‖² + (γ/2)‖A x − y‖²
 * with X = F x̂₀, centred orthonormal. One conjugate-gradient step does the same.
 */
import { fft2 } from '../../arrays/fft.ts';
import type { NdArray } from '../../arrays/ndarray.ts';
import { check } from '../../errors.ts';

/**
 * x0: complex image [y, x]; kspace: complex [ky, kx] (or [1, ky, kx]); mask: [ky, kx]. Writes to `out` (may be x0).
 * Throws `bad-usage` for γ < 0, `mismatch` when sizes differ.
 */
export function projectSingleCoil(
  x0: Float32Array,
  kspace: Float32Array,
  mask: NdArray<'uint8'>,
  gamma = Number.POSITIVE_INFINITY,
  out: Float32Array = new Float32Array(x0.length),
): Float32Array {
  const [height, width] = mask.shape;
  const length = 2 * height * width;
  check(
    x0.length === length && kspace.length === length && out.length === length,
    () => `image of ${x0.length}, k-space of ${kspace.length} and mask [${mask.shape}] do not fit each other`,
    { code: 'mismatch', path: 'kspace' },
  );
  check(gamma >= 0, () => `γ is ${gamma}, expected a number ≥ 0`, { code: 'bad-usage', path: 'gamma' });
  // y enters with the weight γ/(1 + γ), which tends to 1.
  const weight = gamma === Number.POSITIVE_INFINITY ? 1 : gamma / (1 + gamma);
  fft2(x0, [1, height, width], 'forward', out);
  for (let i = 0, at = 0; i < mask.data.length; i++, at += 2) {
    if (mask.data[i] === 0) continue;
    out[at] += weight * (kspace[at] - out[at]);
    out[at + 1] += weight * (kspace[at + 1] - out[at + 1]);
  }
  return fft2(out, [1, height, width], 'inverse', out);
}
