/** Grey levels of one image onto those of another by transport between their histograms, with cost (u − v)². */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import type { Warnings } from './inputs.ts';
import type { SinkhornParameters } from './manifest.ts';
import { transportError } from './problem.ts';
import { runTransport, type Transport } from './run-transport.ts';

export interface Histogram {
  /** Mean grey level of the pixels of each bin with mass, increasing. */
  levels: Float64Array;
  /** Sum 1. */
  mass: Float64Array;
}

/** Bins of equal width over the range of the finite values; empty ones dropped. Throws E_ZERO_RANGE. */
export function histogram(image: NdArray, bins: number, name: string): Histogram {
  let [low, high, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of image.data) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    count++;
  }
  if (count === 0 || low === high)
    throw transportError('E_ZERO_RANGE', `${name} is ${count === 0 ? 'empty' : `constant at ${low}`}`, name);
  const sums = new Float64Array(bins);
  const counts = new Float64Array(bins);
  for (const value of image.data) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    sums[bin] += value;
    counts[bin]++;
  }
  const filled = Array.from({ length: bins }, (_, k) => k).filter((k) => counts[k] > 0);
  return {
    levels: Float64Array.from(filled, (k) => sums[k] / counts[k]),
    mass: Float64Array.from(filled, (k) => counts[k] / count),
  };
}

/** Earth mover's distance on a line: ∫ |F − G|. */
export function wasserstein1(a: Histogram, b: Histogram): number {
  let [i, j, at, sum] = [0, 0, Number.NEGATIVE_INFINITY, 0];
  let difference = 0;
  while (i < a.levels.length || j < b.levels.length) {
    const fromA = j >= b.levels.length || (i < a.levels.length && a.levels[i] <= b.levels[j]);
    const level = fromA ? a.levels[i] : b.levels[j];
    if (at !== Number.NEGATIVE_INFINITY) sum += Math.abs(difference) * (level - at);
    difference += fromA ? a.mass[i++] : -b.mass[j++];
    at = level;
  }
  return sum;
}

/** Linear interpolation of (levels, mapped), continued with the end slopes. */
function interpolate(levels: Float64Array, mapped: Float64Array, value: number): number {
  const last = levels.length - 1;
  if (last === 0) return mapped[0];
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (levels[middle] <= value) low = middle;
    else high = middle;
  }
  const slope = (mapped[high] - mapped[low]) / (levels[high] - levels[low]);
  return mapped[low] + slope * (value - levels[low]);
}

export interface Harmonised {
  transport: Transport;
  image: NdArray<'float32'>;
  levels: Float64Array;
  mapped: Float64Array;
  before: number;
  after: number;
}

export async function harmonise(
  source: NdArray,
  target: NdArray,
  parameters: SinkhornParameters,
  warnings: Warnings,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<Harmonised> {
  const from = histogram(source, parameters.bins, 'source');
  const to = histogram(target, parameters.bins, 'target');
  const [n, m] = [from.levels.length, to.levels.length];
  // Both on [0, 1]: an affine change of the source changes nothing, and far apart ranges lose no precision.
  const unit = ({ levels }: Histogram) =>
    levels.map((value) => (value - levels[0]) / (levels[levels.length - 1] - levels[0] || 1));
  const [u, v] = [unit(from), unit(to)];
  const cost = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) cost[i * m + j] = (u[i] - v[j]) ** 2;
  const transport = await runTransport(from.mass, to.mass, cost, parameters, context);
  const mapped = new Float64Array(n);
  let fell = 0;
  for (let i = 0; i < n; i++) {
    let [mass, sum] = [0, 0];
    for (let j = 0; j < m; j++) {
      mass += transport.plan[i * m + j];
      sum += transport.plan[i * m + j] * to.levels[j];
    }
    mapped[i] = sum / mass;
    if (i > 0 && mapped[i] < mapped[i - 1]) {
      fell = Math.max(fell, mapped[i - 1] - mapped[i]);
      mapped[i] = mapped[i - 1];
    }
  }
  // Rounding error alone is not worth a word.
  if (fell > 1e-6 * (to.levels[m - 1] - to.levels[0]))
    warnings.push({
      code: 'transfer-fell',
      message: `the transfer map fell by ${fell} and was made monotone`,
      value: fell,
    });
  const data = Float32Array.from(source.data, (value) =>
    Number.isFinite(value) ? interpolate(from.levels, mapped, value) : value,
  );
  const image = ndarray('float32', source.shape, data);
  return {
    transport,
    image,
    levels: from.levels,
    mapped,
    before: wasserstein1(from, to),
    after: wasserstein1(histogram(image, parameters.bins, 'harmonised'), to),
  };
}
