/** Hyperparameters of the spectral kernel by likelihood: L-BFGS on their logarithms, from the start and once from κ = 50. */
import { checkpoint, type RunContext } from '../../context.ts';
import { EngineError } from '../../errors.ts';
import { lbfgs } from '../../linear/lbfgs.ts';
import { type Posterior, type RegressionData, regress } from './regression.ts';
import { type Hyperparameters, type KernelKind, spectralWeights } from './spectral-kernel.ts';

const names = ['nu', 'kappa', 'signal', 'noise'] as const;
const boxes = { nu: [0.01, 50], kappa: [0.01, 1000], signal: [1e-4, 1e4], noise: [1e-6, 10] } as const;

export interface SpectralData extends RegressionData {
  /** λ [n_e]. */
  values: Float64Array;
  /** Nd: rows of the encoding of all nodes. */
  encodingRows: number;
}

export function posteriorOf(data: SpectralData, kind: KernelKind, at: Hyperparameters): Posterior {
  return regress(data, spectralWeights(data.values, data.encodingRows, kind, at).weights, at.noise);
}

/** Data are in units in which observations have a root mean square of 1. The start is moved into the boxes. */
export async function fitHyperparameters(
  data: SpectralData,
  kind: KernelKind,
  start: Hyperparameters,
  context: RunContext,
): Promise<Hyperparameters> {
  const read = (x: ArrayLike<number>): Hyperparameters => {
    const [nu, kappa, signal, noise] = Array.from(x, Math.exp);
    return { nu, kappa, signal, noise };
  };
  const objective = (x: Float64Array, gradient: Float64Array) => {
    const at = read(x);
    const { weights, byNu, byKappa } = spectralWeights(data.values, data.encodingRows, kind, at);
    let posterior: Posterior;
    try {
      posterior = regress(data, weights, at.noise);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'numerical') return Number.POSITIVE_INFINITY;
      throw error;
    }
    gradient.fill(0);
    for (let l = 0; l < weights.length; l++) {
      gradient[0] += posterior.byWeight[l] * byNu[l];
      gradient[1] += posterior.byWeight[l] * byKappa[l];
      gradient[2] += posterior.byWeight[l];
    }
    gradient[3] = posterior.byNoise;
    return posterior.loss;
  };
  const options = {
    lower: names.map((name) => Math.log(boxes[name][0])),
    upper: names.map((name) => Math.log(boxes[name][1])),
    onIteration: () => checkpoint(context),
  };
  let best: { value: number; x: Float64Array } | undefined;
  for (const kappa of [start.kappa, 50]) {
    const from = names.map((name) => Math.log(name === 'kappa' ? kappa : start[name]));
    const found = await lbfgs(objective, from, options);
    if (best === undefined || found.value < best.value) best = found;
  }
  return read(best?.x ?? []);
}
