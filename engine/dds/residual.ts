/** Data residual of an image, ‖A x − y/scale‖², in scaled units, and the curve of it over the steps. */
import type { DdsSlice } from './problem.ts';

/** Share of ‖y‖² below which the quadratic form has lost too many float32 digits to cancellation. */
const leastShare = 1e-3;

/** Computes residual norms without allocating: one buffer per slice size. */
export class ResidualMeter {
  readonly #measurements = new Map<number, Float32Array>();
  readonly #images = new Map<number, Float32Array>();
  readonly #scale: number;

  constructor(slices: readonly DdsSlice[], scale: number) {
    this.#scale = scale;
    for (const { measurement } of slices)
      if (!this.#measurements.has(measurement.length))
        this.#measurements.set(measurement.length, new Float32Array(measurement.length));
  }

  /**
   * ‖A x − y/scale‖². `backProjected` = A*y/scale (empty when it was not needed) and `energy` = ‖y/scale‖². Where the operator has a fused A*A, which
   * costs a fraction of A, the form ⟨x, A*A x⟩ − 2⟨x, A*y⟩ + ‖y‖² serves, unless the residual is too small for it.
   */
  squared(slice: DdsSlice, image: Float32Array, backProjected: Float32Array, energy: number): number {
    if (slice.operator.normal === undefined || backProjected.length === 0) return this.#direct(slice, image);
    let product = this.#images.get(image.length);
    if (product === undefined) this.#images.set(image.length, (product = new Float32Array(image.length)));
    slice.operator.normal(image, product);
    let sum = energy;
    for (let i = 0; i < image.length; i++) sum += image[i] * (product[i] - 2 * backProjected[i]);
    return sum < leastShare * energy ? this.#direct(slice, image) : sum;
  }

  #direct(slice: DdsSlice, image: Float32Array): number {
    const y = slice.measurement;
    const predicted = slice.operator.apply(image, this.#measurements.get(y.length));
    const inverse = 1 / this.#scale;
    let sum = 0;
    for (let i = 0; i < y.length; i++) {
      const difference = predicted[i] - y[i] * inverse;
      sum += difference * difference;
    }
    return sum;
  }
}

/** ‖y/scale‖² and the number of measured real values. */
export function measurementEnergy(
  slice: Pick<DdsSlice, 'measurement' | 'measured'>,
  scale: number,
): { squared: number; measured: number } {
  let squared = 0;
  let measured = 0;
  for (const value of slice.measurement) {
    if (value === 0) continue;
    squared += value * value;
    measured++;
  }
  return { squared: squared / (scale * scale), measured: slice.measured ?? measured };
}

export interface ResidualRow {
  /** Step number from 1. */
  step: number;
  t: number;
  alphaBar: number;
  /** ‖A x̂0 − y‖/‖y‖ over the images still running, before and after data consistency. */
  before: number;
  after: number;
  /** Largest number of CG iterations any image used, and the largest relative residual CG left. */
  cgIterations: number;
  cgResidual: number;
  /** Mean of ε̂² per value: about 1 where the prior fits. */
  noisePower: number;
  /** Images that took this step. */
  images: number;
}

const columns = ['before', 'after', 'energy', 'iterations', 'residual', 'noise', 'images'] as const;
type Sums = Record<(typeof columns)[number], number>;

/** Gathers the sums of one step over images, in any grouping: one curve per slice. */
export class ResidualCurve {
  readonly #sums: Sums[];
  readonly #levels: readonly { t: number; alphaBar: number }[];

  constructor(levels: readonly { t: number; alphaBar: number }[]) {
    this.#levels = levels;
    this.#sums = levels.map(() => ({
      before: 0,
      after: 0,
      energy: 0,
      iterations: 0,
      residual: 0,
      noise: 0,
      images: 0,
    }));
  }

  add(step: number, image: { before: number; after: number; energy: number; noisePower: number }): void {
    const sums = this.#sums[step];
    sums.before += image.before;
    sums.after += image.after;
    sums.energy += image.energy;
    sums.noise += image.noisePower;
    sums.images++;
  }

  addSolve(step: number, solve: { iterations: number; residual: number }): void {
    const sums = this.#sums[step];
    sums.iterations = Math.max(sums.iterations, solve.iterations);
    sums.residual = Math.max(sums.residual, solve.residual);
  }

  /** Numbers `save` needs. */
  static savedLength(curve: ResidualCurve): number {
    return curve.#sums.length * columns.length;
  }

  /** The sums as numbers, [steps, columns]. */
  save(target: Float64Array): void {
    this.#sums.forEach((sums, k) => {
      columns.forEach((column, c) => {
        target[k * columns.length + c] = sums[column];
      });
    });
  }

  restore(source: Float64Array): void {
    this.#sums.forEach((sums, k) => {
      columns.forEach((column, c) => {
        sums[column] = source[k * columns.length + c];
      });
    });
  }

  /** Rows of several curves together: sums of squares add, the CG columns take the largest. */
  static merge(curves: readonly ResidualCurve[]): ResidualRow[] {
    const total = new ResidualCurve(curves[0].#levels);
    for (const curve of curves)
      total.#sums.forEach((sums, i) => {
        const other = curve.#sums[i];
        sums.before += other.before;
        sums.after += other.after;
        sums.energy += other.energy;
        sums.noise += other.noise;
        sums.images += other.images;
        total.addSolve(i, other);
      });
    return total.rows();
  }

  rows(): ResidualRow[] {
    return this.#sums.flatMap((sums, i) =>
      sums.images === 0
        ? []
        : {
            step: i + 1,
            t: this.#levels[i].t,
            alphaBar: this.#levels[i].alphaBar,
            before: relative(sums.before, sums.energy),
            after: relative(sums.after, sums.energy),
            cgIterations: sums.iterations,
            cgResidual: sums.residual,
            noisePower: sums.noise / sums.images,
            images: sums.images,
          },
    );
  }
}

/** √(squared/energy); 0 for a perfect fit of nothing. */
function relative(squared: number, energy: number): number {
  if (energy > 0) return Math.sqrt(squared / energy);
  return Math.sqrt(squared);
}
