/**
 * What the measurement determines and what the prior supplied. An image x̂ is split by conjugate gradients on A*A, started
 * at zero so that every iterate stays in the range of A*:
 *   supported = (A*A + αI)⁻¹ A*A x̂,   invented = x̂ − supported,
 *   fraction  = |invented|/(|supported| + |invented|) ∈ [0, 1] per pixel   (0 where both vanish).
 * (The null-space share |x̂ − A⁺A x̂|/|x̂| is not used: it exceeds 1 where the parts cancel.)
 *
 * For α → 0 `supported` is A⁺A x̂, the part in the range of A*. Real systems have directions that are measured, but so
 * weakly that noise drowns them; they must count as the prior's. An eigen-direction of A*A with value μ is supported by the
 * share μ/(μ+α): with known noise α = σ_y²/v, the posterior weight of the data against a prior of variance v per real
 * component; without, α = (0.03)² λ_max(A*A), so directions below 3 % of the largest singular value count as unmeasured.
 */
import type { RunContext } from '../context.ts';
import type { LinearOperator } from '../linear/operator.ts';
import { normal } from '../linear/operator.ts';
import { largestEigenvalue } from '../linear/power-method.ts';
import { solveInPlace } from './normal-solve.ts';

export interface EvidenceOptions {
  /** Image is complex interleaved. */
  complex: boolean;
  /** Noise per real component of a measured value and prior variance per real component, in the same units. */
  noise?: { sigmaY: number; priorVariance: number };
  /** α itself, in units of A*A; wins over `noise`. */
  regularisation?: number;
  /** Most CG iterations (default 60) and the relative residual that ends them (default 1e-4). */
  iterations?: number;
  tolerance?: number;
}

export interface Evidence {
  /** Fraction supplied by the prior, [y, x] (or [slices, y, x] for an operator on a volume). */
  fraction: Float32Array;
  /** The part the measurement determines, layout of the image. */
  supported: Float32Array;
  /** ‖invented‖²/‖x̂‖². */
  inventedEnergy: number;
  regularisation: number;
  iterations: number;
  /** CG's relative residual at the end; above the tolerance the split is still smoothed by early stopping. */
  residual: number;
}

const leastSingularShare = 0.03;

/** Splits an image. Throws `numerical` when CG leaves the finite numbers, `cancelled`. */
export async function evidence(
  operator: LinearOperator<Float32Array, Float32Array>,
  image: Float32Array,
  options: EvidenceOptions,
  context: RunContext,
): Promise<Evidence> {
  const alpha = options.regularisation ?? (await regularisationOf(operator, options));
  const rightSide = normal(operator, image).slice();
  const supported = operator.domain.zeros();
  const outcome = await solveInPlace(
    (x, out) => {
      const product = normal(operator, x, out);
      for (let i = 0; i < x.length; i++) product[i] += alpha * x[i];
      return product;
    },
    rightSide,
    supported,
    operator.domain,
    { iterations: options.iterations ?? 60, tolerance: options.tolerance ?? 1e-4 },
    context,
  );
  const { fraction, inventedEnergy } = shares(image, supported, options.complex);
  return { fraction, supported, inventedEnergy, regularisation: alpha, ...outcome };
}

async function regularisationOf(
  operator: LinearOperator<Float32Array, Float32Array>,
  { noise }: EvidenceOptions,
): Promise<number> {
  if (noise && noise.sigmaY > 0 && noise.priorVariance > 0) return noise.sigmaY ** 2 / noise.priorVariance;
  return leastSingularShare ** 2 * (await largestEigenvalue(operator, 0, { iterations: 20, tolerance: 1e-2 }));
}

function shares(image: Float32Array, supported: Float32Array, complex: boolean) {
  const parts = complex ? 2 : 1;
  const fraction = new Float32Array(image.length / parts);
  let invented = 0;
  let total = 0;
  for (let pixel = 0; pixel < fraction.length; pixel++) {
    let prior = 0;
    let data = 0;
    for (let i = pixel * parts; i < (pixel + 1) * parts; i++) {
      prior += (image[i] - supported[i]) ** 2;
      data += supported[i] ** 2;
      total += image[i] ** 2;
    }
    invented += prior;
    const sum = Math.sqrt(prior) + Math.sqrt(data);
    fraction[pixel] = sum > 0 ? Math.sqrt(prior) / sum : 0;
  }
  return { fraction, inventedEnergy: total > 0 ? invented / total : 0 };
}
