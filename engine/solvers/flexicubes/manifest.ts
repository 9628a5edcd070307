/** Names, ranges and defaults of flexicubes. */
import { z } from 'zod';
import type { SolverManifest } from '../sdk.ts';

const parameters = z.strictObject({
  iso: z
    .number()
    .optional()
    .meta({ description: 'Grey level of the surface; midway between the two class means of Otsu when left out.' }),
  inside: z.enum(['above', 'below']).default('above').meta({ description: 'Which side of iso is inside.' }),
  spacing: z
    .array(z.number())
    .optional()
    .meta({ description: 'Size of a voxel along x, y, z, each above 0; from the file, else 1.', unit: 'mm' }),
  placement: z.enum(['centroid', 'qef', 'fit']).default('qef').meta({
    description: 'Vertices at the mean of the crossings, by field gradients, or fitted by the gradient of a loss.',
  }),
  gridResolution: z
    .int()
    .min(8)
    .max(64)
    .default(24)
    .meta({ description: 'fit and adaptive: cubes along the longest side.' }),
  iterations: z.int().min(1).max(2000).default(200).meta({ description: 'fit: steps of Adam.' }),
  samples: z
    .int()
    .min(500)
    .max(50_000)
    .default(4000)
    .meta({ description: 'fit: points drawn on the surface and on the target in every step.' }),
  signWeight: z.number().min(0).max(1).default(0).meta({
    description: 'fit: weight of the penalty on crossings; 0.01 where free floaters appear.',
  }),
  smooth: z
    .number()
    .min(0)
    .max(3)
    .default(0)
    .meta({ description: 'Standard deviation of a Gaussian applied to the volume first.', unit: 'voxels' }),
  closeBoundary: z
    .boolean()
    .default(true)
    .meta({ description: 'Add one layer outside, so that the surface closes at the border of the volume.' }),
  largestComponent: z.boolean().default(false).meta({ description: 'Keep the part with most triangles alone.' }),
  minTriangles: z.int().min(0).default(0).meta({ description: 'Drop parts of fewer triangles.' }),
  tetrahedra: z.boolean().default(false).meta({ description: 'Also a tetrahedral mesh of the inside.' }),
  adaptive: z.boolean().default(false).meta({ description: 'Extract on an octree, finer at the surface.' }),
  splitTolerance: z.number().min(0.01).max(1).default(0.1).meta({
    description: 'adaptive: largest error of linear interpolation in a cell before it is split, in finest cells.',
  }),
  format: z.enum(['obj', 'stl', 'both']).default('obj').meta({ description: 'Files of the mesh.' }),
  method: z
    .enum(['flexicubes', 'marching-cubes'])
    .default('flexicubes')
    .meta({ description: 'marching-cubes: the classical surface, to compare with.' }),
  seed: z.int().min(0).default(0).meta({ description: 'fit: of the points drawn.' }),
});

export type FlexicubesParameters = z.output<typeof parameters>;

export const flexicubesManifest: SolverManifest = {
  id: 'flexicubes',
  title: 'Surface of a volume (FlexiCubes)',
  group: 'Geometry and transport',
  summary:
    'Surface of an organ, bone or vessel from a volume as a closed triangle mesh in mm, with sharp edges and even triangles; compact meshes fitted to a target, tetrahedra of the inside, and extraction on an octree.',
  citation:
    'T. Shen, J. Munkberg, J. Hasselgren, K. Yin, Z. Wang, W. Chen, Z. Gojcic, S. Fidler, N. Sharp, J. Gao: Flexible Isosurface Extraction for Gradient-Based Mesh Optimization. ACM Transactions on Graphics 42(4), 2023, arXiv 2308.05371.',
  inputs: [
    {
      name: 'volume',
      types: ['volume', 'image', 'field'],
      required: false,
      description: 'Grey values; needed unless a target is given to fit.',
      shape: '[z, y, x]',
      nonFinite: true,
    },
    {
      name: 'target',
      types: ['mesh', 'points', 'matrix'],
      required: false,
      description: 'fit: the surface to follow, a mesh or points with normals, mm. Default: the surface of the volume.',
      shape: '[n, 6], [n, 3]',
    },
  ],
  outputs: [
    { name: 'mesh', type: 'mesh', description: 'Triangles, mm, counter-clockwise from outside: mesh.obj.' },
    { name: 'mesh_stl', type: 'mesh', description: 'format stl or both: the same triangles as binary STL, mesh.stl.' },
    { name: 'mesh_picture', type: 'picture', description: 'The mesh as seen from in front: mesh.png.' },
    {
      name: 'parameters',
      type: 'model',
      description: 'fit: field s, weights alpha, beta and gamma of every cube, displacement of every grid point.',
    },
    { name: 'loss', type: 'curve', description: 'fit: loss and its parts in every step.' },
    { name: 'tetmesh', type: 'model', description: 'tetrahedra: vertices in mm and tets.' },
    { name: 'table', type: 'table', description: 'demo: every experiment with the bar and the figure reached.' },
  ],
  parameters,
};
