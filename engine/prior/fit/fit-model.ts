/**
 * What a prior's training images look like, learned from them alone: where things are in the image (layout-features.ts)
 * as two Gaussian models, of the cells and of the numbers about the whole, and which way up it is (orientation.ts).
 * Scores of both models, standardised over images of people the model had not seen (cross-validation by group), add up:
 *   score = (z_layout + z_whole)/√2,
 * about 0 ± 1 for images like the training's. Where the orientation is stated, −3 ln p(that turn) is added.
 */

import { createRandom, type Random } from '../../arrays/random.ts';
import { quantile } from '../../arrays/statistics.ts';
import { check } from '../../errors.ts';
import { quantilesOf } from './calibration.ts';
import { degrade } from './degrade.ts';
import { turnFeatures } from './dihedral.ts';
import { featureCount, invariantCount, layoutFeatures } from './layout-features.ts';
import { fitLayoutGaussian, type LayoutGaussian, layoutDistance } from './layout-gaussian.ts';
import type { LayoutImage } from './layout-image.ts';
import { fitOrientation, logProbabilities, orientationScores, type Quarter, turnedBack } from './orientation.ts';

export interface FitModel {
  layout: LayoutGaussian;
  whole: LayoutGaussian;
  /** Mean and standard deviation of the layout distance, then of the whole distance, on held-out images. */
  standard: readonly [layoutMean: number, layoutSpread: number, wholeMean: number, wholeSpread: number];
  /** Quantiles of the score at the best turn, of held-out images. */
  best: Float32Array;
  /** Absent when the training images came in no known orientation. */
  orientation?: {
    weights: Float32Array;
    /** Quantiles of the score at the expected turn. */
    expected: Float32Array;
  };
}

export interface FitOptions {
  seed?: number;
  /** Copies of each kind per image. Default: as many as make about 2,000 in all, 1 to 8. */
  copies?: number;
  progress?: (fraction: number) => void;
}

const layoutDirections = 32;
const shrinkage = 0.05;
const folds = 4;
/** Severity of an ordinary examination, which what is typical and how scores are calibrated is taken from. */
const ordinary = 0.3;
/** What a certain wrong turn costs beside an odd layout, per unit of −ln p. */
const turnWeight = 3;
const wantedExamples = 2000;

/** Scores of one slice. */
export interface SliceFit {
  /** Per turn q: how unlike the training the slice is when it was turned by q. */
  byTurn: { score: number; layout: number; whole: number }[];
  /** ln p(turned by q); absent without an orientation model. */
  logProbability?: number[];
}

/** Score of a slice that is stated to be turned by `quarter`: the score at its best turn, and what the statement costs. */
export function statedScore({ byTurn, logProbability }: SliceFit, quarter: Quarter): number {
  const best = Math.min(...byTurn.map(({ score }) => score));
  return best - turnWeight * (logProbability?.[quarter] ?? 0);
}

const cellsOf = (features: Float32Array) => features.subarray(0, featureCount - invariantCount);
const wholeOf = (features: Float32Array) => features.subarray(featureCount - invariantCount);
const mirrored = (features: Float32Array) => turnFeatures(features, { quarter: 0, mirrored: true });
const quarters: readonly Quarter[] = [0, 1, 2, 3];

/** Scores of a slice from its features. */
export function scoreSlice(model: FitModel, features: Float32Array): SliceFit {
  const [layoutMean, layoutSpread, wholeMean, wholeSpread] = model.standard;
  const whole = (layoutDistance(model.whole, wholeOf(features)) - wholeMean) / wholeSpread;
  const byTurn = quarters.map((quarter) => {
    const distance = layoutDistance(model.layout, cellsOf(turnedBack(features, quarter)));
    const layout = (distance - layoutMean) / layoutSpread;
    return { score: (layout + whole) * Math.SQRT1_2, layout, whole };
  });
  if (!model.orientation) return { byTurn };
  return { byTurn, logProbability: logProbabilities(orientationScores(model.orientation.weights, features)) };
}

/**
 * Fits a model to magnitude images. Images whose `upright` is true teach the orientation; without any, the model has
 * none. `group` names whose image it is; images of one group are held out together. Throws `bad-input` for fewer than
 * eight images with something in them, or values that are not finite or negative.
 */
export function fitModel(images: readonly LayoutImage[], options: FitOptions = {}): FitModel {
  const { seed = 0, progress = () => {} } = options;
  const copies = options.copies ?? Math.min(8, Math.max(1, Math.round(wantedExamples / Math.max(1, images.length))));
  const random = createRandom(seed);
  const examples = describe(images, copies, random, (share) => progress(0.6 * share));
  check(examples.length >= 8, () => `a fit model needs at least eight images, found ${examples.length}`);
  const all = train(
    examples.flatMap(({ plain }) => plain),
    uprightOf(examples),
    seed,
  );
  const held: { layout: number; whole: number; upright: boolean; log?: number }[] = [];
  for (let fold = 0; fold < folds; fold++) {
    progress(0.7 + (0.3 * fold) / folds);
    const rest = examples.filter((example) => example.fold !== fold);
    // One copy each: the other copies would tell little more about people who are not in them.
    const part = train(
      rest.map(({ plain }) => plain[0]),
      uprightOf(rest, 1),
      seed,
    );
    for (const { easy, upright, fold: own } of examples) {
      if (own !== fold) continue;
      const layout = Math.min(
        ...quarters.map((quarter) => layoutDistance(part.layout, cellsOf(turnedBack(easy, quarter)))),
      );
      const log = part.weights && logProbabilities(orientationScores(part.weights, easy))[0];
      held.push({ layout, whole: layoutDistance(part.whole, wholeOf(easy)), upright, log });
    }
  }
  const [layoutMean, layoutSpread] = moments(held.map(({ layout }) => layout));
  const [wholeMean, wholeSpread] = moments(held.map(({ whole }) => whole));
  const combined = (one: (typeof held)[number]) =>
    ((one.layout - layoutMean) / layoutSpread + (one.whole - wholeMean) / wholeSpread) * Math.SQRT1_2;
  const standing = held.filter(({ upright, log }) => upright && log !== undefined);
  progress(1);
  return {
    layout: all.layout,
    whole: all.whole,
    standard: [layoutMean, layoutSpread, wholeMean, wholeSpread],
    best: quantilesOf(held.map(combined)),
    ...(all.weights && standing.length > 0
      ? {
          orientation: {
            weights: all.weights,
            expected: quantilesOf(standing.map((one) => combined(one) - turnWeight * (one.log ?? 0))),
          },
        }
      : {}),
  };
}

interface Example {
  /** Features of ordinary copies, of badly degraded ones, and of one more ordinary copy to try the model on. */
  plain: Float32Array[];
  hard: Float32Array[];
  easy: Float32Array;
  upright: boolean;
  fold: number;
}

function describe(
  images: readonly LayoutImage[],
  copies: number,
  random: Random,
  progress: (share: number) => void,
): Example[] {
  const groups = [...new Set(images.flatMap(({ group }) => (group === undefined ? [] : [group])))].sort();
  const examples: Example[] = [];
  images.forEach((image, index) => {
    const scaled = brightOne(image);
    if (scaled === undefined) return;
    const features = (severity: number) => {
      const copy = degrade(scaled, random, severity);
      return layoutFeatures(copy.data, copy.height, copy.width);
    };
    const several = (severity: number) =>
      Array.from({ length: copies }, () => features(severity)).flatMap(({ values, meaningful }) =>
        meaningful ? [values] : [],
      );
    const plain = several(ordinary);
    // The outline that tells a turn must do so in bad images too.
    const hard = several(1);
    const easy = features(ordinary);
    if (plain.length === 0 || !easy.meaningful) return;
    // Without groups, neighbours (which resemble each other) are held out together.
    const place = image.group === undefined ? Math.floor((folds * index) / images.length) : groups.indexOf(image.group);
    examples.push({
      plain,
      hard,
      easy: easy.values,
      upright: image.upright === true,
      fold: place % folds,
    });
    progress((index + 1) / images.length);
  });
  return examples;
}

/** The image over its 0.99 quantile; undefined for an empty one. */
function brightOne(image: LayoutImage): LayoutImage | undefined {
  for (let i = 0; i < image.data.length; i++)
    check(Number.isFinite(image.data[i]) && image.data[i] >= 0, () => `pixel ${i} of an image is ${image.data[i]}`);
  const bright = image.data.length === 0 ? 0 : quantile(image.data, 0.99);
  if (!(bright > 0)) return undefined;
  return { ...image, data: image.data.map((value) => value / bright) };
}

const uprightOf = (examples: readonly Example[], copies = Number.POSITIVE_INFINITY) =>
  examples.filter(({ upright }) => upright).flatMap(({ hard }) => hard.slice(0, copies));

function train(rows: readonly Float32Array[], upright: readonly Float32Array[], seed: number) {
  const random = createRandom(seed, 1);
  const both = rows.flatMap((row) => [cellsOf(row), cellsOf(mirrored(row))]);
  const layout = fitLayoutGaussian(both, { directions: layoutDirections, shrinkage, random });
  const whole = fitLayoutGaussian(rows.map(wholeOf), { directions: invariantCount - 1, shrinkage: 0.02, random });
  const spread = new Float32Array(featureCount);
  spread.set(layout.spread);
  spread.set(whole.spread, featureCount - invariantCount);
  return { layout, whole, weights: upright.length >= 8 ? fitOrientation(upright, spread) : undefined };
}

function moments(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [Math.fround(mean), Math.fround(Math.max(1e-6, Math.sqrt(squares / values.length)))];
}
