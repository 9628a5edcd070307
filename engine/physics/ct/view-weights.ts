/**
 * What each view stands for in an integral over angles. Views may lie anywhere: each is weighted by its angular neighbourhood,
 * half the gap to either side, modulo half a turn for parallel beams and a full turn for the others. A gap that is far larger
 * than the rest is a missing arc: its ends count as much on that side as a usual view does.
 */
import type { CtGeometry } from './ct-geometry.ts';
import { fanAngle } from './fan-geometry.ts';

/** A gap counts as a missing arc when it exceeds the median gap so many times, and this many degrees. */
const missingTimes = 3;
const missingDegrees = 5;

export interface ViewArc {
  /** Radians each view stands for; they sum to the arc covered. */
  readonly weights: Float64Array;
  /** First view's angle in degrees, in [0, period), and the span to the last; with no missing arc the span is the period. */
  readonly firstDeg: number;
  readonly spanDeg: number;
  readonly closed: boolean;
}

/** Neighbourhoods of the angles on a circle of `periodDeg`. */
export function viewArc(anglesDeg: ArrayLike<number>, periodDeg: number): ViewArc {
  const views = anglesDeg.length;
  const turned = Array.from(anglesDeg, (angle) => ((angle % periodDeg) + periodDeg) % periodDeg);
  const order = turned.map((_, v) => v).sort((a, b) => turned[a] - turned[b] || a - b);
  // gaps[i]: from view order[i] to the next one round the circle.
  const gaps = order.map((v, i) =>
    i + 1 < views ? turned[order[i + 1]] - turned[v] : turned[order[0]] + periodDeg - turned[v],
  );
  const distinct = gaps.filter((gap) => gap > 1e-6).sort((a, b) => a - b);
  const median = distinct[(distinct.length - 1) >> 1] ?? periodDeg;
  const widest = gaps.indexOf(Math.max(...gaps));
  const closed = !(gaps[widest] > missingTimes * median && gaps[widest] > missingDegrees);
  const spanDeg = closed ? periodDeg : periodDeg - gaps[widest];
  const firstDeg = closed ? turned[order[0]] : turned[order[(widest + 1) % views]];
  if (!closed) gaps[widest] = median;
  const weights = new Float64Array(views);
  for (let i = 0; i < views; i++) weights[order[i]] = ((gaps[i] + gaps[(i + views - 1) % views]) / 2) * (Math.PI / 180);
  return { weights, firstDeg, spanDeg, closed };
}

export function periodDeg(geometry: CtGeometry): 180 | 360 {
  return geometry.kind === 'parallel' ? 180 : 360;
}

/** Largest fan angle, in radians, of a ray that meets both the detector and the image's inscribed circle. */
function usedFanAngle(geometry: Exclude<CtGeometry, { kind: 'parallel' }>): number {
  const { detectors, size, sourceOrigin } = geometry;
  const ends = [fanAngle(geometry, -0.5), fanAngle(geometry, detectors - 0.5)];
  return Math.min(Math.max(-ends[0], ends[1]), Math.asin(Math.min(1, size / 2 / sourceOrigin)));
}

/**
 * How much of what an exact inversion needs the views cover. 'full': half a turn of a parallel beam, a full turn of a fan or
 * cone. 'short': at least half a turn plus the fan angle, which Parker's weights invert. 'limited': less; directions are
 * missing, and no direct method gets them back.
 */
export function coverage(geometry: CtGeometry): 'full' | 'short' | 'limited' {
  const { closed, spanDeg, weights } = viewArc(geometry.anglesDeg, periodDeg(geometry));
  if (closed) return 'full';
  if (geometry.kind === 'parallel') return 'limited';
  const step = spanDeg / Math.max(1, weights.length - 1);
  const needed = 180 + (360 / Math.PI) * usedFanAngle(geometry);
  return spanDeg + step >= needed ? 'short' : 'limited';
}

/**
 * The share of a ray in the inversion, 1 over all measurements of its line: the view lies `turn` radians after the first, the
 * arc is π + 2δ long. A line is measured again from the opposite side at turn + π + 2γ; both weights, sin² and cos² of the same
 * argument, fall smoothly to 0 at the ends of the arc (D. L. Parker, Medical Physics 9 (1982) 254–257; with δ above the fan
 * angle, M. D. Silver, Medical Physics 27 (2000) 773–774). Arcs too short for any line to be seen twice get 1.
 */
export function parkerWeight(turn: number, gamma: number, delta: number): number {
  const start = delta - gamma;
  if (start > 0 && turn < 2 * start) return Math.sin((Math.PI / 4) * (turn / start)) ** 2;
  const end = delta + gamma;
  const left = Math.max(0, Math.PI + 2 * delta - turn);
  if (end > 0 && left < 2 * end) return Math.sin((Math.PI / 4) * (left / end)) ** 2;
  return 1;
}
