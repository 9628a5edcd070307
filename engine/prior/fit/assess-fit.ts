/** How unlike a prior's training images a reconstructed volume is. */
import { item, type NdArray } from '../../arrays/ndarray.ts';
import { percentileOf } from './calibration.ts';
import { type FitModel, type SliceFit, scoreSlice, statedScore } from './fit-model.ts';
import { layoutFeatures } from './layout-features.ts';
import type { Quarter } from './orientation.ts';

export const turnNames = ['upright', 'quarter-turn-left', 'upside-down', 'quarter-turn-right'] as const;
export type TurnName = (typeof turnNames)[number];
export const fitVerdicts = ['typical', 'unusual', 'unlike', 'unknown'] as const;
export type FitVerdict = (typeof fitVerdicts)[number];

/** Percentiles of held-out training-like images above which a result is unusual, and unlike the training. */
export const unusualFrom = 95;
export const unlikeFrom = 99;
/** Slices looked at, spread over the volume. */
const mostSlices = 24;

export interface FitAssessment {
  /** At the turn that fits best: about 0 ± 1 for images like the training's, larger = stranger. Null without a fit model. */
  score: number | null;
  /** Share of held-out training-like slices with a smaller score, percent. */
  percentile: number | null;
  verdict: FitVerdict;
  /** Slices with something in them that were looked at. */
  slices: number;
  orientation: {
    /** The turn the image most likely has; null when the prior knows no orientation. Mirror images are not told apart. */
    best: TurnName | null;
    /** Its probability, 0 to 1, when the image is one of the training's kind. */
    probability: number | null;
    /** The turn the file states; null when it states none (raw k-space). */
    expected: TurnName | null;
    /** Score and percentile at the stated turn, or as stored: unlike `score`, these count a wrong orientation. */
    score: number | null;
    percentile: number | null;
  };
  parts: {
    /** Standardised distances: what is where, and the numbers about the whole. */
    layout: number | null;
    whole: number | null;
    /** Mean of ε̂² over the noisier half of the steps, 1 where the prior fits; null for samplers that add no noise. */
    noisePower: number | null;
    /** Standardised excess of the network's denoising error. */
    surprise: number | null;
  };
}

export interface AssessOptions {
  /** Turn of each stored slice by its geometry (display-turn.ts). */
  expected?: Quarter;
  noisePower?: number;
  surprise?: number;
}

const medianOf = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : 0.5 * (sorted[middle - 1] + sorted[middle]);
};

/** `count` indices spread over 0 … n − 1, all of them when there are fewer. */
export function spreadIndices(n: number, count: number): number[] {
  if (n <= count) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * n) / count));
}

/** Assesses magnitudes [slices, y, x]: medians over slices, one turn for all. Without a model only the parts are filled in. */
export function assessFit(
  model: FitModel | undefined,
  image: NdArray<'float32'>,
  { expected, noisePower, surprise }: AssessOptions = {},
): FitAssessment {
  const parts = { layout: null, whole: null, noisePower: noisePower ?? null, surprise: surprise ?? null };
  const stated = expected === undefined ? null : turnNames[expected];
  const nothing: FitAssessment = {
    score: null,
    percentile: null,
    verdict: 'unknown',
    slices: 0,
    orientation: { best: null, probability: null, expected: stated, score: null, percentile: null },
    parts,
  };
  if (model === undefined) return nothing;
  const slices = sliceFits(model, image);
  if (slices.length === 0) return nothing;
  const medians = [0, 1, 2, 3].map((q) => medianOf(slices.map(({ byTurn }) => byTurn[q].score)));
  const turn = medians.indexOf(Math.min(...medians));
  const score = medians[turn];
  const percentile = percentileOf(model.best, score);
  return {
    score,
    percentile,
    verdict: percentile >= unlikeFrom ? 'unlike' : percentile >= unusualFrom ? 'unusual' : 'typical',
    slices: slices.length,
    orientation: orientationOf(model, slices, expected, stated),
    parts: {
      ...parts,
      layout: medianOf(slices.map(({ byTurn }) => byTurn[turn].layout)),
      whole: medianOf(slices.map(({ byTurn }) => byTurn[turn].whole)),
    },
  };
}

function sliceFits(model: FitModel, image: NdArray<'float32'>): SliceFit[] {
  const [count, height, width] = image.shape;
  return spreadIndices(count, mostSlices).flatMap((z) => {
    const { values, meaningful } = layoutFeatures(item(image, z).data, height, width);
    return meaningful ? [scoreSlice(model, values)] : [];
  });
}

function orientationOf(
  model: FitModel,
  slices: readonly SliceFit[],
  expected: Quarter | undefined,
  stated: TurnName | null,
): FitAssessment['orientation'] {
  if (!model.orientation) return { best: null, probability: null, expected: stated, score: null, percentile: null };
  // Slices of one volume are turned alike; their evidence is averaged, not added, because neighbours say the same.
  const logs = [0, 1, 2, 3].map((q) => {
    const all = slices.map(({ logProbability }) => logProbability?.[q] ?? 0);
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  });
  const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
  const best = logs.indexOf(Math.max(...logs));
  const at: Quarter = expected ?? 0;
  const standing = medianOf(slices.map((slice) => statedScore(slice, at)));
  return {
    best: turnNames[best],
    probability: Math.exp(logs[best]) / total,
    expected: stated,
    score: standing,
    percentile: percentileOf(model.orientation.expected, standing),
  };
}

/** One plain sentence for a person. */
export function fitSentence({ verdict, percentile, slices, orientation }: FitAssessment, prior: string): string {
  if (verdict === 'unknown' || percentile === null)
    return `Whether the image resembles the training images of ${prior} is not known: the prior has no fit model.`;
  const share = percentile >= 99.95 ? 'all' : `${percentile.toFixed(percentile >= 99 ? 1 : 0)} %`;
  const words = { typical: 'resembles', unusual: 'is unusual among', unlike: 'does not resemble' }[verdict];
  const turned =
    orientation.best !== null && orientation.expected !== null && orientation.best !== orientation.expected
      ? ` It looks ${orientation.best.replaceAll('-', ' ')}, while the file says ${orientation.expected.replaceAll('-', ' ')}.`
      : '';
  return `The image ${words} the training images of ${prior}: ${share} of held-out training-like slices fit better (${slices} ${slices === 1 ? 'slice' : 'slices'}).${turned}`;
}
