/** A mesh as a grey picture: parallel projection from a little above and to the side, lit from the viewer. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import type { TriangleMesh } from './mesh-measures.ts';

/** float32 [size, size], 0 behind the mesh. */
export function meshPicture({ vertices, faces }: TriangleMesh, size = 512): NdArray<'float32'> {
  // Right, up and towards the viewer; the patient's head is up and the face to the left.
  const [turn, tilt] = [0.6, 0.35];
  const axes = [
    [Math.cos(turn), Math.sin(turn), 0],
    [Math.sin(tilt) * Math.sin(turn), -Math.sin(tilt) * Math.cos(turn), Math.cos(tilt)],
    [Math.cos(tilt) * Math.sin(turn), -Math.cos(tilt) * Math.cos(turn), -Math.sin(tilt)],
  ];
  const seen = new Float64Array(vertices.length);
  const [low, high] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ];
  for (let i = 0; i < vertices.length; i += 3)
    for (let k = 0; k < 3; k++) {
      seen[i + k] = axes[k][0] * vertices[i] + axes[k][1] * vertices[i + 1] + axes[k][2] * vertices[i + 2];
      if (k === 2) continue;
      low[k] = Math.min(low[k], seen[i + k]);
      high[k] = Math.max(high[k], seen[i + k]);
    }
  const scale = (0.92 * size) / Math.max(high[0] - low[0], high[1] - low[1], 1e-300);
  for (let i = 0; i < seen.length; i += 3) {
    seen[i] = size / 2 + scale * (seen[i] - (low[0] + high[0]) / 2);
    seen[i + 1] = size / 2 - scale * (seen[i + 1] - (low[1] + high[1]) / 2);
    seen[i + 2] *= scale;
  }
  const picture = new Float32Array(size * size);
  const depth = new Float64Array(size * size).fill(-Infinity);
  for (let at = 0; at < faces.length; at += 3) {
    const [a, b, c] = [3 * faces[at], 3 * faces[at + 1], 3 * faces[at + 2]];
    const [px, py, pz] = [seen[b] - seen[a], seen[b + 1] - seen[a + 1], seen[b + 2] - seen[a + 2]];
    const [qx, qy, qz] = [seen[c] - seen[a], seen[c + 1] - seen[a + 1], seen[c + 2] - seen[a + 2]];
    const [nx, ny, nz] = [py * qz - pz * qy, pz * qx - px * qz, px * qy - py * qx];
    if (nz === 0) continue;
    const light = 0.25 + (0.75 * Math.abs(nz)) / Math.hypot(nx, ny, nz);
    const columns = [seen[a], seen[b], seen[c]];
    const rows = [seen[a + 1], seen[b + 1], seen[c + 1]];
    for (let y = Math.max(0, Math.ceil(Math.min(...rows))); y <= Math.min(size - 1, Math.max(...rows)); y++)
      for (let x = Math.max(0, Math.ceil(Math.min(...columns))); x <= Math.min(size - 1, Math.max(...columns)); x++) {
        const [dx, dy] = [x - seen[a], y - seen[a + 1]];
        const v = (dx * qy - dy * qx) / nz;
        const w = (px * dy - py * dx) / nz;
        if (v < 0 || w < 0 || v + w > 1) continue;
        const z = seen[a + 2] + v * pz + w * qz;
        if (z <= depth[size * y + x]) continue;
        depth[size * y + x] = z;
        picture[size * y + x] = light;
      }
  }
  return ndarray('float32', [size, size], picture);
}
