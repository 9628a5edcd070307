/**
 * Variable-density Poisson-disc mask: samples keep a distance that grows away from the centre.
 *
 * r = normalised distance of a point to the calibration box, per axis max(|y − h/2| − box/2, 0) over its largest value;
 * two samples keep the elliptic distance (1 + s·r)·(n/max n) per axis; points with r ≥ 1 (the corners) are never
 * sampled. The slope s is found by bisection. Bridson, "Fast Poisson disk sampling in arbitrary dimensions" (2007):
 * new points are thrown into the ring of 1–2 radii around an active one, at most 30 times before it is retired.
 */
import type { Random } from '../../../arrays/random.ts';
import { EngineError } from '../../../errors.ts';
import { boxMask, type PointSettings, pointBudget } from './points.ts';

const ATTEMPTS = 30;
const BISECTIONS = 24;
/** Permitted |R_effective − R| of the reference variant. */
const TOLERANCE = 0.1;

interface Geometry {
  height: number;
  width: number;
  box: readonly [number, number];
  /** r per point, ≥ 1 in the corners. */
  radius: Float32Array;
}

function geometryOf({ height, width, box }: PointSettings): Geometry {
  const axis = (n: number, b: number) => {
    const d = Float64Array.from({ length: n }, (_, i) => Math.max(Math.abs(i - n / 2) - b / 2, 0));
    const largest = Math.max(...d, 1e-9);
    return d.map((v) => v / largest);
  };
  const [dy, dx] = [axis(height, box[0]), axis(width, box[1])];
  const radius = new Float32Array(height * width);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) radius[y * width + x] = Math.hypot(dy[y], dx[x]);
  return { height, width, box, radius };
}

/** One throw of the darts at slope s. */
function throwDarts({ height, width, box, radius }: Geometry, slope: number, random: Random): Uint8Array {
  const mask = new Uint8Array(height * width);
  const largest = Math.max(height, width);
  const [unitY, unitX] = [height / largest, width / largest];
  const active: number[] = [Math.floor(random.uniform() * height) * width + Math.floor(random.uniform() * width)];
  const isFree = (y: number, x: number, ry: number, rx: number) => {
    const [y0, y1] = [Math.max(0, Math.ceil(y - ry)), Math.min(height - 1, Math.floor(y + ry))];
    const [x0, x1] = [Math.max(0, Math.ceil(x - rx)), Math.min(width - 1, Math.floor(x + rx))];
    for (let v = y0; v <= y1; v++) {
      for (let u = x0; u <= x1; u++) {
        if (mask[v * width + u] === 1 && ((v - y) / ry) ** 2 + ((u - x) / rx) ** 2 < 1) return false;
      }
    }
    return true;
  };
  while (active.length > 0) {
    const pick = random.integer(active.length);
    const point = active[pick];
    const [py, px] = [Math.floor(point / width), point % width];
    const reach = 1 + slope * radius[point];
    let found = false;
    for (let attempt = 0; attempt < ATTEMPTS && !found; attempt++) {
      const distance = Math.sqrt(3 * random.uniform() + 1);
      const angle = 2 * Math.PI * random.uniform();
      const y = Math.floor(py + distance * reach * unitY * Math.cos(angle) + 0.5);
      const x = Math.floor(px + distance * reach * unitX * Math.sin(angle) + 0.5);
      if (y < 0 || x < 0 || y >= height || x >= width) continue;
      const here = 1 + slope * radius[y * width + x];
      if (!isFree(y, x, Math.max(1, here * unitY), Math.max(1, here * unitX))) continue;
      mask[y * width + x] = 1;
      active.push(y * width + x);
      found = true;
    }
    if (!found) {
      active[pick] = active[active.length - 1];
      active.pop();
    }
  }
  const centre = boxMask({ height, width, box });
  for (let i = 0; i < mask.length; i++) mask[i] = radius[i] >= 1 ? 0 : mask[i] | centre[i];
  return mask;
}

function count(mask: Uint8Array): number {
  let sum = 0;
  for (const m of mask) sum += m;
  return sum;
}

/**
 * Bisects the slope. `exact` removes the surplus of the nearest denser throw at random outside the box, so that exactly
 * floor(h·w/R) points remain; `reference` takes the throw nearest to R and accepts |R_effective − R| < 0.1.
 */
export function poissonDisc(settings: PointSettings, exact: boolean, random: Random): Uint8Array {
  const target = pointBudget(settings);
  const geometry = geometryOf(settings);
  const points = settings.height * settings.width;
  let low = 0;
  let high = Math.max(settings.height, settings.width);
  let best: Uint8Array | undefined;
  let bestError = Infinity;
  for (let i = 0; i < BISECTIONS; i++) {
    const slope = (low + high) / 2;
    const mask = throwDarts(geometry, slope, random);
    const sampled = count(mask);
    if (sampled > target) low = slope;
    else high = slope;
    const error = Math.abs(points / sampled - settings.acceleration);
    if ((!exact || sampled >= target) && error < bestError) {
      best = mask;
      bestError = error;
    }
    if (sampled === target || (!exact && error < TOLERANCE) || high - low < 1e-3) break;
  }
  if (best === undefined || (!exact && bestError >= TOLERANCE)) {
    throw new EngineError(
      'bad-usage',
      `a Poisson-disc mask cannot reach acceleration ${settings.acceleration} at ${settings.height}×${settings.width} with this calibration box`,
      {
        path: 'acceleration',
        hint: 'Poisson-disc masks start near acceleration 3; use a higher acceleration or a smaller calibration region.',
      },
    );
  }
  if (exact) {
    const box = boxMask(settings);
    const removable: number[] = [];
    for (let i = 0; i < best.length; i++) if (best[i] === 1 && box[i] === 0) removable.push(i);
    random.shuffle(removable);
    for (let surplus = count(best) - target, i = 0; i < surplus; i++) best[removable[i]] = 0;
  }
  return best;
}
