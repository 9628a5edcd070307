/**
 * Data consistency of a whole volume [z, y, x] (scaled units) with anisotropic total variation along z: ADMM on
 *   ½‖A x − y‖² + λ‖D x‖₁   (+ (1/2γ)‖x − x̂0‖² when a weight γ is given),   (D v)[z] = v[z+1] − v[z],
 *   x ← CG on (A*A + ρ D*D + I/γ) x = A*y + ρ D*(w − u) + x̂0/γ, M iterations from x
 *   w ← shrink(D x + u, λ/ρ),  u ← u + D x − w
 * w and u are kept across sampling steps (warm start). Without γ, x̂0 enters only as the starting point. One system for the
 * whole volume. Chung, Lee, Ye 2024, algorithm for 3D; there z is periodic, here the last difference is zero unless
 * `periodic` is asked for. Complex volumes shrink by the modulus of the difference.
 *
 * D and D* are fused into the loops: a volume is the largest thing in memory, so no difference volume is ever stored.
 */
import type { RunContext } from '../context.ts';
import type { CgWorkspace } from '../linear/cg.ts';
import { cgWorkspace } from '../linear/cg.ts';
import type { LinearOperator } from '../linear/operator.ts';
import { normal } from '../linear/operator.ts';
import type { VectorSpace } from '../linear/space.ts';
import type { SolveOptions, SolveOutcome } from './normal-solve.ts';
import { solveInPlace } from './normal-solve.ts';
import type { DdsSlice } from './problem.ts';

export type ZBoundary = 'neumann' | 'periodic';

export interface VolumeTvOptions extends SolveOptions {
  rho: number;
  lambda: number;
  admmIterations: number;
  boundary: ZBoundary;
  complex: boolean;
  /** A over the whole volume, when it is faster than slice by slice. */
  operator?: LinearOperator<Float32Array, Float32Array>;
}

/** The ADMM state of one volume. Seven volumes are allocated once (eight with a weight γ), nothing per step. */
export class VolumeTv {
  readonly #slices: readonly DdsSlice[];
  readonly #space: VectorSpace<Float32Array>;
  readonly #options: VolumeTvOptions;
  readonly #length: number;
  readonly #split: Float32Array;
  readonly #dual: Float32Array;
  readonly #workspace: CgWorkspace<Float32Array>;
  readonly #rightSide: Float32Array;
  #anchor: Float32Array | undefined;

  /** `length` numbers per slice; `space` is the space of the whole volume, real or complex interleaved. */
  constructor(slices: readonly DdsSlice[], length: number, space: VectorSpace<Float32Array>, options: VolumeTvOptions) {
    this.#slices = slices;
    this.#space = space;
    this.#options = options;
    this.#length = length;
    this.#split = new Float32Array(slices.length * length);
    this.#dual = new Float32Array(slices.length * length);
    this.#workspace = cgWorkspace(space);
    this.#rightSide = new Float32Array(slices.length * length);
  }

  /**
   * volume ← data-consistent volume. `backProjected` is A*y per slice, one after the other. γ = ∞ leaves the proximal
   * term out. Returns the iterations of all solves and the residual of the last.
   */
  async makeConsistent(
    volume: Float32Array,
    backProjected: Float32Array,
    gamma: number,
    context: RunContext,
  ): Promise<SolveOutcome> {
    const attraction = gamma === Number.POSITIVE_INFINITY ? 0 : 1 / gamma;
    let anchor: Float32Array | undefined;
    if (attraction > 0) {
      anchor = this.#anchor ??= new Float32Array(volume.length);
      anchor.set(volume);
    }
    const system = (x: Float32Array, out?: Float32Array) => this.#system(x, out ?? this.#space.zeros(), attraction);
    const solve = { ...this.#options, workspace: this.#workspace };
    let iterations = 0;
    let residual = 0;
    for (let k = 0; k < this.#options.admmIterations; k++) {
      this.#setRightSide(backProjected, anchor, attraction);
      const outcome = await solveInPlace(system, this.#rightSide, volume, this.#space, solve, context);
      iterations += outcome.iterations;
      residual = outcome.residual;
      this.#updateSplit(volume);
    }
    return { iterations, residual };
  }

  /** rightSide ← A*y + ρ D*(w − u) + x̂0/γ. */
  #setRightSide(backProjected: Float32Array, anchor: Float32Array | undefined, attraction: number): void {
    const length = this.#length;
    const { rho, boundary } = this.#options;
    const w = this.#split;
    const u = this.#dual;
    const out = this.#rightSide;
    const last = w.length - length;
    const tie = boundary === 'periodic' ? 1 : 0;
    for (let i = 0; i < w.length; i++) {
      // D* takes what leaves a slice upward from what arrives from below.
      const leaving = i < last ? w[i] - u[i] : tie * (w[i] - u[i]);
      const below = i >= length ? i - length : last + i;
      const arriving = (i >= length ? 1 : tie) * (w[below] - u[below]);
      out[i] = backProjected[i] + rho * (arriving - leaving);
    }
    if (anchor) for (let i = 0; i < out.length; i++) out[i] += attraction * anchor[i];
  }

  /** (A*A + ρ D*D + I/γ) x. */
  #system(x: Float32Array, product: Float32Array, attraction: number): Float32Array {
    const length = this.#length;
    const { rho, boundary } = this.#options;
    const whole = this.#options.operator;
    if (whole) {
      const result = normal(whole, x, product);
      if (result !== product) product.set(result);
    }
    const single = whole ? [] : this.#slices;
    single.forEach((slice, z) => {
      const out = product.subarray(z * length, (z + 1) * length);
      const result = normal(slice.operator, x.subarray(z * length, (z + 1) * length), out);
      if (result !== out) out.set(result);
    });
    const last = x.length - length;
    const tie = boundary === 'periodic' ? 1 : 0;
    for (let i = 0; i < x.length; i++) {
      const up = i < last ? x[i + length] - x[i] : tie * (x[i - last] - x[i]);
      const down = i >= length ? x[i] - x[i - length] : tie * (x[i] - x[last + i]);
      product[i] += rho * (down - up) + attraction * x[i];
    }
    return product;
  }

  /** w ← shrink(D x + u, λ/ρ), u ← u + D x − w. */
  #updateSplit(x: Float32Array): void {
    const length = this.#length;
    const { rho, lambda, boundary, complex } = this.#options;
    const kappa = lambda / rho;
    const w = this.#split;
    const u = this.#dual;
    const last = x.length - length;
    const tie = boundary === 'periodic' ? 1 : 0;
    const parts = complex ? 2 : 1;
    for (let i = 0; i < x.length; i += parts) {
      const next = i < last ? i + length : i - last;
      const factor = i < last ? 1 : tie;
      const re = factor * (x[next] - x[i]) + u[i];
      const im = complex ? factor * (x[next + 1] - x[i + 1]) + u[i + 1] : 0;
      const modulus = complex ? Math.hypot(re, im) : Math.abs(re);
      const kept = modulus > kappa ? 1 - kappa / modulus : 0;
      w[i] = kept * re;
      u[i] = re - w[i];
      if (complex) {
        w[i + 1] = kept * im;
        u[i + 1] = im - w[i + 1];
      }
    }
  }
}
