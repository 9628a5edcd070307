/**
 * Which way an image of the training's kind is turned. One weight vector w scores every turn, and the four quarter turns
 * compete:  p(q | x) = exp(w·T_q f) / Σ_r exp(w·T_r f),  where f are the features of the image as it lies and T_q those
 * of the image turned back by q, so that a turned image gets the same answer, turned. w is symmetric under the
 * left-right mirror: bodies are nearly so, and mirrored display is a convention, so mirror images are not told apart.
 */
import { turnFeatures } from './dihedral.ts';
import { featureCount } from './layout-features.ts';

export type Quarter = 0 | 1 | 2 | 3;
const quarters: readonly Quarter[] = [0, 1, 2, 3];

const epochs = 200;
const rate = 0.02;
const weightDecay = 0.02;

/** Features after the turn that undoes `quarter` counter-clockwise quarter turns. */
export function turnedBack(features: Float32Array, quarter: Quarter): Float32Array {
  return turnFeatures(features, { quarter: ((4 - quarter) % 4) as Quarter, mirrored: false });
}

/** Σ w f for the image turned back by each quarter: the larger, the likelier the image was turned that far. */
export function orientationScores(weights: Float32Array, features: Float32Array): number[] {
  return quarters.map((quarter) => {
    const turned = turnedBack(features, quarter);
    let sum = 0;
    for (let j = 0; j < turned.length; j++) sum += weights[j] * turned[j];
    return sum;
  });
}

/** Logarithms of softmax. */
export function logProbabilities(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
  return scores.map((score) => score - largest - Math.log(sum));
}

/**
 * w by maximum likelihood with a Gaussian prior, by Adam over all examples (D. P. Kingma, J. Ba, 2015), on features of
 * upright images divided by `spread`; returned for features as they are.
 */
export function fitOrientation(upright: readonly Float32Array[], spread: Float32Array): Float32Array {
  const n = featureCount;
  const examples = upright.map((features) =>
    quarters.map((quarter) => turnFeatures(features, { quarter, mirrored: false }).map((v, j) => v / spread[j])),
  );
  const weights = new Float64Array(n);
  const first = new Float64Array(n);
  const second = new Float64Array(n);
  const gradient = new Float64Array(n);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (let j = 0; j < n; j++) gradient[j] = weightDecay * weights[j];
    for (const turned of examples) {
      const scores = turned.map((x) => {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += weights[j] * x[j];
        return sum;
      });
      logProbabilities(scores).forEach((log, q) => {
        const c = (Math.exp(log) - (q === 0 ? 1 : 0)) / examples.length;
        const x = turned[q];
        for (let j = 0; j < n; j++) gradient[j] += c * x[j];
      });
    }
    for (let j = 0; j < n; j++) {
      first[j] = 0.9 * first[j] + 0.1 * gradient[j];
      second[j] = 0.99 * second[j] + 0.01 * gradient[j] ** 2;
      const step = first[j] / (1 - 0.9 ** epoch) / (Math.sqrt(second[j] / (1 - 0.99 ** epoch)) + 1e-8);
      weights[j] -= rate * step;
    }
  }
  const plain = Float32Array.from(weights, (w, j) => w / spread[j]);
  const mirrored = turnFeatures(plain, { quarter: 0, mirrored: true });
  return plain.map((w, j) => 0.5 * (w + mirrored[j]));
}
