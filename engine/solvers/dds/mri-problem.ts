/** From k-space, mask and coil maps to the sampler's problem, slice by slice. */
import type { NdArray } from '../../arrays/ndarray.ts';
import { ndarray, zeros } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import { checkpoint } from '../../context.ts';
import type { DdsProblem, DdsSlice } from '../../dds/problem.ts';
import { isUniformSensitivity, singleCoilConsistency } from '../../dds/single-coil.ts';
import type { DdsWarning } from '../../dds/warnings.ts';
import { mriDataWarnings } from '../../dds/warnings.ts';
import { check } from '../../errors.ts';
import { espiritMaps } from '../../physics/mri/espirit.ts';
import { effectiveAcceleration } from '../../physics/mri/masks.ts';
import { estimateNoise } from '../../physics/mri/noise.ts';
import type { SenseOperator } from '../../physics/mri/sense.ts';
import { createSense } from '../../physics/mri/sense.ts';
import type { Inputs } from '../sdk.ts';
import { arrayInput, asComplex, withAxes } from './array-input.ts';

export interface MriScene {
  problem: DdsProblem;
  /** Per slice: complex64 [coils, ky, kx] masked, uint8 [ky, kx], complex64 [coils, y, x]. */
  kspace: NdArray<'complex64'>[];
  masks: NdArray<'uint8'>[];
  maps: NdArray<'complex64'>[];
  operators: SenseOperator[];
  acceleration: number;
  warnings: DdsWarning[];
}

/** Throws `bad-input` or `mismatch` naming the input whose shape does not fit. */
export async function mriProblem(inputs: Inputs, estimateSigma: boolean, context: RunContext): Promise<MriScene> {
  const given = asComplex(arrayInput(inputs, 'kspace') ?? zeros('complex64', []));
  const shape = withAxes(given, 4, 'kspace', '[H, W], [C, H, W] or [Z, C, H, W]');
  const [slices, coils, height, width] = shape;
  const plane = coils * height * width;
  const measured = Array.from({ length: slices }, (_, z) =>
    ndarray('complex64', [coils, height, width], given.data.slice(2 * z * plane, 2 * (z + 1) * plane)),
  );
  const masks = measured.map((kspace, z) => maskOf(inputs, kspace, z, slices));
  const kspace = measured.map((data, z) => applyMask(data, masks[z]));
  const warnings: DdsWarning[] = [];
  const maps: NdArray<'complex64'>[] = [];
  for (let z = 0; z < slices; z++) {
    await checkpoint(context);
    const estimated = mapsOf(inputs, kspace[z], masks[z], z, slices);
    maps.push(estimated.maps);
    for (const message of estimated.warnings) warnings.push({ code: 'coil-maps', message, value: z });
    warnings.push(...mriDataWarnings({ kspace: measured[z], mask: masks[z], maps: estimated.maps }));
  }
  const operators = kspace.map((_, z) => createSense({ maps: maps[z], mask: masks[z], threads: context.threads }));
  const problemSlices: DdsSlice[] = kspace.map((data, z) => ({
    operator: operators[z],
    measurement: data.data,
    ...(coils === 1 && isUniformSensitivity(maps[z]) ? { closedForm: singleCoilConsistency(data, masks[z]) } : {}),
  }));
  const sigma = estimateSigma ? rootMeanSquare(kspace.map((data, z) => estimateNoise(data, masks[z]).sigma)) : 0;
  return {
    problem: { slices: problemSlices, height, width, complex: true, ...(sigma > 0 ? { sigmaY: sigma } : {}) },
    kspace,
    masks,
    maps,
    operators,
    acceleration: masks.reduce((sum, mask) => sum + effectiveAcceleration(mask), 0) / masks.length,
    warnings,
  };
}

/** [W], [H, W] or [Z, H, W]; default: where any coil is not exactly zero. */
function maskOf(inputs: Inputs, kspace: NdArray<'complex64'>, z: number, slices: number): NdArray<'uint8'> {
  const [coils, height, width] = kspace.shape;
  const plane = height * width;
  const out = zeros('uint8', [height, width]);
  const mask = arrayInput(inputs, 'mask', 'kspace');
  if (mask === undefined) {
    for (let i = 0; i < coils * plane; i++)
      if (kspace.data[2 * i] !== 0 || kspace.data[2 * i + 1] !== 0) out.data[i % plane] = 1;
    return out;
  }
  const shape = withAxes(mask, 3, 'mask', '[W], [H, W] or [Z, H, W]');
  const fits =
    shape[2] === width && (shape[1] === height || mask.shape.length === 1) && (shape[0] === 1 || shape[0] === slices);
  check(fits && mask.dtype !== 'complex64', () => `mask is [${mask.shape}], k-space [${height}, ${width}]`, {
    code: 'mismatch',
    path: 'mask',
    hint: 'a mask of 0 and 1 is [W], [H, W] or [Z, H, W]',
  });
  const from = shape[0] === 1 ? 0 : z * plane;
  for (let i = 0; i < plane; i++) {
    const value = mask.data[mask.shape.length === 1 ? i % width : from + i];
    check(value === 0 || value === 1, () => `mask holds ${value}, expected 0 or 1`, { path: 'mask' });
    out.data[i] = value;
  }
  return out;
}

function applyMask(kspace: NdArray<'complex64'>, mask: NdArray<'uint8'>): NdArray<'complex64'> {
  const data = kspace.data.map((value, i) => (mask.data[(i >> 1) % mask.data.length] === 0 ? 0 : value));
  return ndarray('complex64', kspace.shape, data);
}

/** Given maps, ones for a single coil, else an ESPIRiT estimate from the acquired calibration lines. */
function mapsOf(
  inputs: Inputs,
  kspace: NdArray<'complex64'>,
  mask: NdArray<'uint8'>,
  z: number,
  slices: number,
): { maps: NdArray<'complex64'>; warnings: readonly string[] } {
  const [coils, height, width] = kspace.shape;
  const given = arrayInput(inputs, 'maps', 'kspace');
  if (given === undefined && coils === 1) {
    const ones = zeros('complex64', [1, height, width]);
    for (let i = 0; i < ones.data.length; i += 2) ones.data[i] = 1;
    return { maps: ones, warnings: [] };
  }
  if (given === undefined) return espiritMaps(kspace, mask);
  const maps = asComplex(given);
  const shape = withAxes(maps, 4, 'maps', '[C, H, W] or [Z, C, H, W]');
  const fits =
    shape[1] === coils && shape[2] === height && shape[3] === width && (shape[0] === 1 || shape[0] === slices);
  check(fits, () => `maps are [${maps.shape}], k-space is [${coils}, ${height}, ${width}] in ${slices} slices`, {
    code: 'mismatch',
    path: 'maps',
  });
  const plane = 2 * coils * height * width;
  const from = shape[0] === 1 ? 0 : z * plane;
  return { maps: ndarray('complex64', kspace.shape, maps.data.slice(from, from + plane)), warnings: [] };
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
