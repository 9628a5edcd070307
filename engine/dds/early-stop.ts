/**
 * When one image may stop early: its estimate changed by less than the tolerance (relative 2-norm) in each of the last
 * three steps, or the denoiser's own estimate already explains the data, ‖A x̂0 − y‖ ≤ σ_y√m with m measured values,
 * while it no longer changes by more than ten tolerances. The second rule looks at x̂0 *before* data consistency, and at the
 * change: after data consistency the discrepancy is met from the first step on, whatever the unmeasured part is. Neither rule
 * acts while the noise outweighs the signal, ᾱ_t < ½: there x̂0 hardly depends on the state and stands still unfinished.
 */
const calmSteps = 3;

export class EarlyStop {
  readonly #tolerance: number;
  readonly #calm: Int32Array;

  constructor(images: number, tolerance: number) {
    this.#tolerance = tolerance;
    this.#calm = new Int32Array(images);
  }

  /** Calm steps in a row of every image: all that is remembered. */
  get calm(): Int32Array {
    return this.#calm;
  }

  /** Whether image `i` is done after the step at ᾱ_t. `noiseSquared` is σ_y² m, 0 when unknown. */
  done(i: number, alphaBar: number, change: number, residualSquared: number, noiseSquared: number): boolean {
    if (alphaBar < 0.5) return false;
    this.#calm[i] = change < this.#tolerance ? this.#calm[i] + 1 : 0;
    if (this.#calm[i] >= calmSteps) return true;
    return noiseSquared > 0 && residualSquared <= noiseSquared && change < 10 * this.#tolerance;
  }
}

/** ‖a − b‖/‖a‖. */
export function relativeChange(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += a[i] * a[i];
  }
  return size > 0 ? Math.sqrt(difference / size) : difference > 0 ? Number.POSITIVE_INFINITY : 0;
}
