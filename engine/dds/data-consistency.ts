/**
 * Data consistency of one denoised image x̂0 (operator layout [y, x], scaled units), each by M steps of CG from x̂0:
 *   noiseless   A*A x = A*y: the nearest least-squares solution as M grows
 *   proximal    (I + γ A*A) x = x̂0 + γ A*y, the minimiser of ½‖x − x̂0‖² + (γ/2)‖A x − y‖²
 *   posterior   proximal with γ = r_t²/σ_y²: E[x_0 | x_t, y] for a Gaussian prior
 *   none        x̂0
 * With one variance per value, R = diag(r²), the posterior system is solved in u = R^{−½} x:
 * (I + R^½ A*A R^½/σ_y²) u = R^{−½} x̂0 + R^½ A*y/σ_y².
 * Chung, Lee, Ye 2024, eq. 13 ff.; the published code conjugates nothing and mixes channels, this does neither.
 */
import type { RunContext } from '../context.ts';
import type { CgWorkspace } from '../linear/cg.ts';
import { cgWorkspace } from '../linear/cg.ts';
import { normal } from '../linear/operator.ts';
import type { VectorSpace } from '../linear/space.ts';
import type { SolveOptions, SolveOutcome } from './normal-solve.ts';
import { noSolve, solveInPlace } from './normal-solve.ts';
import type { DdsSlice } from './problem.ts';

/** What a step asks for: the weight of the data, ∞ = noiseless, 0 = ignore them. */
export interface ConsistencyRequest {
  gamma: number;
  /** r² per value of the image; then γ is 1/σ_y². */
  variances?: Float32Array;
}

/** Scratch of one image size, shared by all slices. */
export interface ConsistencyScratch {
  rightSide: Float32Array;
  root: Float32Array;
  stretched: Float32Array;
  workspace: CgWorkspace<Float32Array>;
}

/** `weighted` = with the buffers per-value variances need. */
export function consistencyScratch(space: VectorSpace<Float32Array>, weighted: boolean): ConsistencyScratch {
  const none = new Float32Array(0);
  return {
    rightSide: space.zeros(),
    root: weighted ? space.zeros() : none,
    stretched: weighted ? space.zeros() : none,
    workspace: cgWorkspace(space),
  };
}

export interface SliceConsistencyOptions extends SolveOptions {
  /** A*y in scaled units. */
  backProjected: Float32Array;
  measurementScale: number;
}

/** image ← data-consistent image. */
export async function makeConsistent(
  slice: DdsSlice,
  image: Float32Array,
  request: ConsistencyRequest,
  options: SliceConsistencyOptions,
  scratch: ConsistencyScratch,
  context: RunContext,
): Promise<SolveOutcome> {
  if (request.gamma === 0) return noSolve;
  if (request.variances) return weighted(slice, image, request.gamma, request.variances, options, scratch, context);
  if (slice.closedForm) {
    slice.closedForm(image, options.measurementScale, request.gamma);
    return { iterations: 1, residual: 0 };
  }
  const { operator } = slice;
  const { backProjected } = options;
  const solve = { ...options, workspace: scratch.workspace };
  if (request.gamma === Number.POSITIVE_INFINITY)
    return solveInPlace((x, out) => normal(operator, x, out), backProjected, image, operator.domain, solve, context);
  const { gamma } = request;
  const { rightSide } = scratch;
  for (let i = 0; i < image.length; i++) rightSide[i] = image[i] + gamma * backProjected[i];
  const system = (x: Float32Array, out?: Float32Array) => {
    const product = normal(operator, x, out);
    for (let i = 0; i < x.length; i++) product[i] = x[i] + gamma * product[i];
    return product;
  };
  return solveInPlace(system, rightSide, image, operator.domain, solve, context);
}

async function weighted(
  slice: DdsSlice,
  image: Float32Array,
  precision: number,
  variances: Float32Array,
  options: SliceConsistencyOptions,
  scratch: ConsistencyScratch,
  context: RunContext,
): Promise<SolveOutcome> {
  const { operator } = slice;
  const { rightSide, root, stretched } = scratch;
  for (let i = 0; i < image.length; i++) {
    root[i] = Math.sqrt(variances[i]);
    rightSide[i] = image[i] / root[i] + precision * root[i] * options.backProjected[i];
    image[i] /= root[i];
  }
  const system = (u: Float32Array, out?: Float32Array) => {
    for (let i = 0; i < u.length; i++) stretched[i] = root[i] * u[i];
    const product = normal(operator, stretched, out);
    for (let i = 0; i < u.length; i++) product[i] = u[i] + precision * root[i] * product[i];
    return product;
  };
  const solve = { ...options, workspace: scratch.workspace };
  const outcome = await solveInPlace(system, rightSide, image, operator.domain, solve, context);
  for (let i = 0; i < image.length; i++) image[i] *= root[i];
  return outcome;
}
