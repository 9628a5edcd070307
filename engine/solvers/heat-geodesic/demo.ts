/** The specification's experiments at desktop size, each beside the methods it is compared with, from the same run. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { type RunContext, subContext } from '../../context.ts';
import { symmetricEigen } from '../../linear/dense.ts';
import type { SolverResult } from '../sdk.ts';
import { rowPearson } from './agreement.ts';
import { heatDistances } from './dissimilarity.ts';
import { estimateDistances } from './estimate.ts';
import { type HeatOperator, heatKernel, heatOperator } from './heat-kernel.ts';
import { defaultParameters, type HeatParameters } from './manifest.ts';
import { laplacian, neighbourGraph } from './neighbour-graph.ts';
import { rowDistances } from './row-distances.ts';
import { metricScaling, type Scaling } from './scaling.ts';
import { scatterPicture } from './scatter-picture.ts';
import { branchingTree, type Shape, swissRoll } from './test-shapes.ts';

interface Row {
  experiment: string;
  figure: string;
  value: number;
  baseline: string;
  baselineValue: number | null;
  bar: string;
  /** Undefined where there is no bar. */
  met: boolean | undefined;
}

const methods = ['heatgeo', 'phate', 'diffusion-map', 'isomap'] as const;
type Figures = Record<(typeof methods)[number], number>;

/** Row-wise Pearson correlation of every method's distances with the true ones. */
async function compared({ points, geodesic }: Shape, tau: number, context: RunContext) {
  const figures: Partial<Figures> = {};
  let distances: Float64Array | undefined;
  for (const [m, method] of methods.entries()) {
    const part = subContext(context, m / methods.length, (m + 1) / methods.length);
    const settings: HeatParameters = { ...defaultParameters, method, tau: method === 'heatgeo' ? tau : 'auto' };
    const { values } = await estimateDistances({ count: points.count, points }, settings, [], part);
    if (method === 'heatgeo') distances = values;
    figures[method] = await rowPearson(values, geodesic, points.count, context);
  }
  return { figures: figures as Figures, distances: distances as Float64Array };
}

const mean = (all: readonly Figures[]): Figures => {
  const of = (method: keyof Figures) => all.reduce((sum, figures) => sum + figures[method] / all.length, 0);
  return { heatgeo: of('heatgeo'), phate: of('phate'), 'diffusion-map': of('diffusion-map'), isomap: of('isomap') };
};

/** Largest difference of entries. */
const furthest = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** exp(−t L) from eigenvectors: independent of every kernel of the solver. */
function spectralKernels({ matrix }: HeatOperator, times: readonly number[]): Float64Array[] {
  const n = matrix.rows;
  const full = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let at = matrix.rowStart[i]; at < matrix.rowStart[i + 1]; at++)
      full[i * n + matrix.column[at]] = matrix.value[at];
  const { values, vectors } = symmetricEigen(full, n);
  return times.map((t) => {
    const out = new Float64Array(n * n);
    const decay = values.map((value) => Math.exp(-t * value));
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let l = 0; l < n; l++) sum += vectors[i * n + l] * decay[l] * vectors[j * n + l];
        out[i * n + j] = sum;
        out[j * n + i] = sum;
      }
    return out;
  });
}

export async function demo(seed: number, context: RunContext): Promise<Omit<SolverResult, 'parameters'>> {
  const rows: Row[] = [];
  const add = (
    experiment: string,
    figure: string,
    value: number,
    baseline: string,
    baselineValue: number | null,
    bar: string,
    met: boolean | undefined,
  ) => {
    rows.push({ experiment, figure, value, baseline, baselineValue, bar, met });
  };
  const pearson = 'row-wise Pearson of d';
  const names = { phate: 'PHATE', 'diffusion-map': 'diffusion map', isomap: 'Isomap' } as const;
  const ahead = (experiment: string, figures: Figures, least: number, margins: Record<keyof typeof names, number>) => {
    const own = figures.heatgeo;
    add(experiment, pearson, own, 'none', null, `at least ${least}`, own >= least);
    for (const method of ['isomap', 'phate', 'diffusion-map'] as const) {
      const margin = margins[method];
      const bar = margin < 0 ? `at least baseline − ${-margin}` : `at least baseline + ${margin}`;
      add(experiment, pearson, own, names[method], figures[method], bar, own >= figures[method] + margin);
    }
  };

  const clean = await swissRoll(600, 0.05, seed, context);
  const { figures: onClean, distances } = await compared(clean, 20, subContext(context, 0, 0.1));
  {
    const experiment = 'clean roll';
    add(experiment, pearson, onClean.heatgeo, 'none', null, 'at least 0.96', onClean.heatgeo >= 0.96);
    add(experiment, pearson, onClean.heatgeo, 'PHATE', onClean.phate, 'PHATE at most 0.90', onClean.phate <= 0.9);
    const diffusion = onClean['diffusion-map'];
    add(
      experiment,
      pearson,
      onClean.heatgeo,
      'diffusion map',
      diffusion,
      'diffusion map at most 0.65',
      diffusion <= 0.65,
    );
    const wins = 'Isomap at least 0.99: without noise it wins';
    add(experiment, pearson, onClean.heatgeo, 'Isomap', onClean.isomap, wins, onClean.isomap >= 0.99);
  }
  const scaling = await metricScaling(distances, 600, 2, undefined, subContext(context, 0.1, 0.15));
  {
    const embedded = await rowDistances(scaling.points, 600, 2, context);
    const ofEmbedding = await rowPearson(embedded, clean.geodesic, 600, context);
    const stress = scaling.normalizedStress;
    add('embedding', 'normalised stress', stress, 'none', null, 'at most 0.05', stress <= 0.05);
    const baseline = 'Pearson of d itself';
    add(
      'embedding',
      'row-wise Pearson of the embedding',
      ofEmbedding,
      baseline,
      onClean.heatgeo,
      'at least 0.95',
      ofEmbedding >= 0.95,
    );
  }

  const noisy: Shape[] = [];
  const onNoisy: Figures[] = [];
  for (let s = 0; s < 3; s++) {
    const shape = await swissRoll(800, 0.8, 3 * seed + s + 100, context);
    noisy.push(shape);
    onNoisy.push((await compared(shape, 50, subContext(context, 0.15 + 0.12 * s, 0.27 + 0.12 * s))).figures);
  }
  ahead('noisy roll, mean of 3 seeds', mean(onNoisy), 0.85, { isomap: 0.12, phate: 0.12, 'diffusion-map': 0.25 });

  const sigmas = [0, 0.5, 1, 1.5];
  const bySigma = sigmas.map(() => 0);
  for (const [s, { points, geodesic }] of noisy.entries()) {
    const part = subContext(context, 0.51 + 0.05 * s, 0.56 + 0.05 * s);
    const operator = await heatOperator(
      laplacian(await neighbourGraph(points, defaultParameters, part), 'combinatorial'),
      part,
    );
    const { values } = await heatKernel(operator, 50, defaultParameters, part);
    for (const [m, sigma] of sigmas.entries())
      bySigma[m] += (await rowPearson(heatDistances(values, 800, 50, sigma, 1), geodesic, 800, context)) / noisy.length;
  }
  for (const [m, sigma] of sigmas.entries())
    if (sigma > 0) {
      const bar = sigma === 1 ? 'above sigma 0' : 'table only';
      add(
        `volume term ${sigma}`,
        pearson,
        bySigma[m],
        'sigma 0',
        bySigma[0],
        bar,
        sigma === 1 ? bySigma[m] > bySigma[0] : undefined,
      );
    }

  const onTree: Figures[] = [];
  for (let s = 0; s < 3; s++) {
    const shape = await branchingTree(5, 120, 1, 3 * seed + s, context);
    onTree.push((await compared(shape, 20, subContext(context, 0.66 + 0.06 * s, 0.72 + 0.06 * s))).figures);
  }
  ahead('tree, mild noise, mean of 3 seeds', mean(onTree), 0.9, { isomap: -0.01, phate: 0.05, 'diffusion-map': 0.2 });

  const heavy = await branchingTree(5, 120, 4, seed, context);
  const { figures: onHeavy } = await compared(heavy, 10, subContext(context, 0.84, 0.9));
  for (const method of ['isomap', 'phate', 'diffusion-map'] as const)
    add('tree, heavy noise', pearson, onHeavy.heatgeo, names[method], onHeavy[method], 'table only', undefined);

  {
    const { points } = await swissRoll(400, 0.05, seed + 1000, context);
    const operator = await heatOperator(
      laplacian(await neighbourGraph(points, defaultParameters, context), 'combinatorial'),
      context,
    );
    const times = [1, 10, 50];
    const spectral = spectralKernels(operator, times);
    for (const [m, t] of times.entries()) {
      const part = subContext(context, 0.93 + 0.02 * m, 0.95 + 0.02 * m);
      const values: Partial<Record<HeatParameters['kernel'], Float64Array>> = {};
      for (const [q, kernel] of (['euler', 'chebyshev', 'exact'] as const).entries())
        values[kernel] = (
          await heatKernel(operator, t, { kernel, steps: 30 }, subContext(part, q / 3, (q + 1) / 3))
        ).values;
      const exact = values.exact ?? new Float64Array();
      const off = furthest(values.chebyshev ?? exact, exact);
      const figure = 'largest difference from exact';
      const eigen = furthest(spectral[m], exact);
      add(`kernel accuracy, t ${t}`, `chebyshev: ${figure}`, off, 'eigenvectors', eigen, 'at most 1e-9', off <= 1e-9);
      const ofEuler = furthest(values.euler ?? exact, exact);
      add(
        `kernel accuracy, t ${t}`,
        `euler, 30 steps: ${figure}`,
        ofEuler,
        'eigenvectors',
        eigen,
        'table only',
        undefined,
      );
    }
  }
  context.progress({ fraction: 1, stage: 'done' });
  return {
    artifacts: {
      table: {
        type: 'table',
        columns: {
          experiment: rows.map((row) => row.experiment),
          figure: rows.map((row) => row.figure),
          value: rows.map((row) => row.value),
          baseline: rows.map((row) => row.baseline),
          baseline_value: rows.map((row) => row.baselineValue),
          bar: rows.map((row) => row.bar),
          met: rows.map(({ met }) => (met === undefined ? '–' : met ? 'yes' : 'no')),
        },
      },
      ...embeddingOf(scaling),
    },
    metrics: {
      bars_met: rows.filter(({ met }) => met).length,
      bars: rows.filter(({ met }) => met !== undefined).length,
    },
    warnings: [],
  };
}

/** The clean roll laid out flat. */
function embeddingOf({ points, stress }: Scaling) {
  const count = points.length / 2;
  const embedding: NdArray = ndarray('float64', [count, 2], points);
  const order = Float64Array.from({ length: count }, (_, i) => points[2 * i]);
  return {
    embedding: { type: 'points', array: embedding },
    embedding_picture: { type: 'picture', array: scatterPicture(points, count, 2, order), file: 'embedding' },
    stress: { type: 'curve', columns: { iteration: stress.map((_, i) => i), stress } },
  } as const;
}
