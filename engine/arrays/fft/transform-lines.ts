/** Centred orthonormal transforms of up to four lines of an image in the module's memory, in place. */
import { POINT } from './butterflies.ts';
import { bundles, kernel } from './machine.ts';
import type { FftPlan } from './plan.ts';

const loadColumns = kernel('loadColumns');
const storeColumns = kernel('storeColumns');
const loadRows = kernel('loadRows');
const storeRows = kernel('storeRows');
const loadAny = kernel('loadAny');
const storeAny = kernel('storeAny');

/**
 * Transforms `lines` (1 … 4) lines of plan.n points: line l starts at address base + l · lineStride and its points are
 * pointStride bytes apart. Even n is centred by signs, odd n by an offset. Missing lines repeat the first, so that what
 * is stored for them is the first line again.
 */
export function transformLines(
  plan: FftPlan,
  base: number,
  lines: number,
  lineStride: number,
  pointStride: number,
  inverse: boolean,
): void {
  const { n } = plan;
  const [a, b] = bundles(plan.points);
  const even = n % 2 === 0;
  const scale = (n % 4 === 2 ? -1 : 1) / Math.sqrt(n);
  const flip = even ? -1 : 1;
  const re = inverse ? 16 : 0;
  const centre = even ? 0 : (n - 1) / 2;
  const tail = n - centre;
  const p1 = lines > 1 ? base + lineStride : base;
  const p2 = lines > 2 ? base + 2 * lineStride : base;
  const p3 = lines > 3 ? base + 3 * lineStride : base;
  const shift = centre * pointStride;
  const wrapped = a + POINT * tail;
  if (lineStride === 8 && lines === 4) {
    loadColumns(base + shift, a, tail, pointStride, re, scale, scale * flip);
    if (centre > 0) loadColumns(base, wrapped, centre, pointStride, re, scale, scale);
    const result = plan.run(a, b);
    storeColumns(base + shift, result, tail, pointStride, re, 1, flip);
    if (centre > 0) storeColumns(base, result + POINT * tail, centre, pointStride, re, 1, 1);
    return;
  }
  const load = pointStride === 8 ? loadRows : loadAny;
  const store = pointStride === 8 ? storeRows : storeAny;
  load(base + shift, p1 + shift, p2 + shift, p3 + shift, a, tail, pointStride, re, scale, scale * flip);
  if (centre > 0) load(base, p1, p2, p3, wrapped, centre, pointStride, re, scale, scale);
  const result = plan.run(a, b);
  store(base + shift, p1 + shift, p2 + shift, p3 + shift, result, tail, pointStride, re, 1, flip);
  if (centre > 0) store(base, p1, p2, p3, result + POINT * tail, centre, pointStride, re, 1, 1);
}
