/** A mesh as the module's files and figures. */
import { ndarray } from '../../arrays/ndarray.ts';
import type { Artifact } from '../artifact.ts';
import { flexicubesError } from './flexicubes-error.ts';
import { measureMesh, type TriangleMesh } from './mesh-measures.ts';
import { meshPicture } from './mesh-picture.ts';

/** Figures are those of the vertices as written, in float32. Throws E_EMPTY_SURFACE when nothing is left. */
export function meshOutputs(
  mesh: TriangleMesh,
  format: 'obj' | 'stl' | 'both',
): { artifacts: Record<string, Artifact>; metrics: Record<string, number | null>; mesh: TriangleMesh } {
  if (mesh.faces.length === 0)
    throw flexicubesError('E_EMPTY_SURFACE', 'no triangle is left', 'minTriangles', 'Keep smaller parts.');
  const vertices = ndarray('float32', [mesh.vertices.length / 3, 3], Float32Array.from(mesh.vertices));
  const faces = ndarray('uint32', [mesh.faces.length / 3, 3], mesh.faces);
  const rounded = { vertices: Float64Array.from(vertices.data), faces: mesh.faces };
  const measures = measureMesh(rounded);
  return {
    mesh: rounded,
    artifacts: {
      ...(format === 'stl' ? {} : { mesh: { type: 'mesh', vertices, faces } }),
      ...(format === 'obj' ? {} : { mesh_stl: { type: 'mesh', vertices, faces, format: 'stl', file: 'mesh' } }),
      mesh_picture: { type: 'picture', array: meshPicture(rounded), file: 'mesh' },
    },
    metrics: {
      vertices: measures.vertices,
      faces: measures.faces,
      components: measures.components,
      euler_characteristic: measures.eulerCharacteristic,
      watertight: measures.watertight ? 1 : 0,
      nonmanifold_edges: measures.nonmanifoldEdges,
      boundary_edges: measures.boundaryEdges,
      area_mm2: measures.area,
      volume_ml: measures.volume / 1000,
      sliver_fraction: measures.sliverFraction,
      aspect_gt4_fraction: measures.aspectFraction,
    },
  };
}
