/**
 * An image as it might come out of a scan and a reconstruction: another contrast, receive field, posture, cropping,
 * resolution, undersampling and noise. Models of layout are fitted to such images, so that they do not take artefacts
 * for strange anatomy.
 */
import { fft2 } from '../../arrays/fft.ts';
import type { Random } from '../../arrays/random.ts';
import type { LayoutImage } from './layout-image.ts';

const between = (random: Random, from: number, to: number) => from + (to - from) * random.uniform();
const happens = (random: Random, probability: number) => random.uniform() < probability;

/** Sides of the degraded images, pixels. */
const least = 80;
const most = 160;

/**
 * A degraded copy; the image's bright structures must be about 1. Sizes change, the orientation does not. `severity` 1
 * is the range a model is fitted to; towards 0 images stay whole, and less of them is lost and less noise is added.
 */
export function degrade(image: LayoutImage, random: Random, severity = 1): LayoutImage {
  const placed = place(image, random, severity);
  contrast(placed.data, random);
  receiveField(placed, random);
  if (happens(random, 0.85)) acquire(placed, random, severity);
  return placed;
}

/** Posture and field of view: turned by up to 12°, stretched by up to 8 %, and sometimes cut off at an edge. */
function place(image: LayoutImage, random: Random, severity: number): LayoutImage {
  const { data, height, width } = image;
  const longest = Math.max(height, width);
  const size = Math.round(Math.min(longest, between(random, least, most)));
  const [rows, columns] = [Math.ceil((size * height) / longest), Math.ceil((size * width) / longest)];
  const angle = happens(random, 0.7) ? (between(random, -12, 12) * Math.PI) / 180 : 0;
  const stretch = Math.exp(0.05 * random.normal());
  const cut = happens(random, 0.25 * severity);
  const zoom = cut ? between(random, 0.7, 0.95) : between(random, 0.95, 1.25);
  const step = (zoom * longest) / size;
  const shift = cut ? 0.12 * longest : 0.04 * longest;
  const centre = [height / 2 + between(random, -shift, shift), width / 2 + between(random, -shift, shift)];
  const [c, s] = [Math.cos(angle) * step, Math.sin(angle) * step];
  const source = longest / size > 1.5 ? boxBlur(data, height, width, Math.round(longest / size / 2)) : data;
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const v = (i + 0.5 - rows / 2) * stretch;
      const u = (j + 0.5 - columns / 2) / stretch;
      const y = centre[0] + c * v - s * u - 0.5;
      const x = centre[1] + s * v + c * u - 0.5;
      const [a, b] = [Math.floor(y), Math.floor(x)];
      if (a < 0 || b < 0 || a + 1 >= height || b + 1 >= width) continue;
      const [p, q] = [y - a, x - b];
      const at = a * width + b;
      out[i * columns + j] =
        (1 - p) * ((1 - q) * source[at] + q * source[at + 1]) +
        p * ((1 - q) * source[at + width] + q * source[at + width + 1]);
    }
  return { ...image, data: out, height: rows, width: columns };
}

/** Mean over squares of side 2 r + 1. */
function boxBlur(data: Float32Array, height: number, width: number, r: number): Float32Array {
  if (r < 1) return data;
  const rows = new Float32Array(data.length);
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let d = -r; d <= r; d++) sum += data[y * width + Math.min(width - 1, Math.max(0, x + d))];
      rows[y * width + x] = sum / (2 * r + 1);
    }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let d = -r; d <= r; d++) sum += rows[Math.min(height - 1, Math.max(0, y + d)) * width + x];
      out[y * width + x] = sum / (2 * r + 1);
    }
  return out;
}

/** A power, and sometimes a random rising curve, of the brightness. */
function contrast(data: Float32Array, random: Random): void {
  const gamma = happens(random, 0.7) ? between(random, 0.6, 1.5) : 1;
  const knots = happens(random, 0.3)
    ? [0, ...Array.from({ length: 4 }, () => random.uniform()).sort((a, b) => a - b), 1]
    : undefined;
  for (let i = 0; i < data.length; i++) {
    let value = Math.max(0, data[i]) ** gamma;
    if (knots) {
      const place = Math.min(4.999, 4 * value);
      const k = Math.floor(place);
      value = knots[k] + (place - k) * (knots[k + 1] - knots[k]);
    }
    data[i] = value;
  }
}

/** Multiplies by the exponential of a smooth field: a few low-frequency cosines. */
function receiveField({ data, height, width }: LayoutImage, random: Random): void {
  if (happens(random, 0.3)) return;
  const waves = Array.from({ length: 3 }, () => ({
    ky: between(random, -1, 1),
    kx: between(random, -1, 1),
    phase: between(random, 0, 2 * Math.PI),
    size: 0.2 * random.normal(),
  }));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const { ky, kx, phase, size } of waves)
        sum += size * Math.cos(2 * Math.PI * ((ky * y) / height + (kx * x) / width) + phase);
      data[y * width + x] *= Math.exp(sum);
    }
}

/** Noise in k-space, missing lines or a lost periphery, and back to a magnitude. */
function acquire({ data, height, width }: LayoutImage, random: Random, severity: number): void {
  const k = new Float32Array(2 * data.length);
  const [py, px, p0] = [between(random, -2, 2), between(random, -2, 2), between(random, -2, 2)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      // A smooth phase decides whether what undersampling leaves adds up or cancels.
      const phase = p0 * Math.sin((py * y) / height + (px * x) / width);
      k[2 * i] = data[i] * Math.cos(phase);
      k[2 * i + 1] = data[i] * Math.sin(phase);
    }
  fft2(k, [1, height, width], 'forward', k);
  const weights = sampling(height, width, random, severity);
  const sigma = happens(random, 0.8) ? 0.1 * severity * 10 ** between(random, -1.7, 0) : 0;
  for (let i = 0; i < data.length; i++) {
    k[2 * i] = weights[i] * k[2 * i] + sigma * random.normal() * Math.SQRT1_2;
    k[2 * i + 1] = weights[i] * k[2 * i + 1] + sigma * random.normal() * Math.SQRT1_2;
  }
  fft2(k, [1, height, width], 'inverse', k);
  for (let i = 0; i < data.length; i++) data[i] = Math.hypot(k[2 * i], k[2 * i + 1]);
}

/** What of each k-space location is left, [height, width]. */
function sampling(height: number, width: number, random: Random, severity: number): Float32Array {
  const weights = new Float32Array(height * width).fill(1);
  if (happens(random, 0.5 * severity)) {
    // Missing lines, of which coils or a prior recovered a part.
    const down = happens(random, 0.5);
    const n = down ? height : width;
    const kept = 1 / between(random, 1.5, 6);
    const recovered = between(random, 0.3, 1);
    const acs = between(random, 0.04, 0.12) * n;
    const lines = Float32Array.from({ length: n }, (_, l) =>
      Math.abs(l - Math.floor(n / 2)) < acs / 2 || random.uniform() < kept ? 1 : recovered,
    );
    for (let i = 0; i < weights.length; i++) weights[i] = lines[down ? Math.floor(i / width) : i % width];
  }
  if (happens(random, 0.5 * severity)) {
    const [ry, rx] = [between(random, 0.35, 1.1), between(random, 0.35, 1.1)];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [v, u] = [(2 * y) / height - 1, (2 * x) / width - 1];
        weights[y * width + x] *= 1 / (1 + Math.exp(12 * (Math.hypot(v / ry, u / rx) - 1)));
      }
  }
  return weights;
}
