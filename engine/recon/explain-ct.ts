/** What a finished CT image owes its reader: residual, consistency by groups of views, evidence map. */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext } from '../context.ts';
import { type ConsistencyReport, mergeConsistency, sinogramConsistency } from '../dds/consistency.ts';
import { evidence } from '../dds/evidence.ts';
import { type CtData, ctSlice } from '../physics/ct/ct-data.ts';
import { createProjector } from '../physics/ct/projector.ts';

/** Views are told about in so many groups of neighbours. */
const groups = 6;

/** Parts of the data that can be looked at on their own: single slices, or all of a cone beam. */
function portions(data: CtData): CtData[] {
  if (data.geometry.kind === 'cone') return [data];
  return Array.from({ length: data.slices }, (_, z) => ctSlice(data, z));
}

export interface CtConsistency extends ConsistencyReport {
  /** One per group of neighbouring views. */
  viewGroups: ConsistencyReport['parts'];
}

/** Consistency of float32 [slices, y, x], attenuation per pixel, with the line integrals. */
export async function explainCt(data: CtData, image: NdArray<'float32'>, context: RunContext): Promise<CtConsistency> {
  const parts = portions(data);
  const pixels = image.data.length / parts.length;
  const reports: ConsistencyReport[] = [];
  const grouped: ConsistencyReport[][] = [];
  const projector = createProjector(data.geometry, parts[0].slices);
  for (const [k, part] of parts.entries()) {
    await checkpoint(context);
    const predicted = projector.apply(image.data.subarray(k * pixels, (k + 1) * pixels));
    for (let i = 0; i < predicted.length; i++) predicted[i] /= projector.scaling;
    const views = part.geometry.anglesDeg.length;
    const line = predicted.length / views;
    reports.push(sinogramConsistency(predicted, part.sinogram.data, line, part.sigma));
    for (const [g, [from, to]] of viewGroups(views).entries()) {
      const cut = (values: Float32Array) => values.subarray(from * line, to * line);
      const report = sinogramConsistency(cut(predicted), cut(part.sinogram.data), line, part.sigma);
      grouped[g] = [...(grouped[g] ?? []), report];
    }
  }
  const angles = data.geometry.anglesDeg;
  const rows = viewGroups(angles.length).map(([from, to], g) => {
    const { all } = mergeConsistency(grouped[g]);
    const degrees = `${angles[from].toFixed(0)}°–${angles[to - 1].toFixed(0)}°`;
    return {
      ...all,
      part: to - from === 1 ? `view ${from} (${angles[from].toFixed(0)}°)` : `views ${from}–${to - 1} (${degrees})`,
    };
  });
  return { ...mergeConsistency(reports), viewGroups: rows };
}

function viewGroups(views: number): [from: number, to: number][] {
  const count = Math.min(groups, views);
  return Array.from({ length: count }, (_, g) => [
    Math.floor((g * views) / count),
    Math.floor(((g + 1) * views) / count),
  ]);
}

/** Fraction of each pixel that the prior supplied, float32 [slices, y, x]; `priorVariance` in the units of the image, squared. */
export async function ctEvidence(
  data: CtData,
  image: NdArray<'float32'>,
  priorVariance: number,
  context: RunContext,
): Promise<NdArray<'float32'>> {
  const parts = portions(data);
  const pixels = image.data.length / parts.length;
  const out = new Float32Array(image.data.length);
  const projector = createProjector(data.geometry, parts[0].slices);
  for (const [k, part] of parts.entries()) {
    const step = { index: k + 1, count: parts.length };
    context.progress({ stage: 'evidence', fraction: k / parts.length, step });
    const noise = part.sigma > 0 ? { sigmaY: part.sigma * projector.scaling, priorVariance } : undefined;
    const slice = image.data.subarray(k * pixels, (k + 1) * pixels);
    const options = { complex: false, ...(noise ? { noise } : {}) };
    const { fraction } = await evidence(projector, slice, options, context);
    out.set(fraction, k * pixels);
  }
  return ndarray('float32', image.shape, out);
}
