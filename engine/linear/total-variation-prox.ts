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
  const sizes: Sizes = { rows, columns, width: field === 'real' ? 1 : 2 };
  const length = rows * columns * sizes.width;
  const guarded = (rows + 1) * columns * sizes.width;
  const p: Dual = { down: new Float32Array(guarded), right: new Float32Array(guarded) };
  const q: Dual = { down: new Float32Array(guarded), right: new Float32Array(guarded) };
  const primal = new Float32Array(length);
  const dualStep = field === 'real' ? dualStepReal : dualStepComplex;
  return (v, t) => {
    if (t <= 0) return v;
    if (!warmStart) {
      p.down.fill(0);
      p.right.fill(0);
    }
    q.down.set(p.down);
    q.right.set(p.right);
    let tau = 1;
    for (let k = 0; k < iterations; k++) {
      const next = (1 + Math.sqrt(1 + 4 * tau * tau)) / 2;
      fromDual(v, q, t, primal, sizes);
      dualStep(p, q, primal, 1 / (8 * t), (tau - 1) / next, sizes);
      tau = next;
    }
    return fromDual(v, p, t, v, sizes);
  };
}

interface Sizes {
  rows: number;
  columns: number;
  /** Numbers per pixel. */
  width: number;
}

/**
 * The dual variable of pixel i stands one row further on, at i + row: the row before it is a guard of zeros. `down` is 0
 * in the last row and `right` in the last column, so the pixel to the left of a row's first contributes nothing.
 */
interface Dual {
  down: Float32Array;
  right: Float32Array;
}

/** out ← v − t Dᴴp. */
function fromDual(v: Float32Array, { down, right }: Dual, t: number, out: Float32Array, sizes: Sizes): Float32Array {
  const { width } = sizes;
  const row = sizes.columns * width;
  for (let i = 0; i < out.length; i++) {
    const here = i + row;
    out[i] = v[i] - t * (down[i] - down[here] + right[here - width] - right[here]);
  }
  return out;
}

function dualStepReal(p: Dual, q: Dual, primal: Float32Array, step: number, momentum: number, sizes: Sizes): void {
  const { rows, columns } = sizes;
  for (let y = 0; y < rows; y++) {
    const below = y + 1 < rows ? columns : 0; // 0: the difference of a pixel with itself
    for (let x = 0; x < columns; x++) {
      const i = y * columns + x;
      const at = i + columns;
      const value = primal[i];
      const d = q.down[at] + step * (primal[i + below] - value);
      const r = x + 1 < columns ? q.right[at] + step * (primal[i + 1] - value) : 0;
      const energy = d * d + r * r;
      const factor = energy > 1 ? 1 / Math.sqrt(energy) : 1;
      const newDown = factor * d;
      const newRight = factor * r;
      q.down[at] = newDown + momentum * (newDown - p.down[at]);
      q.right[at] = newRight + momentum * (newRight - p.right[at]);
      p.down[at] = newDown;
      p.right[at] = newRight;
    }
  }
}

function dualStepComplex(p: Dual, q: Dual, primal: Float32Array, step: number, momentum: number, sizes: Sizes): void {
  const { rows, columns } = sizes;
  const row = 2 * columns;
  const pDown = p.down;
  const pRight = p.right;
  const qDown = q.down;
  const qRight = q.right;
  for (let y = 0; y < rows; y++) {
    const below = y + 1 < rows ? row : 0; // 0: the difference of a pixel with itself
    for (let x = 0; x < row; x += 2) {
      const i = y * row + x;
      const at = i + row;
      const re = primal[i];
      const im = primal[i + 1];
      let downRe = qDown[at] + step * (primal[i + below] - re);
      let downIm = qDown[at + 1] + step * (primal[i + below + 1] - im);
      const inside = x + 2 < row;
      let rightRe = inside ? qRight[at] + step * (primal[i + 2] - re) : 0;
      let rightIm = inside ? qRight[at + 1] + step * (primal[i + 3] - im) : 0;
      const energy = downRe * downRe + downIm * downIm + rightRe * rightRe + rightIm * rightIm;
      if (energy > 1) {
        const factor = 1 / Math.sqrt(energy);
        downRe *= factor;
        downIm *= factor;
        rightRe *= factor;
        rightIm *= factor;
      }
      qDown[at] = downRe + momentum * (downRe - pDown[at]);
      qDown[at + 1] = downIm + momentum * (downIm - pDown[at + 1]);
      qRight[at] = rightRe + momentum * (rightRe - pRight[at]);
      qRight[at + 1] = rightIm + momentum * (rightIm - pRight[at + 1]);
      pDown[at] = downRe;
      pDown[at + 1] = downIm;
      pRight[at] = rightRe;
      pRight[at + 1] = rightIm;
    }
  }
}
