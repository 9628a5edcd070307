/** How far a mesh lies from a surface, by points drawn evenly over the mesh. */
import type { Random } from '../../arrays/random.ts';
import type { ClosestSurface } from './closest.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { faceNormals, sampleMesh } from './mesh-samples.ts';

export interface SurfaceError {
  mean: number;
  max: number;
  meanSquare: number;
  /** Share of the mesh whose normal is more than 5° off that of the nearest point. */
  normalFraction: number;
}

export function surfaceError(mesh: TriangleMesh, surface: ClosestSurface, count: number, random: Random): SurfaceError {
  const { points, triangle } = sampleMesh(mesh, count, random);
  const normals = faceNormals(mesh);
  const found = new Float64Array(6);
  const limit = Math.cos((5 * Math.PI) / 180);
  let [sum, squares, max, off] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    surface.closest(found, x, y, z);
    const distance = Math.hypot(x - found[0], y - found[1], z - found[2]);
    sum += distance;
    squares += distance * distance;
    max = Math.max(max, distance);
    const at = 3 * triangle[i];
    const cosine = normals[at] * found[3] + normals[at + 1] * found[4] + normals[at + 2] * found[5];
    if (!(cosine >= limit)) off++;
  }
  return { mean: sum / count, max, meanSquare: squares / count, normalFraction: off / count };
}
