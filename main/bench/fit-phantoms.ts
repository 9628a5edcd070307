/** Images that are no anatomy, drawn by code: phantoms and noise, each in several seeded variants. */
import type { Random } from '../../engine/arrays/random.ts';
import type { LayoutImage } from '../../engine/prior/fit/layout-image.ts';

const side = 128;
export const phantomKinds = ['shepp-logan', 'ellipses', 'disk', 'bars', 'checkerboard', 'resolution'] as const;
export type PhantomKind = (typeof phantomKinds)[number];
export const noiseKinds = ['white noise', 'smooth noise'] as const;
export type NoiseKind = (typeof noiseKinds)[number];

const blank = (): Float32Array => new Float32Array(side * side);
const between = (random: Random, from: number, to: number) => from + (to - from) * random.uniform();
const finish = (data: Float32Array): LayoutImage => ({
  data: data.map((value) => Math.max(0, value)),
  height: side,
  width: side,
});

/** Adds `value` inside an ellipse: centre and half axes in pixels, angle in radians. */
function ellipse(
  data: Float32Array,
  [y, x]: readonly [number, number],
  [a, b]: readonly [number, number],
  angle: number,
  value: number,
): void {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const u = ((j - x) * c + (i - y) * s) / a;
      const v = ((i - y) * c - (j - x) * s) / b;
      if (u * u + v * v < 1) data[i * side + j] += value;
    }
}

/** L. A. Shepp, B. F. Logan 1974 with the contrasts of P. Toft 1996: value, half axes, centre x y, degrees. */
const sheppLogan = [
  [1, 0.69, 0.92, 0, 0, 0],
  [-0.8, 0.6624, 0.874, 0, -0.0184, 0],
  [-0.2, 0.11, 0.31, 0.22, 0, -18],
  [-0.2, 0.16, 0.41, -0.22, 0, 18],
  [0.1, 0.21, 0.25, 0, 0.35, 0],
  [0.1, 0.046, 0.046, 0, 0.1, 0],
  [0.1, 0.046, 0.046, 0, -0.1, 0],
  [0.1, 0.046, 0.023, -0.08, -0.605, 0],
  [0.1, 0.023, 0.023, 0, -0.606, 0],
  [0.1, 0.023, 0.046, 0.06, -0.605, 0],
] as const;

const drawings: Record<PhantomKind, (data: Float32Array, random: Random) => void> = {
  'shepp-logan': (data, random) => {
    const half = (side / 2) * between(random, 0.7, 1);
    const centre = side / 2;
    for (const [value, a, b, x, y, degrees] of sheppLogan)
      ellipse(data, [centre - y * half, centre + x * half], [a * half, b * half], (-degrees * Math.PI) / 180, value);
  },
  ellipses: (data, random) => {
    const count = 4 + random.integer(12);
    for (let e = 0; e < count; e++)
      ellipse(
        data,
        [between(random, 20, 108), between(random, 20, 108)],
        [between(random, 5, 40), between(random, 5, 40)],
        between(random, 0, Math.PI),
        random.uniform(),
      );
  },
  disk: (data, random) => {
    ellipse(data, [64, 64], [between(random, 45, 58), between(random, 45, 58)], 0, 1);
  },
  bars: (data, random) => {
    const thin = 1 + random.integer(3);
    for (let bar = 0; bar < 6; bar++)
      for (let i = 20; i < 108; i++) for (let j = 0; j < thin + 2 * bar; j++) data[i * side + 10 + 18 * bar + j] = 1;
  },
  checkerboard: (data, random) => {
    const pitch = 4 + random.integer(14);
    for (let i = 0; i < data.length; i++) data[i] = (Math.floor(i / side / pitch) + Math.floor((i % side) / pitch)) % 2;
  },
  // In the manner of the American College of Radiology's phantom: a filled cylinder with a bar, combs and holes.
  resolution: (data, random) => {
    const radius = between(random, 50, 58);
    ellipse(data, [64, 64], [radius, radius], 0, 1);
    for (let hole = 0; hole < 8; hole++)
      ellipse(data, [40, 30 + 10 * hole], [1 + hole / 2, 1 + hole / 2], 0, -between(random, 0.4, 0.8));
    for (let i = 0; i < side; i++)
      for (let j = 20; j < 108; j++) {
        const at = i * side + j;
        if (Math.abs(i - 64) < 3) data[at] = 0;
        const comb = Math.floor((j - 34) / 12);
        if (i >= 80 && i < 100 && comb >= 0 && comb < 5 && (j - 34) % 12 > 2 && j % (2 + comb) > comb / 2) data[at] = 0;
      }
  },
};

export function phantom(kind: PhantomKind, random: Random): LayoutImage {
  const data = blank();
  drawings[kind](data, random);
  return finish(data);
}

/** Magnitude of complex Gaussian noise; smooth noise is averaged over discs of a few pixels. */
export function noiseImage(kind: NoiseKind, random: Random): LayoutImage {
  const parts = [blank(), blank()].map((part) => part.map(() => random.normal()));
  const radius = kind === 'white noise' ? 0 : 1 + random.integer(6);
  const [re, im] = parts.map((part) => (radius === 0 ? part : average(average(part, radius), radius)));
  return finish(re.map((value, i) => Math.hypot(value, im[i])));
}

/** Mean over squares of side 2 r + 1, wrapped around. */
function average(data: Float32Array, r: number): Float32Array {
  const rows = blank();
  const out = blank();
  const wrap = (k: number) => (k + side) % side;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) for (let d = -r; d <= r; d++) rows[i * side + j] += data[i * side + wrap(j + d)];
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) for (let d = -r; d <= r; d++) out[i * side + j] += rows[wrap(i + d) * side + j];
  return out;
}
