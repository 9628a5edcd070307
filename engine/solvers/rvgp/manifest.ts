/** Names, ranges and defaults of rvgp. */
import { z } from 'zod';
import type { SolverManifest } from '../sdk.ts';

const parameters = z.strictObject({
  neighbours: z.int().min(4).max(50).default(10).meta({ description: 'Nearest neighbours of each node in the graph.' }),
  dimension: z.int().min(0).optional().meta({
    description: 'Of the tangent planes; 0 estimates it. 2 for a mesh, else 0; below that of the space.',
  }),
  explainedVariance: z
    .number()
    .min(0.5)
    .max(0.999)
    .default(0.8)
    .meta({ description: 'Share of the spread of a neighbourhood that an estimated tangent plane must hold.' }),
  eigenpairs: z
    .int()
    .min(2)
    .max(300)
    .default(50)
    .meta({ description: 'Smallest eigenpairs of the Laplacian in the kernel; extended to the next gap.' }),
  spacing: z
    .number()
    .min(0)
    .max(0.2)
    .default(0)
    .meta({ description: 'Least distance between nodes by farthest-point sampling; 0 keeps all.', unit: 'diameters' }),
  kernel: z.enum(['matern', 'se']).default('matern').meta({ description: 'Matérn or squared exponential.' }),
  nu: z.number().positive().default(1.5).meta({ description: 'Exponent of the Matérn kernel.' }),
  kappa: z.number().positive().default(5).meta({ description: 'Length of the kernel on the graph.' }),
  signal: z.number().positive().default(1).meta({ description: 'Size of the kernel.' }),
  noise: z
    .number()
    .positive()
    .default(1e-3)
    .meta({ description: 'Variance of the noise of each component.', unit: 'squared vector units' }),
  optimise: z.boolean().default(true).meta({
    description:
      'Fit nu, kappa, signal and noise by likelihood, starting from the values given, for vectors of unit root mean square. Off: use them exactly.',
  }),
  projectInput: z
    .boolean()
    .default(true)
    .meta({ description: 'Take the part of the observed vectors in the tangent plane first.' }),
  method: z
    .enum(['rvgp', 'scalar-gp', 'rbf', 'idw'])
    .default('rvgp')
    .meta({ description: 'Or, to compare with: scalar Laplacian, Gaussian process in space, inverse distances.' }),
  maxNodes: z
    .int()
    .min(100)
    .max(4000)
    .default(2000)
    .meta({ description: 'More points than this are sampled to as many nodes.' }),
});

export type RvgpParameters = z.output<typeof parameters>;

export const rvgpManifest: SolverManifest = {
  id: 'rvgp',
  title: 'Vector fields on surfaces (RVGP)',
  group: 'Geometry and transport',
  summary:
    'Learns a tangent vector field on a surface or point cloud from a few vectors and predicts it everywhere with its uncertainty; finds vortices, sources and saddles.',
  citation:
    'R. L. Peach, M. Vinao-Carl, N. Grossman, M. David, E. Mallas, D. Sharp, P. A. Malhotra, P. Vandergheynst, A. Gosztolai: Implicit Gaussian Process Representation of Vector Fields over Arbitrary Latent Manifolds. ICLR 2024, arXiv 2309.16746.',
  inputs: [
    {
      name: 'surface',
      types: ['mesh'],
      required: false,
      description: 'Triangles; vertices within 1e-6 of the diameter are made one. Or give points.',
    },
    {
      name: 'points',
      types: ['points', 'matrix'],
      required: false,
      description: 'In place of a surface: points of it.',
      shape: '[N, D]',
      nonFinite: true,
    },
    {
      name: 'vectors',
      types: ['matrix', 'field', 'points'],
      required: true,
      description: 'A vector of every point, NaN where it was not observed; or the observed ones, with index.',
      shape: '[N, D], [n, D]',
      nonFinite: true,
    },
    {
      name: 'index',
      types: ['labels', 'matrix', 'points'],
      required: false,
      description: 'Which points the vectors belong to, from 0.',
      shape: '[n]',
      nonFinite: true,
    },
    {
      name: 'truth',
      types: ['matrix', 'field', 'points'],
      required: false,
      description: 'The field to compare with.',
      shape: '[N, D]',
      nonFinite: true,
    },
  ],
  outputs: [
    { name: 'field', type: 'field', description: 'Predicted vectors, float64 [N, D].' },
    {
      name: 'std',
      type: 'matrix',
      description: 'Square root of the trace of the latent covariance [N]; not of method idw.',
    },
    {
      name: 'covariance',
      type: 'field',
      description: 'Latent covariance [N, D, D], up to 2e7 numbers; not of method idw.',
    },
    { name: 'frames', type: 'field', description: 'Axes of the tangent planes [N, D, m].' },
    {
      name: 'eigenvalues',
      type: 'table',
      description: 'Smallest eigenvalues of the connection and scalar Laplacians.',
    },
    { name: 'singularities', type: 'table', description: 'Of a mesh: triangle, its centre and its index.' },
    { name: 'field_mesh', type: 'mesh', description: 'Of a mesh: it with a slim triangle for each vector: field.obj.' },
    { name: 'field_picture', type: 'picture', description: 'The field as seen from in front: field.png.' },
    { name: 'table', type: 'table', description: 'demo: every experiment with the bar and the figure reached.' },
  ],
  parameters,
};
