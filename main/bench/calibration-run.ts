/**
 * Does the reported spread tell how wrong the image is? Over the pixels of the object (reference above 5 % of its maximum):
 *
 *   component  share of real and imaginary parts of the error within k·s of the mean, s = std/√2
 *   magnitude  share of | |mean| − reference | within k·s, as in the report of a reconstruction
 *   own        the same with s the standard deviation of the samples' magnitudes
 *   widening   what s of the magnitude must be multiplied by to cover, within 1, 2, 3 s, what a perfect sampler would
 *   ratio      root mean square error per component over root mean square s·√(1+1/K)
 *
 * for k = 1, 2, 3. With K samples even a perfect sampler does not cover the normal shares: mean and s are themselves
 * estimated. Truth, samples normal and independent: error/(s√(1+1/K)) follows Student's t with 2(K−1) degrees of
 * freedom (both components share s), whose shares stand in the column `perfect`.
 */

import { ndarray } from '../../engine/arrays/ndarray.ts';
import { mean, quantile } from '../../engine/arrays/statistics.ts';
import { checkpoint, type RunContext } from '../../engine/context.ts';
import { spreadOf } from '../../engine/dds/ensemble.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { psnr } from '../../engine/recon/metrics.ts';
import { runDds } from '../../engine/recon/run-dds.ts';
import type { SceneGroup, TrueScene } from './steps-scenes.ts';

/** Shares of a normal distribution within 1, 2, 3 standard deviations. */
export const normalShares = [0.6827, 0.9545, 0.9973] as const;
const objectLevel = 0.05;

export interface Coverage {
  /** Within 1, 2, 3 s. */
  component: number[];
  magnitude: number[];
  own: number[];
}

export interface CalibrationRow {
  label: string;
  samples: number;
  evaluations: number;
  /** What the reported spread is multiplied by (`spreadFactor`). */
  factor: number;
  /** Mean over scenes, dB: the mean of the samples, and the first sample. */
  psnr: { mean: number; sample: number };
  coverage: Coverage;
  perfect: number[];
  widening: number[];
  /** Root mean square error over the spread that should explain it; 1 is calibrated, above 1 the spread is too narrow. */
  ratio: number;
  /** Share of the squared error that a different sample would not have changed: bias common to all samples. */
  commonShare: number;
}

export interface CalibrationSetting {
  label: string;
  input: DdsInput;
}

interface Tally {
  pixels: number;
  component: number[];
  magnitude: number[];
  own: number[];
  /** Magnitude error over s, every pixel. */
  distances: number[];
  error: number;
  spread: number;
}

export async function runCalibration(
  { scenes }: SceneGroup,
  { label, input }: CalibrationSetting,
  prior: Prior,
  context: RunContext,
): Promise<CalibrationRow> {
  const tally: Tally = {
    pixels: 0,
    component: [0, 0, 0],
    magnitude: [0, 0, 0],
    own: [0, 0, 0],
    distances: [],
    error: 0,
    spread: 0,
  };
  const means: number[] = [];
  const firsts: number[] = [];
  let evaluations = 0;
  let samples = 0;
  let factor = 1;
  for (const [z, scene] of scenes.entries()) {
    await checkpoint(context);
    const { result, std, parameters } = await runDds([scene.slice], prior, input, [z], context);
    samples = result.samples.length;
    factor = parameters.spreadFactor;
    evaluations = result.nfe * samples;
    const judge = (image: Float32Array) => psnr(ndarray('complex64', scene.reference.shape, image), scene.reference);
    means.push(judge(result.image));
    firsts.push(judge(result.samples[0]));
    const spread = std?.data ?? new Float32Array(scene.reference.data.length);
    addScene(tally, scene, result.image, spread, magnitudeSpread(result.samples, parameters.spreadFactor));
  }
  const { pixels } = tally;
  const finite = 1 + 1 / samples;
  const perfect = [1, 2, 3].map((k) => studentShare(k / Math.sqrt(finite), 2 * (samples - 1)));
  return {
    ...{ label, samples, evaluations, factor },
    psnr: { mean: mean(Float64Array.from(means)), sample: mean(Float64Array.from(firsts)) },
    coverage: {
      component: tally.component.map((inside) => inside / (2 * pixels)),
      magnitude: tally.magnitude.map((inside) => inside / pixels),
      own: tally.own.map((inside) => inside / pixels),
    },
    perfect,
    widening: perfect.map((share, k) => quantile(Float64Array.from(tally.distances), share) / (k + 1)),
    ratio: Math.sqrt(tally.error / (tally.spread * finite)),
    commonShare: Math.max(0, 1 - (tally.spread * finite) / (tally.error * factor * factor)),
  };
}

/** Standard deviation of |x| over samples, [y, x], divisor N−1, times the factor of the reported spread. */
function magnitudeSpread(samples: readonly Float32Array[], factor: number): Float32Array {
  const sizes = samples.map((image) =>
    Float32Array.from({ length: image.length / 2 }, (_, i) => Math.hypot(image[2 * i], image[2 * i + 1])),
  );
  return spreadOf(sizes, false, factor);
}

function addScene(
  tally: Tally,
  { truth, reference }: TrueScene,
  image: Float32Array,
  std: Float32Array,
  own: Float32Array,
): void {
  const peak = reference.data.reduce((most, value) => Math.max(most, value), 0);
  for (let i = 0; i < reference.data.length; i++) {
    if (reference.data[i] < objectLevel * peak) continue;
    const spread = std[i] * Math.SQRT1_2;
    const re = image[2 * i] - truth.data[2 * i];
    const im = image[2 * i + 1] - truth.data[2 * i + 1];
    const along = Math.abs(Math.hypot(image[2 * i], image[2 * i + 1]) - reference.data[i]);
    tally.pixels++;
    tally.distances.push(spread > 0 ? along / spread : along > 0 ? Number.POSITIVE_INFINITY : 0);
    // Summed over both components; the spread counts once for each.
    tally.error += re * re + im * im;
    tally.spread += 2 * spread * spread;
    for (let k = 0; k < 3; k++) {
      const width = (k + 1) * spread;
      tally.component[k] += Number(Math.abs(re) <= width) + Number(Math.abs(im) <= width);
      tally.magnitude[k] += Number(along <= width);
      tally.own[k] += Number(along <= (k + 1) * own[i]);
    }
  }
}

/**
 * P(|T| ≤ t) for Student's t with an even number ν of degrees of freedom: sin θ · Σ_{j<ν/2} c_j cos^{2j} θ with
 * tan θ = t/√ν, c_0 = 1, c_j = c_{j−1}(2j−1)/(2j) (Abramowitz, Stegun 1964, 26.7.4).
 */
export function studentShare(t: number, freedom: number): number {
  const theta = Math.atan(t / Math.sqrt(freedom));
  const cosSquared = Math.cos(theta) ** 2;
  let sum = 0;
  let term = 1;
  for (let j = 0; j < freedom / 2; j++) {
    if (j > 0) term *= (cosSquared * (2 * j - 1)) / (2 * j);
    sum += term;
  }
  return Math.sin(theta) * sum;
}
