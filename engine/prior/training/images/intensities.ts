/** Random changes of brightness of a magnitude image [size, size], in place; 1 is about its 0.99 quantile. */
import type { Random } from '../../../arrays/random.ts';
import { between } from './between.ts';
import type { Augmentations } from './image-config.ts';
import { type SmoothField, standardise } from './smooth-field.ts';

/** m ← m^γ. */
export function gamma(random: Random, config: Augmentations['gamma'], m: Float32Array): void {
  const exponent = between(random, config.exponent);
  for (let i = 0; i < m.length; i++) m[i] = m[i] > 0 ? m[i] ** exponent : 0;
}

/** Intensities the random map is drawn over; above, it goes on with its last slope. */
const MAP_END = 1.3;
/** Rise of the last piece, so that the brightest tissue keeps some contrast. */
const LAST_RISE = 0.3;

/** m ← f(m), f piecewise linear and increasing through (0, 0) and equidistant knots at sorted uniform heights. */
export function intensityMap(random: Random, config: Augmentations['intensityMap'], m: Float32Array): void {
  const pieces = config.knots + 1;
  const heights = Float64Array.from({ length: config.knots }, () => random.uniform()).sort();
  const f = [0, ...heights, heights[config.knots - 1] + LAST_RISE];
  const scale = pieces / MAP_END;
  for (let i = 0; i < m.length; i++) {
    const at = Math.max(0, m[i]) * scale;
    const k = Math.min(pieces - 1, Math.floor(at));
    m[i] = f[k] + (at - k) * (f[k + 1] - f[k]);
  }
}

/** m ← m · exp(g), g smooth with mean 0. `work`: [size, size], overwritten. */
export function bias(
  random: Random,
  config: Augmentations['bias'],
  smooth: SmoothField,
  work: Float32Array,
  m: Float32Array,
): void {
  const sigma = between(random, config.sigma);
  const cycles = between(random, config.cycles);
  smooth.fill(random, { width: cycles / 2, highest: cycles }, work);
  standardise(work, sigma);
  for (let i = 0; i < m.length; i++) m[i] *= Math.exp(work[i]);
}

/** Below this share of the window a pixel is air and stays so. */
const AIR = 0.05;

/** CT: m ← (m − water) · gain + water + offset inside the body; `water`: where 0 HU lies. */
export function gainOffset(random: Random, config: Augmentations['gain'], water: number, m: Float32Array): void {
  const gain = between(random, config.factor);
  const offset = config.offset * random.normal();
  for (let i = 0; i < m.length; i++) if (m[i] > AIR) m[i] = Math.max(0, (m[i] - water) * gain + water + offset);
}

/** Share of inserts as dense as calcifications or catheters, and their spread relative to the others. */
const DENSE_SHARE = 0.2;
const DENSE_FACTOR = 4;
const BODY = 0.2;
/** Tries to hit the body before an insert is given up. */
const TRIES = 20;

/** CT: adds ellipses of random density, with soft edges of about a pixel, centred inside the body. */
export function inserts(random: Random, config: Augmentations['inserts'], size: number, m: Float32Array): void {
  const count = Math.round(between(random, config.count));
  const [low, high] = config.radius.map(Math.log);
  for (let k = 0; k < count; k++) {
    let at = random.integer(m.length);
    for (let t = 1; t < TRIES && m[at] <= BODY; t++) at = random.integer(m.length);
    const a = Math.exp(between(random, [low, high]));
    const b = Math.exp(between(random, [low, high]));
    const angle = Math.PI * random.uniform();
    const density = config.density * random.normal() * (random.uniform() < DENSE_SHARE ? DENSE_FACTOR : 1);
    if (m[at] > BODY) addEllipse(m, size, { at, a, b, angle, density });
  }
}

interface Ellipse {
  at: number;
  a: number;
  b: number;
  angle: number;
  density: number;
}

function addEllipse(m: Float32Array, size: number, { at, a, b, angle, density }: Ellipse): void {
  const cy = Math.floor(at / size);
  const cx = at % size;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const sharp = 4 * Math.min(a, b);
  const reach = Math.ceil(Math.max(a, b) * (1 + 8 / sharp));
  for (let y = Math.max(0, cy - reach); y <= Math.min(size - 1, cy + reach); y++)
    for (let x = Math.max(0, cx - reach); x <= Math.min(size - 1, cx + reach); x++) {
      const u = ((x - cx) * c + (y - cy) * s) / a;
      const v = ((y - cy) * c - (x - cx) * s) / b;
      m[y * size + x] += density / (1 + Math.exp(sharp * (Math.sqrt(u * u + v * v) - 1)));
    }
}
