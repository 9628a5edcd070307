/**
 * Where the rotation axis of a parallel-beam scan projects to on the detector. With the right axis the filtered back-projection
 * is nowhere negative, with a wrong one every edge splits into a bright and a dark arc; since the sum of the image hardly
 * depends on the axis, Σ|x| has its minimum at the right one, with few views too (the negativity criterion of T. Donath,
 * F. Beckmann, A. Schreyer, J. Opt. Soc. Am. A 23 (2006) 1048–1057). That holds for half a turn: over a full turn the arcs close
 * to rings, a blur that is positive; so of longer scans half a turn is used. A coarse search over the detector's middle half
 * on binned views is refined on finer ones, and by a parabola to a fraction of an element.
 */
import { check, EngineError } from '../../errors.ts';
import { backProjectSlices } from './back-project.ts';
import { parallelBeamGeometry } from './geometry.ts';
import { rampFilter } from './ramp-filter.ts';
import { coverage, viewArc } from './view-weights.ts';

/** Binned detector lengths and most views of the two searches. */
const coarse = { elements: 128, views: 45 };
const fine = { elements: 320, views: 120 };

/** Σ|x| within the reconstructed circle, as a function of the axis in elements of the unbinned detector. */
type Cost = (centre: number) => number;

function costOf(
  view: Float32Array,
  anglesDeg: ArrayLike<number>,
  detectors: number,
  { elements, views: most }: typeof coarse,
): { cost: Cost; bin: number } {
  const bin = Math.max(1, Math.round(detectors / elements));
  const binned = Math.floor(detectors / bin);
  const used = halfTurn(anglesDeg);
  const kept = used.filter((_, i) => i % Math.ceil(used.length / most) === 0);
  const rows = new Float32Array(kept.length * binned);
  kept.forEach((v, row) => {
    for (let j = 0; j < binned * bin; j++) rows[row * binned + Math.floor(j / bin)] += view[v * detectors + j];
  });
  const angles = kept.map((v) => anglesDeg[v]);
  const filtered = rampFilter(rows, kept.length, binned, { window: 'hann' });
  const middle = Math.floor(binned / 2);
  const radius = (binned / 2 - 1) ** 2;
  const cost = (centre: number): number => {
    const detectorCentre = (centre - (bin - 1) / 2) / bin;
    const geometry = parallelBeamGeometry({ size: binned, anglesDeg: angles, detectors: binned, detectorCentre });
    const image = backProjectSlices(filtered, geometry, 1);
    let sum = 0;
    for (let y = 0; y < binned; y++)
      for (let x = 0; x < binned; x++)
        if ((x - middle) ** 2 + (y - middle) ** 2 <= radius) sum += Math.abs(image[y * binned + x]);
    return sum;
  };
  return { cost, bin };
}

/** Views of the half turn after the first, when it is covered, in order of angle; else all views. */
function halfTurn(anglesDeg: ArrayLike<number>): number[] {
  const all = Array.from(anglesDeg, (_, v) => v);
  const turned = (v: number): number => (((anglesDeg[v] - anglesDeg[0]) % 360) + 360) % 360;
  const half = all.filter((v) => turned(v) < 180 - 1e-9).sort((a, b) => turned(a) - turned(b));
  return viewArc(
    half.map((v) => anglesDeg[v]),
    180,
  ).closed
    ? half
    : all;
}

/** Vertex of the parabola fitted to five equidistant values, as an offset from the middle one in steps, within ±2. */
function vertex(values: readonly number[]): number {
  const [a, b, c, d, e] = values;
  const slope = (2 * e + d - b - 2 * a) / 10;
  const curvature = (2 * a - b - 2 * c - d + 2 * e) / 7;
  return curvature > 0 ? Math.max(-2, Math.min(2, -slope / curvature)) : 0;
}

/**
 * Detector index (a fraction) of the rotation axis from line integrals [slices, views, detectors]; of several slices the one
 * with the most attenuation is used. Throws `mismatch` when the sinogram is not of whole slices, `unsupported` when the views
 * do not cover half a turn, `bad-input` when there is nothing in the views.
 */
export function findCentre(sinogram: Float32Array, anglesDeg: ArrayLike<number>, detectors: number): number {
  const plane = anglesDeg.length * detectors;
  const slices = sinogram.length / plane;
  check(
    Number.isInteger(slices) && slices > 0,
    () => `sinogram has ${sinogram.length} elements, expected slices of ${anglesDeg.length}×${detectors}`,
    { code: 'mismatch', path: 'sinogram' },
  );
  if (coverage(parallelBeamGeometry({ size: 1, anglesDeg, detectors })) !== 'full')
    throw new EngineError('unsupported', 'the views cover less than 180°, which does not tell where the axis is', {
      path: 'detector_centre',
      hint: 'Give the detector index of the rotation axis.',
    });
  let [heaviest, most] = [0, Number.NEGATIVE_INFINITY];
  for (let z = 0; z < slices; z++) {
    let sum = 0;
    for (let i = z * plane; i < (z + 1) * plane; i++) sum += sinogram[i];
    if (sum > most) [heaviest, most] = [z, sum];
  }
  check(most > 0, () => `the line integrals sum to ${most}, expected an object in them`, { path: 'sinogram' });
  const view = sinogram.subarray(heaviest * plane, (heaviest + 1) * plane);

  const first = costOf(view, anglesDeg, detectors, coarse);
  let [best, least] = [(detectors - 1) / 2, Number.POSITIVE_INFINITY];
  for (let centre = detectors / 4; centre <= (3 * detectors) / 4; centre += first.bin) {
    const cost = first.cost(centre);
    if (cost < least) [best, least] = [centre, cost];
  }
  const { cost, bin } = costOf(view, anglesDeg, detectors, fine);
  const known = new Map<number, number>();
  const at = (step: number): number => {
    const found = known.get(step) ?? cost(best + step * bin);
    known.set(step, found);
    return found;
  };
  // Downhill from the coarse minimum, a binned element at a time.
  let step = 0;
  const furthest = 4 * Math.ceil(first.bin / bin);
  while (Math.abs(step) < furthest && Math.min(at(step - 1), at(step + 1)) < at(step))
    step += at(step - 1) < at(step + 1) ? -1 : 1;
  return best + bin * (step + vertex([-2, -1, 0, 1, 2].map((offset) => at(step + offset))));
}
