/** The two ways from the data-consistent image at level t to the state at level s, on planes, coefficients of renoise.ts. */
import type { StepCoefficients } from './renoise.ts';

export interface FirstOrderOptions {
  rederive: boolean;
  /** 0 where there is no previous estimate. */
  momentum: number;
}

/**
 * First order: state ← signal·(x̂0′ + momentum·(x̂0′ − previous x̂0′)) + kept·ε + fresh·z, with ε the predicted noise, or
 * with `rederive` the noise that x̂0′ leaves in the state. `fresh` may be empty when no noise is added, `previous` when
 * there is no momentum.
 */
export function advanceFirstOrder(
  state: Float32Array,
  estimate: Float32Array,
  noise: Float32Array,
  fresh: Float32Array,
  previous: Float32Array,
  { rederive, momentum }: FirstOrderOptions,
  c: StepCoefficients,
): void {
  const added = fresh.length > 0 ? c.fresh : 0;
  const pushed = previous.length > 0 ? momentum : 0;
  for (let j = 0; j < state.length; j++) {
    const kept = rederive ? (state[j] - c.stateSignal * estimate[j]) / c.stateNoise : noise[j];
    const estimated = pushed !== 0 ? estimate[j] + pushed * (estimate[j] - previous[j]) : estimate[j];
    const value = c.signal * estimated + c.kept * kept;
    state[j] = added > 0 ? value + added * fresh[j] : value;
  }
}

/** Second order multistep: state ← carry·state + push·(x̂0′ + weight·(x̂0′ − previous x̂0′)). */
export function advanceMultistep(
  state: Float32Array,
  estimate: Float32Array,
  previous: Float32Array,
  weight: number,
  c: StepCoefficients,
): void {
  if (weight === 0) {
    for (let j = 0; j < state.length; j++) state[j] = c.carry * state[j] + c.push * estimate[j];
    return;
  }
  for (let j = 0; j < state.length; j++)
    state[j] = c.carry * state[j] + c.push * (estimate[j] + weight * (estimate[j] - previous[j]));
}
