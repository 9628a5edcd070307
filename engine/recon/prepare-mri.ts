/**
 * From a scan to slices every MRI method can use: noise whitening, coil compression, coil maps from the acquired
 * calibration lines, noise level. Everything is estimated from the measured samples alone.
 */
import { item, type NdArray, ndarray, stack } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext } from '../context.ts';
import { check } from '../errors.ts';
import type { KspaceScan } from '../io/scan.ts';
import { compressCoils } from '../physics/mri/coil-compression.ts';
import { mixCoils } from '../physics/mri/coil-matrix.ts';
import { espiritMaps } from '../physics/mri/espirit.ts';
import { estimateNoise, WHITENED_SIGMA, whiteningMatrix } from '../physics/mri/noise.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import type { ResultWarning } from './result.ts';

/** Above this many coils the data are compressed before anything else, unless maps are given. */
const compressAbove = 8;

export interface PreparedMri {
  slices: MriSlice[];
  /** complex64 [slices, coils, y, x], when they were estimated here. */
  estimatedMaps: NdArray<'complex64'> | undefined;
  warnings: ResultWarning[];
}

export interface PrepareOptions {
  /** complex64 [slices, coils, y, x] or [coils, y, x]; win over the scan's own. */
  maps?: NdArray<'complex64'>;
  /** Noise per real component in k-space units; `auto` = from noise scans, else from the data. */
  noise: number | 'auto';
}

/** Throws `mismatch` when maps, mask and k-space disagree, `bad-input` when maps cannot be estimated. */
export async function prepareMri(
  scan: KspaceScan,
  { maps = scan.maps, noise }: PrepareOptions,
  context: RunContext,
): Promise<PreparedMri> {
  const [count, coils] = scan.kspace.shape;
  checkMaps(scan, maps);
  const warnings = new Map<string, ResultWarning>();
  const whitening = scan.noiseCovariance && unitKeepingWhitening(scan.noiseCovariance);
  const slices: MriSlice[] = [];
  for (let z = 0; z < count; z++) {
    await checkpoint(context);
    context.progress({ stage: 'calibrate', fraction: z / count, step: { index: z + 1, count } });
    const mask = planeOf(scan.mask, z, 2);
    let kspace = planeOf(scan.kspace, z, 3);
    let given = maps ? planeOf(maps, z, 3) : undefined;
    if (whitening) {
      kspace = mixCoils(whitening.matrix, kspace);
      given = given && mixCoils(whitening.matrix, given);
    }
    if (!given && coils > compressAbove) kspace = compressCoils(kspace, mask, { coils: compressAbove }).kspace;
    const averages = scan.averages && planeOf(scan.averages, z, 2);
    const sigma =
      noise === 'auto' ? (whitening?.sigma ?? estimateNoise(perReading(kspace, averages), mask).sigma) : noise;
    const estimated = given ? undefined : estimateMaps(scan, kspace, mask, warnings);
    slices.push({
      kspace,
      mask,
      maps: given ?? (estimated as NdArray<'complex64'>),
      sigma,
      ...(averages ? { averages } : {}),
    });
  }
  return {
    slices,
    estimatedMaps: maps ? undefined : stack(slices.map((slice) => slice.maps)),
    warnings: [...warnings.values()],
  };
}

/** Whitening scaled by the channels' root mean noise power, so that images keep the units of the input. */
function unitKeepingWhitening(covariance: NdArray<'complex64'>): { matrix: NdArray<'complex64'>; sigma: number } {
  const [coils] = covariance.shape;
  let power = 0;
  for (let c = 0; c < coils; c++) power += covariance.data[2 * (c * coils + c)] / coils;
  const unit = Math.sqrt(power);
  const { shape, data } = whiteningMatrix(covariance);
  return {
    matrix: ndarray(
      'complex64',
      shape,
      data.map((v) => v * unit),
    ),
    sigma: unit * WHITENED_SIGMA,
  };
}

/** √n times the mean of n readings has the noise of one reading. */
function perReading(kspace: NdArray<'complex64'>, averages: NdArray<'float32'> | undefined): NdArray<'complex64'> {
  if (!averages) return kspace;
  const locations = averages.data.length;
  const data = kspace.data.map((v, i) => v * Math.sqrt(averages.data[(i >> 1) % locations]));
  return ndarray('complex64', kspace.shape, data);
}

/** One coil needs no maps: its sensitivity is part of the image. */
function estimateMaps(
  scan: KspaceScan,
  kspace: NdArray<'complex64'>,
  mask: NdArray<'uint8'>,
  warnings: Map<string, ResultWarning>,
): NdArray<'complex64'> {
  const imageSize = scan.imageSize ?? [mask.shape[0], mask.shape[1]];
  if (kspace.shape[0] === 1) {
    const ones = new Float32Array(2 * imageSize[0] * imageSize[1]);
    for (let i = 0; i < ones.length; i += 2) ones[i] = 1;
    return ndarray('complex64', [1, ...imageSize], ones);
  }
  const result = espiritMaps(kspace, mask, { imageSize });
  for (const message of result.warnings) warnings.set(message, { code: 'acs-small', message: sentence(message) });
  return result.maps;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

function checkMaps(scan: KspaceScan, maps: NdArray<'complex64'> | undefined): void {
  if (!maps) return;
  const [count, coils, ky, kx] = scan.kspace.shape;
  const size = scan.imageSize ?? [ky, kx];
  const expected = [coils, ...size];
  const found = maps.shape.slice(-3);
  check(
    found.every((n, i) => n === expected[i]) && (maps.shape.length === 3 || maps.shape[0] === count),
    () => `maps are [${maps.shape}], expected [${expected}] or [${[count, ...expected]}]`,
    { code: 'mismatch', path: 'maps', hint: 'Coils and image size must be those of the k-space.' },
  );
}

/** Slice z of [slices, …] or the whole of an array shared by all slices, whose own rank is `rank`. */
function planeOf<D extends 'complex64' | 'uint8' | 'float32'>(a: NdArray<D>, z: number, rank: number): NdArray<D> {
  return a.shape.length === rank ? a : item(a, z);
}
