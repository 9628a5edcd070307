/** The tetrahedra of an extraction as file and figures. */
import { ndarray } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import { determinant, mapPoints } from './affine.ts';
import type { DualSurface, Field } from './dual-surface.ts';
import type { Extraction } from './extract.ts';
import { flexicubesError } from './flexicubes-error.ts';
import { tetFigures, tetrahedralise } from './tetrahedra.ts';

/** Inside grid points beyond which the tetrahedra no longer fit. */
const largestInside = 2e6;

/** Inside points must have cubes all around, and be few enough. */
function checkInside(s: Field, { size, strides }: Pick<DualSurface, 'size' | 'strides'>): void {
  let count = 0;
  for (let point = 0; point < s.length; point++) {
    if (!(s[point] < 0)) continue;
    count++;
    for (let axis = 0; axis < 3; axis++) {
      const at = Math.floor(point / strides[axis]) % size[axis];
      if (at === 0 || at === size[axis] - 1)
        throw flexicubesError(
          'E_PARAM_CONFLICT',
          'tetrahedra need a closed surface, and it is open at the border',
          'tetrahedra',
          'Leave closeBoundary on.',
        );
    }
  }
  if (count > largestInside)
    throw flexicubesError(
      'E_TOO_LARGE',
      `${count} grid points are inside, tetrahedra can be made of at most ${largestInside}`,
      'tetrahedra',
      'Use placement=fit, which works on a coarse grid.',
    );
}

/** `mesh` must still be in grid coordinates. Throws E_PARAM_CONFLICT, E_TOO_LARGE. */
export async function tetOutputs(
  { uniform, mesh, affine }: Extraction,
  context: RunContext,
): Promise<{ artifacts: Record<string, Artifact>; metrics: Record<string, number> }> {
  if (uniform === undefined) return { artifacts: {}, metrics: {} };
  const { surface, s, positionOf } = uniform;
  checkInside(s, surface);
  const { vertices, tets } = await tetrahedralise(surface, s, mesh.vertices, mesh.faces, positionOf, context);
  mapPoints(vertices, affine);
  // The surface's vertices as they stand in its file.
  for (let i = 0; i < vertices.length; i++) vertices[i] = Math.fround(vertices[i]);
  if (determinant(affine) < 0)
    for (let at = 0; at < tets.length; at += 4) [tets[at + 2], tets[at + 3]] = [tets[at + 3], tets[at + 2]];
  const { count, inverted, volume, absolute } = tetFigures({ vertices, tets });
  return {
    artifacts: {
      tetmesh: {
        type: 'model',
        arrays: {
          vertices: ndarray('float64', [vertices.length / 3, 3], vertices),
          tets: ndarray('uint32', [tets.length / 4, 4], tets),
        },
      },
    },
    metrics: {
      tets: count,
      inverted_tets: inverted,
      tet_volume_ml: volume / 1000,
      tet_absolute_volume_ml: absolute / 1000,
    },
  };
}
