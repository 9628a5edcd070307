/** The diffusion time at the knee of the heat kernel's entropy S(t) = −Σ H_ij log(H_ij + 1e-10). */
import { type RunContext, subContext } from '../../context.ts';
import { coefficientsOf, functionColumns } from './chebyshev.ts';
import type { Warnings } from './heat-error.ts';
import { type HeatOperator, halfSpectrum, heatKernel } from './heat-kernel.ts';
import type { HeatParameters } from './manifest.ts';

/** 10 values from 0.05 to 50. */
export const triedTimes: readonly number[] = Array.from({ length: 10 }, (_, i) => 0.05 + (i * (50 - 0.05)) / 9);

export interface EntropyCurve {
  tau: number[];
  entropy: number[];
}

/** −Σ h log(h + 1e-10); negative rounding counts as zero. */
export function entropyOf(values: Float64Array): number {
  let sum = 0;
  for (const h of values) if (h > 0) sum -= h * Math.log(h + 1e-10);
  return sum;
}

/**
 * S at every time. One Chebyshev recurrence serves all of them, whichever the kernel; where its order is too high for that,
 * each kernel is formed on its own.
 */
export async function entropyCurve(
  operator: HeatOperator,
  times: readonly number[],
  parameters: Pick<HeatParameters, 'kernel' | 'steps'>,
  context: RunContext,
): Promise<EntropyCurve> {
  const n = operator.matrix.rows;
  const { kernel, steps } = parameters;
  const entropy = new Array<number>(times.length).fill(0);
  const functions = times.map((t) =>
    coefficientsOf(
      kernel === 'euler' ? (lambda) => (1 + (t * lambda) / steps) ** -steps : (lambda) => Math.exp(-t * lambda),
      halfSpectrum(operator),
    ),
  );
  const order = Math.max(...functions.map((coefficients) => coefficients?.length ?? Number.POSITIVE_INFINITY));
  const nonzeros = operator.matrix.value.length;
  // Against about four products of n³ multiplications a time, each three times as fast.
  if (order * (nonzeros + times.length * n) < 1.3 * times.length * n * n) {
    const visit = (blocks: readonly Float64Array[]) => {
      for (const [m, block] of blocks.entries()) entropy[m] += entropyOf(block);
    };
    await functionColumns(
      operator.matrix,
      halfSpectrum(operator),
      functions.filter((coefficients) => coefficients !== undefined),
      visit,
      context,
    );
  } else
    for (const [m, t] of times.entries()) {
      const part = subContext(context, m / times.length, (m + 1) / times.length);
      entropy[m] = entropyOf((await heatKernel(operator, t, parameters, part)).values);
    }
  return { tau: [...times], entropy };
}

/** Time of the largest S − t, both scaled to [0, 1]; the middle one, with a warning, where S is flat. */
export function kneeOf({ tau, entropy }: EntropyCurve, n: number, warnings: Warnings): number {
  const [low, high] = [Math.min(...entropy), Math.max(...entropy)];
  // Entries are known to 1e-12, and −h log(h + 1e-10) rises by 23 h next to 0.
  const noise = Math.max(1e-9, 23e-12 * n * n);
  if (!(high - low >= noise)) {
    const middle = tau[Math.floor(tau.length / 2)];
    warnings.push({
      code: 'entropy-flat',
      message: `the entropy hardly changes between the times tried; tau ${middle} is the middle one`,
      value: middle,
    });
    return middle;
  }
  const span = tau[tau.length - 1] - tau[0];
  let best = 0;
  const above = tau.map((t, m) => (entropy[m] - low) / (high - low) - (t - tau[0]) / span);
  for (const [m, value] of above.entries()) if (value > above[best]) best = m;
  return tau[best];
}
