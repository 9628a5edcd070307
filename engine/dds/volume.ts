/**
 * Data consistency of a whole volume [z, y, x] (scaled units) with anisotropic total variation along z: ADMM on
 *   ½‖A x − y‖² + λ‖D x‖₁   (+ (1/2γ)‖x − x̂0‖² when a weight γ is given),   (D v)[z] = v[z+1] − v[z],
 *   x ← CG on (A*A + ρ D*D + I/γ) x = A*y + ρ D*(w − u) + x̂0/γ, M iterations from x
 *   w ← shrink(D x + u, λ/ρ),  u ← u + D x − w
 * w and u are kept across sampling steps (warm start). Without γ, x̂0 enters only as the starting point. One system for the
 * whole volume. Chung, Lee, Ye 2024, algorithm for 3D; there z is periodic, here the last difference is zero unless
 * `periodic` is asked for. Complex volumes shrink by the modulus of the difference.
 *
 * A volume is the largest thing in memory, so one array stands for both w and u: with s = D x + u, w = shrink(s) and the new u
 * = s − w, hence w − u = 2 shrink(s) − s. D and D* are fused into the loops, the right side is built where CG keeps its
 * residual, and CG iterates on the caller's volume.
 */
import type { RunContext } from '../context.ts';
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
  /**
   * Take w and u from the estimate that comes in before x, w ← shrink(D x̂0 + u), u ← u + D x̂0 − w, instead of after it as
   * published. The published order holds D x to the step before, where x is not measured more than the new estimate does when
   * ρ > 1/γ: many steps from noise outgrow that, few from an image do not. Both have the same fixed point. Default false.
   */
  estimateFirst?: boolean;
  /** A over the whole volume, when it is faster than slice by slice. */
  operator?: LinearOperator<Float32Array, Float32Array>;
}

/**
 * The ADMM state of one volume. Four volumes are allocated once, five with a weight γ and several ADMM iterations; nothing
 * per step.
 */
export class VolumeTv {
  readonly #slices: readonly DdsSlice[];
  readonly #space: VectorSpace<Float32Array>;
  readonly #options: VolumeTvOptions;
  readonly #length: number;
  /** s = D x + u of the last update, from which w and u follow. */
  readonly #sum: Float32Array;
  /** CG's residual, and before its start the right side. */
  readonly #residual: Float32Array;
  readonly #direction: Float32Array;
  readonly #product: Float32Array;
  #anchor: Float32Array | undefined;

  /** `length` numbers per slice; `space` is the space of the whole volume, real or complex interleaved. */
  constructor(slices: readonly DdsSlice[], length: number, space: VectorSpace<Float32Array>, options: VolumeTvOptions) {
    const size = slices.length * length;
    this.#slices = slices;
    this.#space = space;
    this.#options = options;
    this.#length = length;
    this.#sum = new Float32Array(size);
    this.#residual = new Float32Array(size);
    this.#direction = new Float32Array(size);
    this.#product = new Float32Array(size);
  }

  /** All that is remembered from step to step, D x + u, [z, y, x]; to be saved and put back. */
  get state(): Float32Array {
    return this.#sum;
  }

  /** A volume that holds nothing between calls of `makeConsistent`. */
  get scratch(): Float32Array {
    return this.#product;
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
    const { admmIterations, estimateFirst = false } = this.#options;
    const attraction = gamma === Number.POSITIVE_INFINITY ? 0 : 1 / gamma;
    let anchor = volume;
    if (attraction > 0 && admmIterations > 1) {
      anchor = this.#anchor ??= new Float32Array(volume.length);
      anchor.set(volume);
    }
    const rightSide = this.#residual;
    const workspace = { x: volume, r: this.#residual, p: this.#direction, q: this.#product };
    const solve = { ...this.#options, workspace };
    const system = (x: Float32Array, out?: Float32Array) => this.#system(x, out ?? this.#space.zeros(), attraction);
    let iterations = 0;
    let residual = 0;
    for (let k = 0; k < admmIterations; k++) {
      if (estimateFirst) this.#updateSum(volume);
      this.#setRightSide(backProjected, anchor, attraction);
      const outcome = await solveInPlace(system, rightSide, volume, this.#space, solve, context);
      iterations += outcome.iterations;
      residual = outcome.residual;
      if (!estimateFirst) this.#updateSum(volume);
    }
    return { iterations, residual };
  }

  /** Offset of the slice above or below slice z, or −1 where the difference is zero by the boundary rule. */
  #neighbour(z: number, step: 1 | -1): number {
    const count = this.#slices.length;
    const other = z + step;
    if (other >= 0 && other < count) return other * this.#length;
    return this.#options.boundary === 'periodic' ? ((other + count) % count) * this.#length : -1;
  }

  /** right side ← A*y + ρ D*(w − u) + x̂0/γ, slice by slice. */
  #setRightSide(backProjected: Float32Array, anchor: Float32Array, attraction: number): void {
    const length = this.#length;
    const { rho, lambda, complex } = this.#options;
    const out = this.#residual;
    if (attraction > 0) for (let i = 0; i < out.length; i++) out[i] = backProjected[i] + attraction * anchor[i];
    else out.set(backProjected);
    const add = complex ? addSplitComplex : addSplitReal;
    for (let z = 0; z < this.#slices.length; z++) {
      // D* takes from a slice what leaves it upward and adds what arrives from below.
      const below = this.#neighbour(z, -1);
      if (this.#neighbour(z, 1) >= 0) add(this.#sum, z * length, out, z * length, length, -rho, lambda / rho);
      if (below >= 0) add(this.#sum, below, out, z * length, length, rho, lambda / rho);
    }
  }

  /** (A*A + ρ D*D + I/γ) x. */
  #system(x: Float32Array, product: Float32Array, attraction: number): Float32Array {
    const length = this.#length;
    const { rho, operator: whole } = this.#options;
    if (whole) {
      const result = normal(whole, x, product);
      if (result !== product) product.set(result);
    } else
      this.#slices.forEach((slice, z) => {
        const out = product.subarray(z * length, (z + 1) * length);
        const result = normal(slice.operator, x.subarray(z * length, (z + 1) * length), out);
        if (result !== out) out.set(result);
      });
    for (let z = 0; z < this.#slices.length; z++)
      addLaplacian(x, product, z * length, this.#neighbour(z, -1), this.#neighbour(z, 1), length, rho, attraction);
    return product;
  }

  /** s ← D x + u with u = s − shrink(s, λ/ρ), so that w and u move on together. */
  #updateSum(x: Float32Array): void {
    const length = this.#length;
    const { rho, lambda, complex } = this.#options;
    const update = complex ? updateSumComplex : updateSumReal;
    for (let z = 0; z < this.#slices.length; z++)
      update(this.#sum, x, z * length, this.#neighbour(z, 1), length, lambda / rho);
  }
}

/** product += ρ D*D x + x·attraction on one slice. */
function addLaplacian(
  x: Float32Array,
  product: Float32Array,
  at: number,
  below: number,
  above: number,
  length: number,
  rho: number,
  attraction: number,
): void {
  const own = (below < 0 ? 0 : rho) + (above < 0 ? 0 : rho) + attraction;
  if (below < 0 || above < 0) {
    const other = below >= 0 ? below : above;
    if (other < 0) for (let i = 0; i < length; i++) product[at + i] += own * x[at + i];
    else for (let i = 0; i < length; i++) product[at + i] += own * x[at + i] - rho * x[other + i];
    return;
  }
  for (let i = 0; i < length; i++) product[at + i] += own * x[at + i] - rho * (x[below + i] + x[above + i]);
}

/** out[to …] += weight·(w − u)[from …] = weight·(2 shrink(s, κ) − s). */
function addSplitReal(
  s: Float32Array,
  from: number,
  out: Float32Array,
  to: number,
  length: number,
  weight: number,
  kappa: number,
): void {
  // shrink(s, κ) = s − clamp(s, ±κ), hence 2 shrink(s) − s = s − 2 clamp(s).
  for (let i = 0; i < length; i++) {
    const value = s[from + i];
    out[to + i] += weight * (value - 2 * Math.max(-kappa, Math.min(kappa, value)));
  }
}

function addSplitComplex(
  s: Float32Array,
  from: number,
  out: Float32Array,
  to: number,
  length: number,
  weight: number,
  kappa: number,
): void {
  for (let i = 0; i < length; i += 2) {
    const re = s[from + i];
    const im = s[from + i + 1];
    const modulus = Math.sqrt(re * re + im * im);
    const factor = weight * (modulus > kappa ? 1 - (2 * kappa) / modulus : -1);
    out[to + i] += factor * re;
    out[to + i + 1] += factor * im;
  }
}

/** s ← D x + (s − shrink(s, κ)) on one slice; the difference is zero where there is no slice above. */
function updateSumReal(
  s: Float32Array,
  x: Float32Array,
  at: number,
  above: number,
  length: number,
  kappa: number,
): void {
  if (above < 0) {
    s.fill(0, at, at + length);
    return;
  }
  for (let i = 0; i < length; i++) s[at + i] = x[above + i] - x[at + i] + Math.max(-kappa, Math.min(kappa, s[at + i]));
}

function updateSumComplex(
  s: Float32Array,
  x: Float32Array,
  at: number,
  above: number,
  length: number,
  kappa: number,
): void {
  if (above < 0) {
    s.fill(0, at, at + length);
    return;
  }
  for (let i = 0; i < length; i += 2) {
    const re = s[at + i];
    const im = s[at + i + 1];
    const modulus = Math.sqrt(re * re + im * im);
    const share = modulus > kappa ? kappa / modulus : 1;
    s[at + i] = x[above + i] - x[at + i] + share * re;
    s[at + i + 1] = x[above + i + 1] - x[at + i + 1] + share * im;
  }
}
