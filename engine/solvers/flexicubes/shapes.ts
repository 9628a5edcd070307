/** The shapes of the experiments: exact signed distances, negative inside, and exact nearest points. */
import type { Random } from '../../arrays/random.ts';
import type { ClosestSurface } from './closest.ts';
import type { GridSize } from './dual-surface.ts';

export interface Shape extends ClosestSurface {
  distance(x: number, y: number, z: number): number;
}

/** Of radius 0.3 about (0.013, −0.007, 0.021). */
export const sphere: Shape = {
  distance: (x, y, z) => Math.hypot(x - 0.013, y + 0.007, z - 0.021) - 0.3,
  closest(out, x, y, z) {
    const [dx, dy, dz] = [x - 0.013, y + 0.007, z - 0.021];
    const length = Math.hypot(dx, dy, dz) || 1;
    out.set([0.013 + (0.3 * dx) / length, -0.007 + (0.3 * dy) / length, 0.021 + (0.3 * dz) / length]);
    out.set([dx / length, dy / length, dz / length], 3);
  },
};

/** Circle of radius 0.27 about the z axis, tube of 0.11. */
export const torus: Shape = {
  distance: (x, y, z) => Math.hypot(Math.hypot(x, y) - 0.27, z) - 0.11,
  closest(out, x, y, z) {
    const ring = Math.hypot(x, y) || 1;
    const [cx, cy] = [(0.27 * x) / ring, (0.27 * y) / ring];
    const [dx, dy, dz] = [x - cx, y - cy, z];
    const length = Math.hypot(dx, dy, dz) || 1;
    out.set([cx + (0.11 * dx) / length, cy + (0.11 * dy) / length, (0.11 * dz) / length]);
    out.set([dx / length, dy / length, dz / length], 3);
  },
};

const half = [0.3, 0.24, 0.2];
/** R = Rz(0.4) Rx(0.3), rows. */
const rotation = (() => {
  const [c, s, d, t] = [Math.cos(0.4), Math.sin(0.4), Math.cos(0.3), Math.sin(0.3)];
  return [
    [c, -s * d, s * t],
    [s, c * d, -c * t],
    [0, t, d],
  ];
})();
const toBox = (p: readonly number[], column: number) =>
  rotation[0][column] * p[0] + rotation[1][column] * p[1] + rotation[2][column] * p[2];

/** Half sides 0.30, 0.24, 0.20, turned by R. */
export const cuboid: Shape = {
  distance(x, y, z) {
    const q = half.map((side, k) => Math.abs(toBox([x, y, z], k)) - side);
    return Math.hypot(...q.map((value) => Math.max(value, 0))) + Math.min(Math.max(...q), 0);
  },
  closest(out, x, y, z) {
    const local = half.map((_, k) => toBox([x, y, z], k));
    const over = local.map((value, k) => Math.abs(value) - half[k]);
    // The side it is farthest beyond, or closest to from within, gives the normal.
    const side = over.indexOf(Math.max(...over));
    const point = local.map((value, k) => Math.min(half[k], Math.max(-half[k], value)));
    point[side] = Math.sign(local[side] || 1) * half[side];
    for (let row = 0; row < 3; row++) {
      out[row] = rotation[row].reduce((sum, value, k) => sum + value * point[k], 0);
      out[3 + row] = rotation[row][side] * Math.sign(local[side] || 1);
    }
  },
};

/** Values at the points of a grid of `cubes` cubes a side over the unit cube about the origin. */
export function sampledShape(shape: Shape, cubes: number): { s: Float64Array; size: GridSize } {
  const n = cubes + 1;
  const at = (i: number) => i / cubes - 0.5;
  const s = Float64Array.from({ length: n ** 3 }, (_, i) =>
    shape.distance(at(i % n), at(Math.floor(i / n) % n), at(Math.floor(i / (n * n)))),
  );
  return { s, size: [n, n, n] };
}

/** Points spread over the cuboid by area, with normals: [count, 3] each. */
export function drawCuboid(count: number, random: Random): { points: Float64Array; normals: Float64Array } {
  const areas = [half[1] * half[2], half[0] * half[2], half[0] * half[1]];
  const total = areas[0] + areas[1] + areas[2];
  const points = new Float64Array(3 * count);
  const normals = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const share = random.uniform() * total;
    const axis = share < areas[0] ? 0 : share < areas[0] + areas[1] ? 1 : 2;
    const local = half.map((side) => side * (2 * random.uniform() - 1));
    const sign = random.uniform() < 0.5 ? -1 : 1;
    local[axis] = sign * half[axis];
    for (let row = 0; row < 3; row++) {
      points[3 * i + row] = rotation[row].reduce((sum, value, k) => sum + value * local[k], 0);
      normals[3 * i + row] = sign * rotation[row][axis];
    }
  }
  return { points, normals };
}
