/**
 * Adam: steps of a size of their own for every parameter, from running means of its gradient and of the gradient's square,
 *   m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  x ← x − rate · (m/(1 − β₁ᵏ)) / (√(v/(1 − β₂ᵏ)) + ε)
 * in step k = 1, 2, …. D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
 * float64. A parameter whose gradient was always exactly zero does not move, and costs next to nothing.
 */
import { check, EngineError } from '../errors.ts';

export interface AdamOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
}

export interface Adam {
  /**
   * One step on `parameters` in place. Both arrays have the size given at the start. Throws `numerical`, before anything
   * is changed, naming the index of a gradient that is not finite.
   */
  step(parameters: Float64Array, gradient: Float64Array, rate: number): void;
  /** Steps taken. */
  readonly steps: number;
}

/** State for `size` parameters. Throws `bad-usage` for a β outside [0, 1) or an ε that is not positive. */
export function createAdam(size: number, options: AdamOptions = {}): Adam {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  for (const [name, value] of Object.entries({ beta1, beta2 }))
    check(value >= 0 && value < 1, () => `${name} must be in [0, 1), found ${value}`, {
      code: 'bad-usage',
      path: name,
    });
  check(epsilon > 0, () => `epsilon must be positive, found ${epsilon}`, { code: 'bad-usage', path: 'epsilon' });
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  let steps = 0;
  return {
    get steps() {
      return steps;
    },
    step(parameters, gradient, rate) {
      check(
        parameters.length === size && gradient.length === size,
        () => `expected ${size} parameters and gradients, found ${parameters.length} and ${gradient.length}`,
        { code: 'mismatch' },
      );
      for (let i = 0; i < size; i++)
        if (!Number.isFinite(gradient[i]))
          throw new EngineError('numerical', `Adam: the gradient is ${gradient[i]} at index ${i} in step ${steps + 1}`);
      steps++;
      const meanScale = 1 / (1 - beta1 ** steps);
      const squareScale = 1 / (1 - beta2 ** steps);
      for (let i = 0; i < size; i++) {
        const g = gradient[i];
        if (g === 0 && square[i] === 0) continue;
        const m = (mean[i] = beta1 * mean[i] + (1 - beta1) * g);
        const v = (square[i] = beta2 * square[i] + (1 - beta2) * g * g);
        parameters[i] -= (rate * m * meanScale) / (Math.sqrt(v * squareScale) + epsilon);
      }
    },
  };
}
