/**
 * Conjugate gradients on the normal equations of one data-consistency step, as few iterations as asked, warm-started
 * at the denoised image (Chung, Lee, Ye 2024, §3). Scalars in float64, vectors in float32. The outcome keeps what the
 * residual curve reports.
 */
import type { RunContext } from '../context.ts';
import type { CgWorkspace } from '../linear/cg.ts';
import { cg } from '../linear/cg.ts';
import type { VectorSpace } from '../linear/space.ts';

export interface SolveOutcome {
  iterations: number;
  /** ‖b − Bx‖/‖b‖ at the end, by CG's own recursion. */
  residual: number;
}

export interface SolveOptions {
  iterations: number;
  tolerance: number;
  /** Vectors used again from solve to solve. */
  workspace?: CgWorkspace<Float32Array>;
}

export const noSolve: SolveOutcome = { iterations: 0, residual: 0 };

/** image ← M iterations of CG on B x = b from image. `system(x, out)` returns B x in `out`. */
export async function solveInPlace(
  system: (x: Float32Array, out?: Float32Array) => Float32Array,
  rightSide: Float32Array,
  image: Float32Array,
  space: VectorSpace<Float32Array>,
  options: SolveOptions,
  context: RunContext,
): Promise<SolveOutcome> {
  if (options.iterations === 0) return noSolve;
  const result = await cg(system, rightSide, image, space, options, context);
  image.set(result.x);
  return { iterations: result.iterations, residual: result.residuals.at(-1) ?? 0 };
}
