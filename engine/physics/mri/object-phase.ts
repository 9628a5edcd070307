/**
 * A random smooth phase like that of real scans after coil combination:
 *   φ = φ₀ + linear ramp + polynomial of orders 2–4 + Gaussian random field,
 * φ₀ uniform on the circle; ramp up to 0.1 rad per pixel and axis; polynomial with a standard deviation of 0.3–1.5 rad;
 * field with frequencies up to 4 cycles per field of view and a standard deviation of 0.05–0.7 rad. The ranges were
 * measured on a spin-echo-like and on a gradient-echo scan.
 */
import type { Random } from '../../arrays/random.ts';

const LARGEST_RAMP = 0.1;
const POLYNOMIAL: readonly [number, number] = [0.3, 1.5];
const FIELD: readonly [number, number] = [0.05, 0.7];
const FIELD_CYCLES = 4;

/** Radians, float64 [y, x]. */
export function objectPhase([height, width]: readonly [number, number], random: Random): Float64Array {
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random.uniform();
  const offset = 2 * Math.PI * random.uniform();
  const ramp = [0, 1].map(() => LARGEST_RAMP * (2 * random.uniform() - 1));
  const polynomial = scaled(polynomialField(height, width, random), between(POLYNOMIAL));
  const field = scaled(waveField(height, width, random), between(FIELD));
  const phase = new Float64Array(height * width);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      phase[i] = offset + ramp[0] * (y - height / 2) + ramp[1] * (x - width / 2) + polynomial[i] + field[i];
    }
  }
  return phase;
}

/** Random combination of the monomials uᵃvᵇ, 2 ≤ a + b ≤ 4, u and v in [−1, 1]. */
function polynomialField(height: number, width: number, random: Random): Float64Array {
  const terms: [number, number, number][] = [];
  for (let order = 2; order <= 4; order++) for (let a = 0; a <= order; a++) terms.push([a, order - a, random.normal()]);
  const field = new Float64Array(height * width);
  for (let y = 0, i = 0; y < height; y++) {
    const v = (2 * y) / height - 1;
    for (let x = 0; x < width; x++, i++) {
      const u = (2 * x) / width - 1;
      for (const [a, b, weight] of terms) field[i] += weight * u ** a * v ** b;
    }
  }
  return field;
}

/** Σ over frequencies |k| ≤ 4 cycles per field of view of independent normal cosine and sine waves. */
function waveField(height: number, width: number, random: Random): Float64Array {
  const field = new Float64Array(height * width);
  for (let ky = -FIELD_CYCLES; ky <= FIELD_CYCLES; ky++) {
    for (let kx = 0; kx <= FIELD_CYCLES; kx++) {
      if (ky * ky + kx * kx > FIELD_CYCLES ** 2 || (kx === 0 && ky <= 0)) continue;
      const [a, b] = [random.normal(), random.normal()];
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const angle = 2 * Math.PI * ((ky * y) / height + (kx * x) / width);
          field[i] += a * Math.cos(angle) + b * Math.sin(angle);
        }
      }
    }
  }
  return field;
}

/** Zero mean, standard deviation `target`. */
function scaled(field: Float64Array, target: number): Float64Array {
  let sum = 0;
  let squares = 0;
  for (const v of field) {
    sum += v;
    squares += v * v;
  }
  const mean = sum / field.length;
  const deviation = Math.sqrt(Math.max(squares / field.length - mean * mean, 0));
  return field.map((v) => (deviation > 0 ? ((v - mean) * target) / deviation : 0));
}
