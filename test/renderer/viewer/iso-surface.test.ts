import { expect, test } from 'vitest';
import { isoSurface } from '../../../renderer/viewer/volume/iso-surface.ts';

const size = 24;
const spacing = [3, 2, 1] as const;
const centre = [34, 23, 11.5];
/** Radius minus distance, mm: a ball of bright values. */
const ball = (radius: number) =>
  Float32Array.from({ length: size ** 3 }, (_, k) => {
    const [z, y, x] = [Math.floor(k / size ** 2), Math.floor(k / size) % size, k % size];
    return radius - Math.hypot(z * spacing[0] - centre[0], y * spacing[1] - centre[1], x * spacing[2] - centre[2]);
  });

test('the surface of a ball is closed, lies on it in mm, and is turned outward', () => {
  const radius = 9;
  const { vertices, faces } = isoSurface(ball(radius), [size, size, size], spacing, 0);
  for (let k = 0; k < vertices.length; k += 3) {
    const off = Math.hypot(vertices[k] - centre[2], vertices[k + 1] - centre[1], vertices[k + 2] - centre[0]) - radius;
    // A linear edge across a curved distance is off by less than h²/8r.
    expect(Math.abs(off)).toBeLessThan((3 ** 2 + 2 ** 2 + 1) / (8 * (radius - 4)));
  }
  // Each edge is walked once in either direction: closed, and the triangles agree about the outside.
  const edges = new Map<string, number>();
  let volume = 0;
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [faces[f], faces[f + 1], faces[f + 2]];
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      const key = `${corners[a]}>${corners[b]}`;
      edges.set(key, (edges.get(key) ?? 0) + 1);
    }
    const [p, q, r] = corners.map((k) => vertices.subarray(3 * k, 3 * k + 3));
    volume +=
      (p[0] * (q[1] * r[2] - q[2] * r[1]) + p[1] * (q[2] * r[0] - q[0] * r[2]) + p[2] * (q[0] * r[1] - q[1] * r[0])) /
      6;
  }
  for (const [key, count] of edges) {
    const [a, b] = key.split('>');
    expect([key, count, edges.get(`${b}>${a}`)]).toEqual([key, 1, 1]);
  }
  expect(volume).toBeGreaterThan(0.93 * ((4 / 3) * Math.PI * radius ** 3));
  expect(volume).toBeLessThan((4 / 3) * Math.PI * radius ** 3);
});

test('nothing crosses a level outside the values, and too many triangles are refused', () => {
  expect(isoSurface(ball(9), [size, size, size], spacing, 100).faces).toHaveLength(0);
  expect(() => isoSurface(ball(9), [size, size, size], spacing, 0, 1, 50)).toThrow(/more than 50/);
});
