/** What a finished image owes its reader: residual, consistency by parts, evidence map, calibration of the spread. */
import { item, type NdArray, ndarray } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext } from '../context.ts';
import { type ConsistencyReport, kspaceConsistency, mergeConsistency } from '../dds/consistency.ts';
import { evidence } from '../dds/evidence.ts';
import { createSense } from '../physics/mri/sense.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import type { CalibrationRow } from './result.ts';

/** Consistency of complex64 [slices, y, x] with the measurement. */
export async function explainData(
  slices: readonly MriSlice[],
  image: NdArray<'complex64'>,
  context: RunContext,
): Promise<ConsistencyReport> {
  const reports: ConsistencyReport[] = [];
  for (const [z, slice] of slices.entries()) {
    await checkpoint(context);
    const sense = createSense({ ...slice, plain: true });
    const [coils, ky, kx] = slice.kspace.shape;
    const predicted = sense.apply(item(image, z).data);
    reports.push(kspaceConsistency(predicted, sense.weighted(slice.kspace.data), [coils, ky, kx], slice.sigma));
  }
  return mergeConsistency(reports);
}

/**
 * Fraction of each pixel that the prior supplied, float32 [slices, y, x]. `priorVariance` is that of a clean image's
 * real component in the units of the data.
 */
export async function evidenceMap(
  slices: readonly MriSlice[],
  image: NdArray<'complex64'>,
  priorVariance: number,
  context: RunContext,
): Promise<NdArray<'float32'>> {
  const [count, height, width] = image.shape;
  const out = new Float32Array(count * height * width);
  for (const [z, slice] of slices.entries()) {
    context.progress({ stage: 'evidence', fraction: z / count, step: { index: z + 1, count } });
    const sense = createSense({ ...slice, threads: context.threads });
    try {
      const noise = slice.sigma > 0 ? { sigmaY: slice.sigma, priorVariance } : undefined;
      const { fraction } = await evidence(
        sense,
        item(image, z).data,
        { complex: true, ...(noise ? { noise } : {}) },
        context,
      );
      out.set(fraction, z * height * width);
    } finally {
      sense.dispose();
    }
  }
  return ndarray('float32', image.shape, out);
}

/** Nominal coverage of ±1, 2, 3 standard deviations of a normal distribution. */
const nominal = [0.6827, 0.9545, 0.9973];

/**
 * Share of reference pixels inside |image| ± k·s, k = 1, 2, 3, over the object (reference above 5 % of its maximum).
 * s = std/√2, since std counts both components of the complex error and a magnitude sees only the one along it.
 */
export function calibrationOf(
  image: NdArray<'float32'>,
  std: NdArray<'float32'>,
  reference: NdArray<'float32'>,
): CalibrationRow[] {
  let peak = 0;
  for (const value of reference.data) peak = Math.max(peak, value);
  const inside = [0, 0, 0];
  let pixels = 0;
  for (let i = 0; i < reference.data.length; i++) {
    if (reference.data[i] < 0.05 * peak) continue;
    pixels++;
    const distance = Math.abs(image.data[i] - reference.data[i]) / (std.data[i] * Math.SQRT1_2);
    for (let k = 1; k <= 3; k++) if (distance <= k) inside[k - 1]++;
  }
  return nominal.map((share, k) => ({ nominal: share, observed: pixels > 0 ? inside[k] / pixels : 0 }));
}
