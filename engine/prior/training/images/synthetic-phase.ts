/**
 * A random smooth phase like that of real scans after coil combination,
 *   φ = φ₀ + linear ramp + polynomial of orders 2–4 + Gaussian random field,
 * φ₀ uniform on the circle: it makes the prior equivariant to a global phase, which coil maps leave open. The default
 * ranges were measured on a spin-echo and a gradient-echo scan.
 */
import type { Random } from '../../../arrays/random.ts';
import { between } from './between.ts';
import type { PhaseConfig } from './image-config.ts';
import { type SmoothField, standardise } from './smooth-field.ts';

/** What a drawn phase is made of. */
export interface PhaseParts {
  /** φ₀ in [−π, π). */
  constant: number;
  /** Slopes along y and x, rad per pixel. */
  ramp: [number, number];
  /** Standard deviations over the image, rad. */
  polynomial: number;
  field: number;
}

/**
 * out ← Σ_{2 ≤ a+b ≤ 4} c_ab uᵃ vᵇ with normal c_ab, u and v in [−1, 1] along x and y, mean 0 and the given standard
 * deviation (rad). out: [size, size].
 */
export function drawPolynomial(random: Random, size: number, deviation: number, out: Float32Array): void {
  // c[a][b], zero outside orders 2 to 4.
  const c = Array.from({ length: 5 }, (_, a) =>
    Array.from({ length: 5 }, (_, b) => (a + b >= 2 && a + b <= 4 ? random.normal() : 0)),
  );
  const at = (i: number) => (size > 1 ? (2 * i) / (size - 1) - 1 : 0);
  for (let y = 0, i = 0; y < size; y++) {
    const v = at(y);
    const [p0, p1, p2, p3, p4] = c.map((row) => row[0] + v * (row[1] + v * (row[2] + v * (row[3] + v * row[4]))));
    for (let x = 0; x < size; x++, i++) {
      const u = at(x);
      out[i] = p0 + u * (p1 + u * (p2 + u * (p3 + u * p4)));
    }
  }
  standardise(out, deviation);
}

/** out ← a phase in rad, [size, size]; `work` is overwritten. Returns what it is made of. */
export function drawPhase(
  random: Random,
  config: PhaseConfig,
  smooth: SmoothField,
  work: Float32Array,
  out: Float32Array,
): PhaseParts {
  const size = smooth.size;
  const constant = Math.PI * (2 * random.uniform() - 1);
  const ramp: [number, number] = [between(random, config.ramp), between(random, config.ramp)];
  const polynomial = between(random, config.polynomial);
  drawPolynomial(random, size, polynomial, out);
  const cycles = between(random, config.cycles);
  const field = between(random, config.field);
  smooth.fill(random, { width: cycles / 2, highest: cycles }, work);
  standardise(work, field);
  const centre = (size - 1) / 2;
  for (let y = 0, i = 0; y < size; y++) {
    const offset = constant + ramp[0] * (y - centre) - ramp[1] * centre;
    for (let x = 0; x < size; x++, i++) out[i] += offset + ramp[1] * x + work[i];
  }
  return { constant, ramp, polynomial, field };
}
