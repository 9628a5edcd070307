/** adaptive: the field of a volume on a lattice about its surface, and the surface of an octree over it. */
import { checkpoint, type RunContext } from '../../context.ts';
import type { Affine } from './affine.ts';
import { fieldAt, gridAbout } from './coarse-grid.ts';
import type { DualSurface } from './dual-surface.ts';
import { type FixedPlacement, gradientAt } from './fixed-placement.ts';
import { flexicubesError } from './flexicubes-error.ts';
import type { FlexicubesParameters } from './manifest.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { buildOctree, rootSide } from './octree.ts';
import { octreeSurface } from './octree-surface.ts';
import type { VolumeField } from './volume-field.ts';

export interface AdaptiveRun {
  /** Lattice coordinates. */
  mesh: TriangleMesh;
  affine: Affine;
  metrics: Record<string, number>;
}

/** Mean length of the gradient at the ends of crossed lattice edges: field per step. */
function slope(s: Float64Array, grid: Pick<DualSurface, 'size' | 'strides'>): number {
  const g = new Float64Array(3);
  let [sum, count] = [0, 0];
  for (let point = 0; point < s.length; point++)
    for (let axis = 0; axis < 3; axis++) {
      const next = point + grid.strides[axis];
      if (Math.floor(point / grid.strides[axis]) % grid.size[axis] === grid.size[axis] - 1) continue;
      if (s[point] < 0 === s[next] < 0) continue;
      for (const end of [point, next]) {
        gradientAt(g, s, end, grid);
        sum += Math.hypot(g[0], g[1], g[2]);
        count++;
      }
    }
  return count === 0 ? 1 : sum / count;
}

/** `fine`: the surface of the volume in mm, for its box. Throws E_EMPTY_SURFACE where the lattice misses it. */
export async function runAdaptive(
  volume: VolumeField,
  fine: TriangleMesh,
  parameters: FlexicubesParameters,
  context: RunContext,
): Promise<AdaptiveRun> {
  const { size, affine, step } = gridAbout(fine.vertices, parameters.gridResolution, rootSide);
  const strides = [1, size[0], size[0] * size[1]] as const;
  const field = fieldAt(volume);
  const [x0, y0, z0] = affine.origin;
  const s = new Float64Array(size[0] * size[1] * size[2]);
  for (let i = 0; i < s.length; i++) {
    if (i % 20_000 === 0) await checkpoint(context);
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / strides[2])];
    s[i] = field(x0 + step * x, y0 + step * y, z0 + step * z);
    const border = x * y * z === 0 || x === size[0] - 1 || y === size[1] - 1 || z === size[2] - 1;
    if (parameters.closeBoundary && border) s[i] = Math.max(s[i], 0);
  }
  const scale = slope(s, { size, strides });
  for (let i = 0; i < s.length; i++) s[i] /= scale;
  const octree = buildOctree(s, size, parameters.splitTolerance);
  const placement: FixedPlacement = parameters.placement === 'centroid' ? 'centroid' : 'qef';
  const mesh = await octreeSurface(octree, s, placement, context);
  if (mesh.faces.length === 0)
    throw flexicubesError(
      'E_EMPTY_SURFACE',
      `the surface falls between the points of a grid of ${size.map((n) => n - 1).join(' × ')} cubes`,
      'gridResolution',
      'Use a finer grid.',
    );
  return {
    ...{ mesh, affine },
    metrics: {
      leaves: octree.leafPoint.length,
      uniform_leaves: (size[0] - 1) * (size[1] - 1) * (size[2] - 1),
      cube_mm: step,
    },
  };
}
