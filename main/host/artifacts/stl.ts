/** Triangle meshes as binary STL: 80 bytes of text, the number of triangles, and of each its normal and three corners. */
import type { Mesh } from './obj.ts';

export function writeStl({ vertices, faces }: Mesh): Uint8Array {
  const count = faces.data.length / 3;
  const bytes = new Uint8Array(84 + 50 * count);
  const view = new DataView(bytes.buffer);
  // A file that began with "solid" would be taken for the text form.
  bytes.set(new TextEncoder().encode('binary STL, millimetres'));
  view.setUint32(80, count, true);
  const corners = [0, 1, 2].map(() => new Float64Array(3));
  for (let k = 0; k < count; k++) {
    for (let c = 0; c < 3; c++)
      for (let axis = 0; axis < 3; axis++) corners[c][axis] = vertices.data[3 * faces.data[3 * k + c] + axis];
    const at = 84 + 50 * k;
    normal(...(corners as [Float64Array, Float64Array, Float64Array])).forEach((value, axis) => {
      view.setFloat32(at + 4 * axis, value, true);
    });
    for (let i = 0; i < 9; i++) view.setFloat32(at + 12 + 4 * i, corners[Math.floor(i / 3)][i % 3], true);
  }
  return bytes;
}

/** Unit, or zero of a triangle without area. */
function normal(a: Float64Array, b: Float64Array, c: Float64Array): [number, number, number] {
  const [p, q] = [b.map((value, axis) => value - a[axis]), c.map((value, axis) => value - a[axis])];
  const [x, y, z] = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
}
