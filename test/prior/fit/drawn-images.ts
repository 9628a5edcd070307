/** Simple pictures with a top and a bottom: an egg-shaped outline with an eye above the middle and a mouth below. */
import type { Random } from '../../../engine/arrays/random.ts';
import type { LayoutImage } from '../../../engine/prior/fit/layout-image.ts';

export function face(random: Random, group?: string): LayoutImage {
  const [height, width] = [72 + random.integer(24), 60 + random.integer(20)];
  const data = new Float32Array(height * width);
  const [cy, cx] = [height / 2 + random.normal(), width / 2 + random.normal()];
  const [a, b] = [height * (0.36 + 0.02 * random.normal()), width * (0.36 + 0.02 * random.normal())];
  const spots = [-0.35, 0.35].map((u) => ({ v: -0.3, u, r: 0.16, value: 0.5 }));
  spots.push({ v: 0.45, u: 0, r: 0.2, value: -0.4 });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const v = (y - cy) / a;
      const u = ((x - cx) / b) * (1 + 0.25 * v);
      if (v * v + u * u > 1) continue;
      let value = 0.6 + 0.05 * random.normal();
      for (const spot of spots) if ((v - spot.v) ** 2 + (u - spot.u) ** 2 < spot.r ** 2) value += spot.value;
      data[y * width + x] = Math.max(0, value);
    }
  return { data, height, width, upright: true, ...(group === undefined ? {} : { group }) };
}

/** A grid of lines: no face. */
export function grid(random: Random): LayoutImage {
  const side = 80;
  const pitch = 6 + random.integer(8);
  const data = Float32Array.from({ length: side * side }, (_, i) =>
    Math.floor(i / side) % pitch < 2 || (i % side) % pitch < 2 ? 1 : 0.1,
  );
  return { data, height: side, width: side };
}
