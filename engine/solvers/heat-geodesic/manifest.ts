/** Names, ranges and defaults of heat-geodesic. */
import { z } from 'zod';
import type { SolverManifest } from '../sdk.ts';

const parameters = z.strictObject({
  method: z
    .enum(['heatgeo', 'phate', 'diffusion-map', 'isomap', 'pca'])
    .default('heatgeo')
    .meta({ description: 'Dissimilarity to embed: heat geodesic, or one it is compared with.' }),
  k: z.int().min(2).max(100).default(10).meta({ description: 'Neighbours that set the local scale.' }),
  graph: z
    .enum(['alpha', 'knn'])
    .default('alpha')
    .meta({ description: 'alpha: decaying kernel of local width; knn: union of k-nearest-neighbour edges.' }),
  alpha: z.number().min(1).max(100).default(40).meta({ description: 'Decay of the alpha graph.' }),
  anisotropy: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({ description: 'Power of the density taken out of the weights.' }),
  nPca: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .meta({ description: 'Principal components kept where points have more coordinates; 0 keeps all.' }),
  laplacian: z
    .enum(['combinatorial', 'normalized'])
    .default('combinatorial')
    .meta({ description: 'Graph Laplacian: D − W, or I − D^(−1/2) W D^(−1/2).' }),
  kernel: z
    .enum(['euler', 'chebyshev', 'exact'])
    .default('euler')
    .meta({ description: 'Heat kernel: implicit Euler steps, Chebyshev polynomial, or exact (at most 1500 points).' }),
  steps: z.int().min(1).max(500).default(30).meta({ description: 'Steps of euler.' }),
  tau: z
    .union([z.literal('auto'), z.number()])
    .default('auto')
    .meta({
      description:
        'Diffusion time above 0; auto: at the knee of the entropy. phate and diffusion-map: whole steps (auto: 30, 10).',
      unit: '1/weight',
    }),
  volumeTerm: z.number().min(0).max(2).default(1).meta({ description: 'Weight of the correction for local volume.' }),
  scale: z.number().min(0.25).max(4).default(1).meta({ description: 'Power of the distance.' }),
  nTau: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .meta({ description: 'Above 1: average over so many times, in place of tau.' }),
  tauMin: z
    .number()
    .positive()
    .max(1e9)
    .default(0.1)
    .meta({ description: 'First of the nTau times.', unit: '1/weight' }),
  tauMax: z
    .number()
    .positive()
    .max(1e9)
    .default(200)
    .meta({ description: 'Last of the nTau times.', unit: '1/weight' }),
  denoise: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({ description: 'Share of the distance between rows of the dissimilarity.' }),
  truncation: z
    .enum(['none', 'heat', 'distMax', 'distMin'])
    .default('none')
    .meta({ description: 'Drop heat below a share of its maximum; cap, or clear, distances at a quantile.' }),
  truncationArg: z.number().min(0).max(1).default(0).meta({ description: 'The share or quantile of truncation.' }),
  weights: z
    .enum(['none', 'heat', 'gaussian', 'inverse'])
    .default('none')
    .meta({ description: 'Weights of pairs in the embedding.' }),
  weightsArg: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .meta({ description: 'gaussian: width; inverse: power of the distance.' }),
  dim: z.int().min(1).max(10).default(2).meta({ description: 'Dimensions of the embedding.' }),
  patch: z
    .int()
    .min(3)
    .max(31)
    .refine((value) => value % 2 === 1, 'expected an odd number')
    .default(7)
    .meta({ description: 'image: side of a patch, odd.', unit: 'pixels' }),
  stride: z.int().min(1).max(32).default(4).meta({ description: 'image: step between patches.', unit: 'pixels' }),
  maxPoints: z
    .int()
    .min(50)
    .max(4000)
    .default(2000)
    .meta({ description: 'Above this many points: landmarks, and the rest between their nearest ones.' }),
});

export type HeatParameters = z.output<typeof parameters>;

export const defaultParameters: HeatParameters = parameters.parse({});

export const heatManifest: SolverManifest = {
  id: 'heat-geodesic',
  title: 'Heat geodesic embedding',
  group: 'Geometry and transport',
  summary:
    'Embeds points, frames of a dynamic series or patches of an image so that distances follow the data: geodesic distance is read off the flow of heat on a neighbourhood graph, which noise misleads less than shortest paths.',
  citation:
    'G. Huguet, A. Tong, E. De Brouwer, Y. Zhang, G. Wolf, I. Adelstein, S. Krishnaswamy: A Heat Diffusion Perspective on Geodesic Preserving Dimensionality Reduction. NeurIPS 2023, arXiv 2305.19043.',
  inputs: [
    {
      name: 'points',
      types: ['points', 'matrix'],
      required: false,
      description: 'Points in rows.',
      shape: '[N, d]',
      nonFinite: true,
    },
    {
      name: 'volume',
      types: ['volume'],
      required: false,
      description: 'In place of points: each slice, such as a frame of a dynamic series, is a point.',
      shape: '[frames, h, w]',
      nonFinite: true,
    },
    {
      name: 'image',
      types: ['image'],
      required: false,
      description: 'In place of points: each patch is a point.',
      shape: '[h, w]',
      nonFinite: true,
    },
    {
      name: 'affinity',
      types: ['matrix'],
      required: false,
      description: 'In place of points: symmetric weights of the graph, at least 0.',
      shape: '[N, N]',
      nonFinite: true,
    },
    {
      name: 'geodesic',
      types: ['matrix'],
      required: false,
      description: 'True distances to compare with.',
      shape: '[N, N]',
      nonFinite: true,
    },
    {
      name: 'labels',
      types: ['labels', 'points'],
      required: false,
      description: 'A number per point, shown as its brightness.',
      shape: '[N]',
      nonFinite: true,
    },
  ],
  outputs: [
    { name: 'embedding', type: 'points', description: 'Coordinates, float64 [N, dim].' },
    { name: 'dissimilarity', type: 'matrix', description: 'Estimated distances, float64 [N, N]; of landmarks [M, M].' },
    { name: 'entropy', type: 'curve', description: 'Entropy of the heat kernel at each time tried.' },
    { name: 'stress', type: 'curve', description: 'Stress per iteration of the embedding.' },
    {
      name: 'embedding_picture',
      type: 'picture',
      description: 'The first two coordinates; brightness follows the labels, or the order of the points.',
    },
    { name: 'map', type: 'field', description: 'image: first two coordinates at the centres of patches, [h, w, 2].' },
    { name: 'landmarks', type: 'labels', description: 'Above maxPoints: index of each landmark.' },
    { name: 'table', type: 'table', description: 'demo: every experiment with the bar and the figure reached.' },
  ],
  parameters,
};
