/** What a set of view angles covers. Angles in degrees. */

export interface ViewCoverage {
  /** From the first view to the last and one step more, at most 360. */
  arcDeg: number;
  /** Directions covered of those there are: angles are taken modulo `period`, 180 where opposite views are equal. */
  coveredDeg: number;
  /** Median step between neighbouring views, and the largest step inside the covered range. */
  stepDeg: number;
  largestStepDeg: number;
}

/** Steps closer than this are one view. */
const sameView = 1e-6;

function stepsOf(sorted: readonly number[]): number[] {
  return sorted
    .slice(1)
    .map((angle, i) => angle - sorted[i])
    .filter((step) => step > sameView);
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function viewCoverage(anglesDeg: ArrayLike<number>, period: 180 | 360): ViewCoverage {
  const angles = Array.from(anglesDeg).sort((a, b) => a - b);
  const range = angles[angles.length - 1] - angles[0];
  const arcDeg = Math.min(360, range + medianOf(stepsOf(angles)));
  const wrapped = angles.map((angle) => ((angle % period) + period) % period).sort((a, b) => a - b);
  const inner = stepsOf(wrapped);
  const stepDeg = medianOf(inner);
  const across = wrapped[0] + period - wrapped[wrapped.length - 1];
  const gaps = [...inner, across].sort((a, b) => a - b);
  // The widest gap is where the views end, unless they go all the way round.
  const widest = gaps[gaps.length - 1];
  const closed = stepDeg > 0 && widest <= 2 * stepDeg;
  return {
    arcDeg,
    coveredDeg: closed ? period : Math.min(period, period - widest + stepDeg),
    stepDeg,
    largestStepDeg: closed ? widest : (gaps[gaps.length - 2] ?? 0),
  };
}
