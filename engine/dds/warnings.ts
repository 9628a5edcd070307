/** Signs that prior, operator, scale and data do not belong together, each with the number it rests on. */
import type { NdArray } from '../arrays/ndarray.ts';
import { quantile } from '../arrays/statistics.ts';
import { effectiveAcceleration } from '../physics/mri/masks.ts';
import { imageChannels, notStated } from '../prior/manifest.ts';
import { magnitude } from './layout.ts';
import type { DdsParameters } from './parameters.ts';
import type { DdsResult } from './sampler.ts';

export interface DdsWarning {
  /** Stable kebab-case name. */
  code: string;
  /** One plain sentence. */
  message: string;
  value: number;
}

/** Range of the 0.99 quantile of |x̂0| in scaled units outside which a network sees images it was not trained on. */
const intensityRange = [0.5, 2] as const;
/** Range of the mean of ε̂² over the noisier half of the steps. */
const noisePowerRange = [0.5, 1.5] as const;
const residualSteps = 10;
/** Factor between γ and v/σ_y² beyond which one of them is probably mistaken. */
const gammaFactor = 100;

export interface ResultFacts {
  complex: boolean;
  /** `none` for priors in the units of the data, which have no expected intensity. */
  scaleRule: 'quantile' | 'max' | 'none';
  parameters: DdsParameters;
  /** λ_max(A*A) when it was computed. */
  largestEigenvalue?: number;
}

export function resultWarnings(result: DdsResult, facts: ResultFacts): DdsWarning[] {
  return [
    ...intensityWarning(result, facts),
    ...noisePowerWarning(result, facts),
    ...residualWarning(result),
    ...gammaWarnings(result, facts),
    ...tilingWarning(result, facts),
  ];
}

/** Tiling changes the image a little, and a chosen thickness depends on the memory that was free. */
function tilingWarning(
  { memory, method, residualBySlice }: DdsResult,
  { parameters: { tileSlices, tileOverlap } }: ResultFacts,
): DdsWarning[] {
  const value = memory.slabSlices;
  if (!method.coupled || value >= residualBySlice.length || tileSlices !== 'auto') return [];
  return [
    {
      code: 'tiled-volume',
      message: `The volume did not fit in memory as a whole and was solved in slabs of ${value} slices that overlap by ${tileOverlap}; tileSlices=${value} repeats this exactly.`,
      value,
    },
  ];
}

function intensityWarning({ image, scale }: DdsResult, { complex, scaleRule }: ResultFacts): DdsWarning[] {
  if (scaleRule === 'none') return [];
  const magnitudes = new Float32Array(image.length / (complex ? 2 : 1));
  magnitude(image, magnitudes, complex, 1 / scale);
  const value = quantile(magnitudes, 0.99);
  const [low, high] = intensityRange;
  if (value >= low && value <= high) return [];
  return [
    {
      code: 'intensity-range',
      message: `The 0.99 quantile of the scaled image is ${value.toPrecision(3)}, outside ${low} to ${high}, where the prior was trained.`,
      value,
    },
  ];
}

/** Mean of ε̂² per value over the noisier half of the steps: about 1 where the prior fits. */
export function noisePower(residual: DdsResult['residual']): number {
  const noisy = residual.slice(0, Math.max(1, Math.floor(residual.length / 2)));
  return noisy.reduce((sum, row) => sum + row.noisePower, 0) / noisy.length;
}

function noisePowerWarning({ residual }: DdsResult, { parameters }: ResultFacts): DdsWarning[] {
  // Without noise in the state there is none to be found.
  if (parameters.noiseRule === 'none') return [];
  const value = noisePower(residual);
  const [low, high] = noisePowerRange;
  if (value >= low && value <= high) return [];
  return [
    {
      code: 'noise-prediction',
      message: `The noise the prior predicts has mean square ${value.toPrecision(3)} instead of about 1; prior and data do not match.`,
      value,
    },
  ];
}

function residualWarning({ residual, method }: DdsResult): DdsWarning[] {
  if (method.dc === 'none' || residual.length < 2) return [];
  const first = residual[0].before;
  const later = residual[Math.min(residualSteps, residual.length) - 1].before;
  if (later < first || first < 1e-6) return [];
  return [
    {
      code: 'residual-not-falling',
      message: `The data residual did not fall over the first steps, from ${first.toPrecision(3)} to ${later.toPrecision(3)}.`,
      value: later / first,
    },
  ];
}

function gammaWarnings(result: DdsResult, { parameters, largestEigenvalue }: ResultFacts): DdsWarning[] {
  if (result.method.dc !== 'proximal') return [];
  const { gamma } = parameters;
  if (result.sigmaY > 0) {
    const calibrated = result.priorVariance / result.sigmaY ** 2;
    const ratio = gamma / calibrated;
    if (ratio >= gammaFactor || ratio <= 1 / gammaFactor)
      return [
        {
          code: 'gamma-scale',
          message: `gamma = ${gamma} is ${ratio.toPrecision(2)} times the weight the noise level calls for, ${calibrated.toPrecision(3)}.`,
          value: ratio,
        },
      ];
    return [];
  }
  if (largestEigenvalue === undefined) return [];
  const weight = gamma * largestEigenvalue;
  if (weight >= 0.1) return [];
  return [
    {
      code: 'gamma-scale',
      message: `gamma times the operator's norm squared is ${weight.toPrecision(2)}: the data hardly count.`,
      value: weight,
    },
  ];
}

/** Longest side over the training images' longest side, beyond which the network sees structures of another size. */
const sizeFactor = 3;

/** What a model card says about the images a prior was trained on. */
export interface PriorFacts {
  id: string;
  modality: 'mri' | 'ct' | 'any';
  channels: number;
  slab?: boolean | undefined;
  /** [height, width]. */
  size: readonly [number, number];
  licence: string;
}

/** Warnings from the model card alone: modality, channels, licence, and size of the image [.., y, x] against the training's. */
export function priorWarnings(prior: PriorFacts, shape: readonly number[], modality: 'mri' | 'ct'): DdsWarning[] {
  const warnings: DdsWarning[] = [];
  if (prior.modality !== 'any' && prior.modality !== modality)
    warnings.push({
      code: 'prior-modality',
      message: `The prior ${prior.id} was trained on ${prior.modality} images, the data are ${modality}.`,
      value: 1,
    });
  const channels = modality === 'mri' ? 2 : 1;
  if (imageChannels(prior) !== channels)
    warnings.push({
      code: 'prior-channels',
      message: `The prior ${prior.id} has ${prior.channels} channels, ${modality} images have ${channels}.`,
      value: prior.channels,
    });
  if (prior.licence === notStated)
    warnings.push({
      code: 'prior-licence',
      message: `The licence of the prior ${prior.id} is not stated: whether its results may be used or passed on is unknown.`,
      value: 1,
    });
  const ratio = Math.max(...shape.slice(-2)) / Math.max(...prior.size);
  if (ratio > sizeFactor || ratio < 1 / sizeFactor)
    warnings.push({
      code: 'prior-size',
      message: `The image is ${shape.slice(-2).join(' × ')} pixels, ${ratio.toPrecision(2)} times the ${prior.size.join(' × ')} the prior was trained at.`,
      value: ratio,
    });
  return warnings;
}

/** Range of Σ|S|² inside the support. */
const mapEnergyRange = [0.9, 1.1] as const;

export interface MriDataFacts {
  /** complex64 [coils, ky, kx]. */
  kspace: NdArray<'complex64'>;
  mask: NdArray<'uint8'>;
  /** complex64 [coils, y, x]. */
  maps: NdArray<'complex64'>;
}

/** Warnings that need no reconstruction: effective acceleration, mask against data, normalisation of the maps. */
export function mriDataWarnings({ kspace, mask, maps }: MriDataFacts): DdsWarning[] {
  return [...maskWarnings(kspace, mask), ...mapWarnings(maps)];
}

function maskWarnings(kspace: NdArray<'complex64'>, mask: NdArray<'uint8'>): DdsWarning[] {
  const warnings: DdsWarning[] = [];
  const plane = mask.data.length;
  let outside = 0;
  let empty = 0;
  for (let k = 0; k < plane; k++) {
    let nonZero = false;
    for (let at = 2 * k; at < kspace.data.length; at += 2 * plane)
      if (kspace.data[at] !== 0 || kspace.data[at + 1] !== 0) nonZero = true;
    if (nonZero && mask.data[k] === 0) outside++;
    if (!nonZero && mask.data[k] !== 0) empty++;
  }
  if (outside > 0)
    warnings.push({
      code: 'mask-hides-data',
      message: `${outside} measured k-space locations lie outside the mask and are not used.`,
      value: outside,
    });
  if (empty > 0.01 * plane)
    warnings.push({
      code: 'mask-without-data',
      message: `${empty} locations of the mask hold no data: zeros would be taken for measurements.`,
      value: empty,
    });
  const acceleration = effectiveAcceleration(mask);
  if (acceleration > 12)
    warnings.push({
      code: 'high-acceleration',
      message: `Only one in ${acceleration.toFixed(1)} k-space locations was measured; most of the image comes from the prior.`,
      value: acceleration,
    });
  return warnings;
}

function mapWarnings(maps: NdArray<'complex64'>): DdsWarning[] {
  const plane = maps.data.length / 2 / maps.shape[0];
  let sum = 0;
  let support = 0;
  for (let i = 0; i < plane; i++) {
    let energy = 0;
    for (let at = 2 * i; at < maps.data.length; at += 2 * plane) energy += maps.data[at] ** 2 + maps.data[at + 1] ** 2;
    if (energy === 0) continue;
    sum += energy;
    support++;
  }
  const value = support === 0 ? 0 : sum / support;
  const [low, high] = mapEnergyRange;
  if (value >= low && value <= high) return [];
  return [
    {
      code: 'maps-not-normalised',
      message: `The squared coil maps sum to ${value.toPrecision(3)} on their support instead of 1, which rescales the image.`,
      value,
    },
  ];
}
