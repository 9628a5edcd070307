/**
 * What a denoiser says about itself on images it should know. Noise of level σ is added to clean images x,
 *   x_σ = x + σ n,  D = x_σ − σ ε̂,
 * and per level: the error e = mean (D − x)² per real channel; the variance the denoiser predicts, which for an exact
 * posterior mean is σ² ∂D/∂x_σ (the second-order Tweedie formula), its trace estimated with a Rademacher vector v by
 * v·[D(x_σ + h v) − D(x_σ − h v)]/2h (M. F. Hutchinson, 1990); and the balance mean ε̂² + e/σ², which is 1 for an exact
 * posterior mean, because the error of a conditional mean is orthogonal to it. The removed residual ε̂ should be white:
 * its mean, variance and correlation between neighbours are given.
 */
import { createRandom, fillNormal } from '../../arrays/random.ts';
import { checkpoint, type RunContext } from '../../context.ts';
import { check } from '../../errors.ts';
import type { BatchShape, NoiseLevel, Prior } from '../prior.ts';
import { alphaBarOf, type VpSchedule } from '../schedule.ts';
import { timeOf } from './surprise.ts';

/** Noise levels of the model cards this program writes. */
export const selfTestLevels = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3] as const;
/** Step of the difference, in units of σ: small against the noise, large against float32 roundoff. */
const differenceStep = 0.05;

export interface SelfTestLevel {
  sigma: number;
  t: number;
  /** e: mean squared error per real channel. */
  error: number;
  /** −10 log10 of the squared error per pixel (channels summed), peak 1, dB. */
  psnr: number;
  /** Mean variance per real channel by the divergence. */
  predicted: number;
  /** predicted/error: 1 for a calibrated denoiser. */
  ratio: number;
  /** The same from the network's own variance output, where it has one and t allows. */
  learnedRatio: number | null;
  /** Mean of ε̂². */
  noisePower: number;
  /** noisePower + e/σ²: 1 for an exact posterior mean. */
  balance: number;
  residual: { mean: number; variance: number; neighbour: number };
}

export interface CleanImage {
  /** float32 [channels, height, width] in the prior's units. */
  data: Float32Array;
  height: number;
  width: number;
}

export interface SelfTestOptions {
  levels?: readonly number[];
  seed?: number;
  schedule: VpSchedule;
}

/** Sums of one level over images. */
interface Sums {
  values: number;
  pixels: number;
  squares: number;
  trace: number;
  power: number;
  total: number;
  products: number;
  pairs: number;
  learned: number;
  learnedValues: number;
}

/** Runs the test on at least one image; three network evaluations per image and level. */
export async function selfTest(
  prior: Prior,
  images: readonly CleanImage[],
  { levels = selfTestLevels, seed = 0, schedule }: SelfTestOptions,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<SelfTestLevel[]> {
  check(images.length > 0, () => 'the self-test needs at least one image');
  check(
    levels.length > 0 && levels.every((sigma) => sigma > 0 && Number.isFinite(sigma)),
    () => `levels are [${levels}]`,
    {
      code: 'bad-usage',
      path: 'levels',
    },
  );
  const rows: SelfTestLevel[] = [];
  for (const [l, sigma] of levels.entries()) {
    const alphaBar = alphaBarOf(sigma);
    const level = { alphaBar, t: timeOf(alphaBar, schedule) };
    const sums: Sums = {
      ...{ values: 0, pixels: 0, squares: 0, trace: 0, power: 0, total: 0, products: 0, pairs: 0 },
      ...{ learned: 0, learnedValues: 0 },
    };
    for (const [i, image] of images.entries()) {
      await checkpoint(context);
      await addImage(sums, prior, image, sigma, level, { seed, image: i, step: l }, schedule, context.signal);
      context.progress({ fraction: (l + (i + 1) / images.length) / levels.length, stage: 'self-test' });
    }
    rows.push(rowOf(sums, sigma, level.t));
  }
  return rows;
}

async function addImage(
  sums: Sums,
  prior: Prior,
  { data, height, width }: CleanImage,
  sigma: number,
  level: NoiseLevel,
  key: { seed: number; image: number; step: number },
  schedule: VpSchedule,
  signal: AbortSignal,
): Promise<void> {
  const n = data.length;
  check(
    n === prior.channels * height * width,
    () => `an image has ${n} numbers, expected ${prior.channels} × ${height} × ${width}`,
    {
      code: 'mismatch',
    },
  );
  const shape: BatchShape = { batch: 1, height, width };
  const root = Math.sqrt(level.alphaBar);
  const noise = new Float32Array(n);
  fillNormal(noise, { seed: key.seed, sample: 0, slice: key.image, step: key.step });
  const random = createRandom(key.seed, 1 + key.image * 64 + key.step);
  const sign = Float32Array.from({ length: n }, () => (random.word() & 1 ? 1 : -1));
  const noisy = new Float32Array(n);
  const h = differenceStep * sigma;
  const at = async (shift: number) => {
    for (let i = 0; i < n; i++) noisy[i] = root * (data[i] + sigma * noise[i] + shift * sign[i]);
    return prior.predictNoise(noisy, shape, level, signal);
  };
  const middle = await at(0);
  const plus = (await at(h)).noise;
  const minus = (await at(-h)).noise;
  const learned = middle.variance && learnedConversion(schedule, level.t);
  for (let i = 0; i < n; i++) {
    const e = middle.noise[i];
    const wrong = sigma * (noise[i] - e);
    sums.squares += wrong * wrong;
    // D(x ± h v) = x ± h v − σ ε̂±, so v·ΔD/2h = 1 − σ v (ε̂+ − ε̂−)/2h.
    sums.trace += 1 - (sigma * sign[i] * (plus[i] - minus[i])) / (2 * h);
    sums.power += e * e;
    sums.total += e;
    if ((i + 1) % width !== 0) {
      sums.products += e * middle.noise[i + 1];
      sums.pairs++;
    }
    if (learned && middle.variance) {
      sums.learned += learned(middle.variance[i]);
      sums.learnedValues++;
    }
  }
  sums.values += n;
  sums.pixels += height * width;
}

function rowOf(sums: Sums, sigma: number, t: number): SelfTestLevel {
  const { values, pixels } = sums;
  const error = sums.squares / values;
  const predicted = (sigma * sigma * sums.trace) / values;
  const noisePower = sums.power / values;
  const mean = sums.total / values;
  const variance = noisePower - mean * mean;
  return {
    sigma,
    t,
    error,
    psnr: -10 * Math.log10(sums.squares / pixels),
    predicted,
    ratio: predicted / error,
    learnedRatio: sums.learnedValues === 0 ? null : sums.learned / sums.learnedValues / error,
    noisePower,
    balance: noisePower + error / (sigma * sigma),
    residual: { mean, variance, neighbour: variance > 0 ? (sums.products / sums.pairs - mean * mean) / variance : 0 },
  };
}

/**
 * r² = Var[x_0 | x_t] from the raw variance output v of networks that interpolate (A. Nichol, P. Dhariwal 2021, eq. 15):
 * ln var = f ln β_t + (1−f) ln β̃_t, f = (v+1)/2, var = β̃_t + (√ᾱ_{t−1} β_t/(1−ᾱ_t))² r². Undefined at t = 0 and where
 * β̃_t and β_t differ by less than 1 %, which leaves nothing of r² but rounding.
 */
function learnedConversion(schedule: VpSchedule, t: number): ((raw: number) => number) | undefined {
  if (t < 1) return undefined;
  const beta = schedule.beta[t];
  const noise = 1 - schedule.alphaBar[t];
  const before = schedule.alphaBar[t - 1];
  const floor = (beta * (1 - before)) / noise;
  if (beta - floor < 0.01 * floor) return undefined;
  const weight = (before * beta * beta) / (noise * noise);
  return (raw) => {
    const f = Math.min(1, Math.max(0, (raw + 1) / 2));
    return (Math.exp(f * Math.log(beta) + (1 - f) * Math.log(floor)) - floor) / weight;
  };
}

/** The model card's own figure for a level: quality rows named "PSNR at sigma 0.1, dB". */
export function referencePsnr(
  quality: readonly { metric: string; value: number }[] | undefined,
  sigma: number,
): number | null {
  const found = quality?.find(({ metric }) => {
    const match = /^PSNR at sigma ([\d.]+), dB$/.exec(metric);
    return match !== null && Math.abs(Number(match[1]) - sigma) < 1e-9;
  });
  return found?.value ?? null;
}

/** Bounds of what counts as agreement. */
const agreement = { psnr: 2, ratio: 1.5, balance: 0.1, mean: 0.02, neighbour: 0.1 } as const;
/** Above this level the prior invents rather than denoises; errors of a few images say little there. */
const judgedUpTo = 1;

/** Plain sentences about error, calibration and residual, over the levels up to σ = 1. */
export function selfTestVerdict(rows: readonly SelfTestLevel[], references: readonly (number | null)[]): string[] {
  const judged = rows.filter(({ sigma }) => sigma <= judgedUpTo);
  if (judged.length === 0) return ['No level up to sigma 1 was tested, so nothing is judged.'];
  const levels = (some: readonly SelfTestLevel[]) => some.map(({ sigma }) => sigma).join(', ');
  const sentences: string[] = [];
  const gaps = judged.flatMap((row) => {
    const reference = references[rows.indexOf(row)];
    return reference === null ? [] : [row.psnr - reference];
  });
  if (gaps.length === 0) sentences.push('The model card states no error to compare with.');
  else {
    const gap = gaps.reduce((sum, value) => sum + value, 0) / gaps.length;
    const size = `${Math.abs(gap).toFixed(1)} dB ${gap < 0 ? 'below' : 'above'}`;
    sentences.push(
      gap < -agreement.psnr
        ? `It denoises these images worse than its model card says (${size} on average): they differ from what it was tested on.`
        : `It denoises these images as its model card says or better (${size} on average).`,
    );
  }
  const low = judged.filter(({ ratio }) => ratio < 1 / agreement.ratio);
  const high = judged.filter(({ ratio }) => ratio > agreement.ratio);
  if (low.length > 0)
    sentences.push(
      `It is too sure of itself at sigma ${levels(low)}: the error is larger than the variance it predicts.`,
    );
  if (high.length > 0)
    sentences.push(
      `It is less sure than it should be at sigma ${levels(high)}: the error is smaller than the variance it predicts.`,
    );
  if (low.length + high.length === 0) sentences.push('The variance it predicts agrees with the error it makes.');
  const unbalanced = judged.filter(({ balance }) => Math.abs(balance - 1) > agreement.balance);
  sentences.push(
    unbalanced.length === 0
      ? 'The noise it finds has the power it should.'
      : `The noise it finds has the wrong power at sigma ${levels(unbalanced)}.`,
  );
  const coloured = judged.filter(
    ({ residual }) => Math.abs(residual.mean) > agreement.mean || Math.abs(residual.neighbour) > agreement.neighbour,
  );
  sentences.push(
    coloured.length === 0
      ? 'What it removes is white, as noise is.'
      : `What it removes is not white at sigma ${levels(coloured)}: it takes structure for noise.`,
  );
  return sentences;
}
