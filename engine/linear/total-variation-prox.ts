/**
 * prox of t·TV: argmin_x ½‖x − v‖² + t·TV(x) for an image [y, x], isotropic, Neumann (total-variation.ts). Its dual is
 * x = v − t Dᴴp with |p| ≤ 1 per pixel, solved by accelerated projected gradient:
 *
 *   p_k = P(q_k + D(v − t Dᴴq_k)/(8t)),   q_{k+1} = p_k + ((τ_k − 1)/τ_{k+1})(p_k − p_{k−1}),   P: p ↦ p/max(1, |p|)
 *
 * A. Beck, M. Teboulle, IEEE Trans. Image Process. 18 (2009) 2419–2434, algorithm FGP. Deviation: the dual variable is
 * kept between calls, so that a sequence of nearby problems (FISTA's) needs few iterations each.
 */
import type { Field } from './total-variation.ts';

export interface TotalVariationProxOptions {
  rows: number;
  columns: number;
  /** Default complex. */
  field?: Field;
  /** Dual iterations per call; default 10. */
  iterations?: number;
  /** Start from the previous call's dual variable; default true. */
  warmStart?: boolean;
}

/** A map that replaces the image v by prox_{t·TV}(v) in place and returns it. Keeps five images of scratch. */
export function totalVariationProx(options: TotalVariationProxOptions): (v: Float32Array, t: number) => Float32Array {
  const { rows, columns, field = 'complex', iterations = 10, warmStart = true } = options;
  const width = field === 'real' ? 1 : 2;
  const length = rows * columns * width;
  const state = {
    pDown: new Float32Array(length),
    pRight: new Float32Array(length),
    qDown: new Float32Array(length),
    qRight: new Float32Array(length),
    primal: new Float32Array(length),
  };
  return (v, t) => {
    if (t <= 0) return v;
    if (!warmStart) {
      state.pDown.fill(0);
      state.pRight.fill(0);
    }
    state.qDown.set(state.pDown);
    state.qRight.set(state.pRight);
    let tau = 1;
    for (let k = 0; k < iterations; k++) {
      const next = (1 + Math.sqrt(1 + 4 * tau * tau)) / 2;
      fromDual(v, state.qDown, state.qRight, t, state.primal, rows, columns, width);
      if (width === 1) dualStepReal(state, 1 / (8 * t), (tau - 1) / next, rows, columns);
      else dualStepComplex(state, 1 / (8 * t), (tau - 1) / next, rows, columns);
      tau = next;
    }
    return fromDual(v, state.pDown, state.pRight, t, v, rows, columns, width);
  };
}

interface DualState {
  pDown: Float32Array;
  pRight: Float32Array;
  qDown: Float32Array;
  qRight: Float32Array;
  primal: Float32Array;
}

/** out ← v − t Dᴴ(down, right). The last row of `down` and last column of `right` are always 0. */
function fromDual(
  v: Float32Array,
  down: Float32Array,
  right: Float32Array,
  t: number,
  out: Float32Array,
  rows: number,
  columns: number,
  width: number,
): Float32Array {
  const row = columns * width;
  for (let y = 0; y < rows; y++) {
    const start = y * row;
    for (let i = start; i < start + row; i++) {
      const above = y > 0 ? down[i - row] : 0;
      const left = i - start >= width ? right[i - width] : 0;
      out[i] = v[i] - t * (above - down[i] + left - right[i]);
    }
  }
  return out;
}

function dualStepReal(s: DualState, step: number, momentum: number, rows: number, columns: number): void {
  const { pDown, pRight, qDown, qRight, primal } = s;
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const i = y * columns + x;
      const d = y + 1 < rows ? qDown[i] + step * (primal[i + columns] - primal[i]) : 0;
      const r = x + 1 < columns ? qRight[i] + step * (primal[i + 1] - primal[i]) : 0;
      const energy = d * d + r * r;
      const factor = energy > 1 ? 1 / Math.sqrt(energy) : 1;
      qDown[i] = factor * d + momentum * (factor * d - pDown[i]);
      qRight[i] = factor * r + momentum * (factor * r - pRight[i]);
      pDown[i] = factor * d;
      pRight[i] = factor * r;
    }
}

function dualStepComplex(s: DualState, step: number, momentum: number, rows: number, columns: number): void {
  const { pDown, pRight, qDown, qRight, primal } = s;
  const row = 2 * columns;
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < row; x += 2) {
      const i = y * row + x;
      const j = i + 1;
      let downRe = 0;
      let downIm = 0;
      let rightRe = 0;
      let rightIm = 0;
      if (y + 1 < rows) {
        downRe = qDown[i] + step * (primal[i + row] - primal[i]);
        downIm = qDown[j] + step * (primal[j + row] - primal[j]);
      }
      if (x + 2 < row) {
        rightRe = qRight[i] + step * (primal[i + 2] - primal[i]);
        rightIm = qRight[j] + step * (primal[j + 2] - primal[j]);
      }
      const energy = downRe * downRe + downIm * downIm + rightRe * rightRe + rightIm * rightIm;
      const factor = energy > 1 ? 1 / Math.sqrt(energy) : 1;
      downRe *= factor;
      downIm *= factor;
      rightRe *= factor;
      rightIm *= factor;
      qDown[i] = downRe + momentum * (downRe - pDown[i]);
      qDown[j] = downIm + momentum * (downIm - pDown[j]);
      qRight[i] = rightRe + momentum * (rightRe - pRight[i]);
      qRight[j] = rightIm + momentum * (rightIm - pRight[j]);
      pDown[i] = downRe;
      pDown[j] = downIm;
      pRight[i] = rightRe;
      pRight[j] = rightIm;
    }
}
