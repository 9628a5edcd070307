/** Names, ranges and defaults of sinkhorn-newton-sparse. */
import { z } from 'zod';
import type { SolverManifest } from '../sdk.ts';

const parameters = z.strictObject({
  task: z
    .enum(['transport', 'image-distance', 'harmonise'])
    .default('transport')
    .meta({ description: 'What to compute.' }),
  method: z
    .enum(['sns', 'sinkhorn', 'newton'])
    .default('sns')
    .meta({ description: 'sns; plain sinkhorn; newton keeps the full Hessian (n + m at most 1200).' }),
  eta: z
    .number()
    .positive()
    .max(1e6)
    .optional()
    .meta({ description: 'Inverse regularisation; 1200, for harmonise 3000.', unit: '1/cost' }),
  normalizeCost: z
    .enum(['none', 'max'])
    .optional()
    .meta({ description: 'Divide the cost by its maximum first; none for transport, max for images.' }),
  ground: z.enum(['euclidean', 'l1']).default('euclidean').meta({ description: 'Distance between points.' }),
  power: z
    .union([z.literal(1), z.literal(2)])
    .default(2)
    .meta({ description: 'Power of the distance that makes the cost.' }),
  warmup: z.int().min(0).max(10_000).default(20).meta({ description: 'Sinkhorn sweeps before the first Newton step.' }),
  sparsity: z.number().min(0).max(1).default(0).meta({ description: 'Kept fraction of the plan; 0 is 15/max(n, m).' }),
  tol: z.number().positive().default(1e-9).meta({ description: 'L1 error of both marginals together to stop at.' }),
  maxIterations: z.int().min(1).default(5000).meta({ description: 'Sweeps and Newton steps together.' }),
  round: z.boolean().default(true).meta({ description: 'Make the marginals exact in the end.' }),
  debias: z.boolean().default(false).meta({ description: 'Add the Sinkhorn divergence, zero for equal inputs.' }),
  gridSize: z
    .int()
    .min(8)
    .max(64)
    .default(32)
    .meta({ description: 'image-distance: longest side of the averaged images.' }),
  massFloor: z
    .number()
    .min(0)
    .max(0.1)
    .default(1e-3)
    .meta({ description: 'image-distance: share of evenly spread mass added to the images.' }),
  bins: z.int().min(16).max(1024).default(256).meta({ description: 'harmonise: bins of the histograms.' }),
  spacing: z
    .tuple([z.number().positive(), z.number().positive()])
    .default([1, 1])
    .meta({ description: 'image-distance: height and width of a pixel.', unit: 'mm' }),
});

export type SinkhornParameters = z.output<typeof parameters>;

const weights = (name: string, side: string) => ({
  name,
  types: ['matrix', 'points', 'table'] as const,
  required: false,
  description: `Weights of the ${side}; even when absent, divided by their sum.`,
  shape: side === 'sources' ? '[n]' : '[m]',
});

export const sinkhornManifest: SolverManifest = {
  id: 'sinkhorn-newton-sparse',
  title: 'Optimal transport (Sinkhorn-Newton-Sparse)',
  group: 'Geometry and transport',
  summary:
    'Entropic optimal transport to near machine accuracy in tens of iterations: between weighted points, between two images with the displacement of their mass, or between their grey levels to harmonise one with the other.',
  citation:
    'X. Tang, M. Shavlovsky, H. Rahmanian, E. Tardini, K. K. Thekumparampil, T. Xiao, L. Ying: Accelerating Sinkhorn Algorithm with Sparse Newton Iterations. ICLR 2024, arXiv 2401.12253.',
  inputs: [
    {
      name: 'cost',
      types: ['matrix', 'image'],
      required: false,
      description: 'transport: cost of moving from source i to target j.',
      shape: '[n, m]',
    },
    weights('sourceWeights', 'sources'),
    weights('targetWeights', 'targets'),
    {
      name: 'sourcePoints',
      types: ['points', 'matrix'],
      required: false,
      description: 'transport, in place of cost: source points.',
      shape: '[n, d]',
    },
    {
      name: 'targetPoints',
      types: ['points', 'matrix'],
      required: false,
      description: 'transport, in place of cost: target points.',
      shape: '[m, d]',
    },
    {
      name: 'source',
      types: ['image', 'volume'],
      required: false,
      description: 'image-distance and harmonise: image to move or to map.',
      shape: '[h, w], [slices, h, w]',
      nonFinite: true,
    },
    {
      name: 'target',
      types: ['image', 'volume'],
      required: false,
      description: 'image-distance and harmonise: image to reach.',
      shape: '[h, w], [slices, h, w]',
      nonFinite: true,
    },
  ],
  outputs: [
    {
      name: 'plan',
      type: 'matrix',
      description: 'Transport plan, float64 [n, m]; row, column and value of entries above 1e-12 beyond 4e6 entries.',
    },
    { name: 'potentials', type: 'model', description: 'Dual potentials x and y.' },
    {
      name: 'convergence',
      type: 'curve',
      description: 'Marginal error, dual value, kept fraction, CG iterations and step per iteration.',
    },
    { name: 'harmonised', type: 'image', description: 'harmonise: the source with the grey levels of the target.' },
    { name: 'transfer', type: 'curve', description: 'harmonise: grey level and what it is mapped to.' },
    {
      name: 'displacement',
      type: 'field',
      description: 'image-distance: mean shift (rows, columns) of the mass of each pixel in mm, [h, w, 2].',
    },
    { name: 'table', type: 'table', description: 'demo: every experiment with the bar and the figure reached.' },
  ],
  parameters,
};
