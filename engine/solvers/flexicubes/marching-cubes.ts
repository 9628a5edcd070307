/**
 * Marching cubes on the same tables: one vertex per crossed grid edge, each patch's loop of crossings as a fan. Faces are
 * linked by their signs alone, so that neighbouring cubes always agree. W. E. Lorensen, H. E. Cline, 1987.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { edgeCorners } from './cube.ts';
import type { DualSurface, Field } from './dual-surface.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { cubeTables } from './tables.ts';

/** Mesh in grid coordinates from the crossed cubes of a dual surface. */
export async function marchingCubes(
  surface: Pick<DualSurface, 'size' | 'strides' | 'cubes' | 'signs'>,
  s: Field,
  context: Pick<RunContext, 'signal'>,
): Promise<TriangleMesh> {
  const { size, strides, cubes, signs } = surface;
  const { loops } = cubeTables;
  let triangles = 0;
  for (const code of signs) for (const loop of loops[code]) triangles += loop.length - 2;
  const faces = new Uint32Array(3 * triangles);
  const vertices: number[] = [];
  const vertexOf = new Map<number, number>();
  let at = 0;
  for (let k = 0; k < cubes.length; k++) {
    if (k % 20_000 === 19_999) await checkpoint(context);
    const number = (edge: number): number => {
      const [a] = edgeCorners[edge];
      const axis = edge >> 2;
      const p = cubes[k] + (a & 1) * strides[0] + ((a >> 1) & 1) * strides[1] + ((a >> 2) & 1) * strides[2];
      const known = vertexOf.get(3 * p + axis);
      if (known !== undefined) return known;
      const position = [p % size[0], Math.floor(p / size[0]) % size[1], Math.floor(p / strides[2])];
      position[axis] += s[p] / (s[p] - s[p + strides[axis]]);
      vertices.push(...position);
      vertexOf.set(3 * p + axis, vertices.length / 3 - 1);
      return vertices.length / 3 - 1;
    };
    for (const loop of loops[signs[k]])
      for (let i = 1; i + 1 < loop.length; i++) {
        faces[at++] = number(loop[0]);
        faces[at++] = number(loop[i]);
        faces[at++] = number(loop[i + 1]);
      }
  }
  return { vertices: Float64Array.from(vertices), faces };
}
