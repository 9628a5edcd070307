/** A discrete transport problem and the errors of the module's specification. */
import { EngineError, type ErrorCode } from '../../errors.ts';

/** float64 throughout: float32 cannot reach 1e-9. */
export interface TransportProblem {
  /** Source and target weights, positive, each of sum 1. */
  r: Float64Array;
  c: Float64Array;
  /** [n, m] row-major, as used: original cost divided by `costScale`. */
  cost: Float64Array;
  costScale: number;
  /** Inverse regularisation, in 1/cost as used. */
  eta: number;
}

/** Most entries of a plan: 2.5e7, 200 MB in float64. */
export const largestPlan = 2.5e7;

const codes = {
  E_INPUT_VALUE: 'bad-input',
  E_ZERO_MASS: 'bad-input',
  E_ZERO_RANGE: 'bad-input',
  E_SHAPE: 'mismatch',
  E_INPUT_AMBIGUOUS: 'bad-usage',
  E_INPUT_MISSING: 'bad-usage',
  E_PARAM: 'bad-usage',
  E_TOO_LARGE: 'resource',
} as const satisfies Record<string, ErrorCode>;

/** An error whose message begins with the specification's own code. */
export function transportError(code: keyof typeof codes, message: string, path?: string, hint?: string): EngineError {
  return new EngineError(codes[code], `${code}: ${message}`, {
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Throws E_TOO_LARGE before anything of that size is allocated. */
export function checkPlanSize(n: number, m: number): void {
  if (n * m <= largestPlan) return;
  const gib = (3 * 8 * n * m) / 2 ** 30;
  throw transportError(
    'E_TOO_LARGE',
    `a plan of ${n} × ${m} has ${n * m} entries, at most ${largestPlan} are possible; it would need ${gib.toFixed(1)} GiB`,
    undefined,
    'Use fewer points, or a coarser grid.',
  );
}

/** Throws E_INPUT_VALUE at the first value that is negative or not finite. */
export function checkValues(values: ArrayLike<number>, name: string): void {
  for (let i = 0; i < values.length; i++)
    if (!(values[i] >= 0) || values[i] === Number.POSITIVE_INFINITY)
      throw transportError(
        'E_INPUT_VALUE',
        `${name} holds ${values[i]} at index ${i}; expected a finite number from 0`,
        name,
      );
}

/** Weights of sum 1. Adds to `warnings` when the sum was off by more than 1e-6. Throws E_ZERO_MASS. */
export function normalised(
  weights: ArrayLike<number>,
  name: string,
  warnings: { code: string; message: string; value?: number }[],
): Float64Array {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i];
  if (!(sum > 0)) throw transportError('E_ZERO_MASS', `${name} has no mass`, name);
  if (Math.abs(sum - 1) > 1e-6)
    warnings.push({
      code: 'weights-normalised',
      message: `${name} summed to ${sum} and was divided by it`,
      value: sum,
    });
  return Float64Array.from(weights, (weight) => weight / sum);
}
