/**
 * Winograd's F(4, 3) along one axis (Lavin, Gray 2016, §4.1 and appendix; points 0, ±1, ±2, ∞): four outputs of a
 * 3-tap correlation from six inputs with six products instead of twelve,
 *   y = Aᵀ[(G g) ⊙ (Bᵀ d)],  y_r = Σ_t g_t d_{r+t},  r = 0 … 3.
 */

/** Bᵀ [6][6]: the six combinations of inputs d_0 … d_5. */
export const inputTransform = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
] as const;

/** G [6][3]: the factors made from the taps g_0 … g_2. */
export const kernelTransform = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
] as const;

/** Aᵀ [4][6]: the outputs from the six products. */
export const outputTransform = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
] as const;

/** Factor k of every kernel, along its rows: weights [pairs, 3, 3] → [pairs, 1, 3]. */
export function transformKernels(weights: Float32Array, k: number): Float32Array {
  const [a, b, c] = kernelTransform[k];
  const pairs = weights.length / 9;
  const out = new Float32Array(3 * pairs);
  for (let i = 0; i < pairs; i++)
    for (let s = 0; s < 3; s++)
      out[3 * i + s] = a * weights[9 * i + s] + b * weights[9 * i + 3 + s] + c * weights[9 * i + 6 + s];
  return out;
}
