import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { heatGeodesic as solver } from '../../../engine/solvers/heat-geodesic/solver.ts';
import {
  alphaWeights,
  arrayOf,
  bentSheet,
  between,
  dissimilarityOf,
  heatOf,
  laplacianOf,
  relativeGap,
  rowsOf,
  spectralHeat,
} from './by-hand.ts';

const run = (inputs: Record<string, Artifact>, settings: Record<string, unknown> = {}) =>
  solver.run(inputs, settings, quietContext());
const curve = (artifact: Artifact, name: string): number[] => {
  if (!('columns' in artifact)) throw new Error('not a curve');
  return [...artifact.columns[name]] as number[];
};

const sheet = bentSheet(140, 11);
const points = rowsOf('points', sheet);

describe('dissimilarity', () => {
  it.each([
    [{ kernel: 'exact', tau: 10, volumeTerm: 1 }, 10, 1, 1, 10],
    [{ kernel: 'exact', tau: 3, volumeTerm: 0.4, scale: 2, k: 6 }, 3, 0.4, 2, 6],
    [{ kernel: 'exact', tau: 300, volumeTerm: 0 }, 300, 0, 1, 10],
  ])('of points is that of the kernel rebuilt by hand: %j', async (settings, t, volumeTerm, scale, k) => {
    const { artifacts, metrics } = await run({ points }, settings);
    const heat = heatOf(laplacianOf(alphaWeights(sheet, k, 40)), t);
    const expected = dissimilarityOf(heat, t, volumeTerm, scale);
    expect(relativeGap(arrayOf(artifacts.dissimilarity), expected, heat)).toBeLessThan(1e-9);
    // By eigenvectors too; those cannot hold small entries to many digits.
    const spectral = spectralHeat(laplacianOf(alphaWeights(sheet, k, 40)), t);
    const rough = dissimilarityOf(spectral, t, volumeTerm, scale);
    expect(relativeGap(arrayOf(artifacts.dissimilarity), rough, spectral, 1e-9)).toBeLessThan(1e-6);
    expect(metrics.tau).toBe(t);
  });

  it.each(['euler', 'chebyshev', 'exact'])('on a ring of 30 follows its closed form: %s', async (kernel) => {
    const n = 30;
    const weight = 0.7;
    const t = 5;
    const affinity = new Matrix(n, n);
    for (let i = 0; i < n; i++) {
      affinity.set(i, (i + 1) % n, weight);
      affinity.set((i + 1) % n, i, weight);
    }
    const { artifacts, metrics } = await run(
      { affinity: rowsOf('matrix', affinity.to2DArray()) },
      { tau: t, kernel, steps: 12 },
    );
    const f = (lambda: number) => (kernel === 'euler' ? (1 + (t * lambda) / 12) ** -12 : Math.exp(-t * lambda));
    const ring = (i: number, j: number) => {
      let sum = 0;
      for (let l = 0; l < n; l++) {
        const angle = (2 * Math.PI * l) / n;
        sum += (f(weight * (2 - 2 * Math.cos(angle))) * Math.cos(angle * (i - j))) / n;
      }
      return sum;
    };
    const heat = Matrix.from1DArray(
      n,
      n,
      Array.from({ length: n * n }, (_, at) => ring(Math.floor(at / n), at % n)),
    );
    const gap = relativeGap(arrayOf(artifacts.dissimilarity), dissimilarityOf(heat, t, 1), heat, 1e-10);
    expect(gap).toBeLessThan(kernel === 'chebyshev' ? 1e-4 : 1e-6);
    expect(metrics.lambda_max).toBeCloseTo(4 * weight, 9);
    expect(metrics.components).toBe(1);
  });

  it('of a normalised Laplacian on a complete graph: one eigenvalue n/(n − 1), apart from 0', async () => {
    const [n, t] = [9, 0.8];
    const affinity = Matrix.ones(n, n).sub(Matrix.eye(n, n)).mul(3);
    const { artifacts } = await run(
      { affinity: rowsOf('matrix', affinity.to2DArray()) },
      { tau: t, kernel: 'exact', laplacian: 'normalized' },
    );
    const decay = Math.exp((-t * n) / (n - 1));
    const [own, other] = [(1 + (n - 1) * decay) / n, (1 - decay) / n];
    const expected = Math.sqrt(4 * t * Math.log(own / other));
    const d = arrayOf(artifacts.dissimilarity).data;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) expect(Math.abs(d[i * n + j] - (i === j ? 0 : expected))).toBeLessThan(1e-9);
  });

  it('over many times is their mean with weights 1 − t/Σt', async () => {
    const settings = { kernel: 'exact', nTau: 3, tauMin: 1, tauMax: 16 };
    const all = arrayOf((await run({ points }, settings)).artifacts.dissimilarity).data;
    const each = await Promise.all(
      [1, 4, 16].map(async (tau) => arrayOf((await run({ points }, { kernel: 'exact', tau })).artifacts.dissimilarity)),
    );
    const shares = [1, 4, 16].map((t) => (1 - t / 21) / 2);
    for (let i = 0; i < all.length; i++) {
      const expected = each.reduce((sum, { data }, m) => sum + shares[m] * data[i], 0);
      expect(Math.abs(all[i] - expected)).toBeLessThan(1e-9);
    }
  });

  it('is denoised and truncated as asked', async () => {
    const n = sheet.length;
    const plain = arrayOf((await run({ points }, { tau: 8 })).artifacts.dissimilarity).data;
    const noisy = arrayOf((await run({ points }, { tau: 8, denoise: 0.3 })).artifacts.dissimilarity).data;
    for (const [i, j] of [
      [0, 1],
      [17, 90],
      [139, 2],
    ]) {
      const rows = [i, j].map((r) => [...plain.slice(r * n, (r + 1) * n)]);
      const expected = 0.7 * plain[i * n + j] + 0.3 * between(rows[0], rows[1]);
      expect(noisy[i * n + j]).toBeCloseTo(expected, 9);
    }
    const pairs = [...plain].filter((_, at) => Math.floor(at / n) > at % n).sort((a, b) => a - b);
    for (const truncation of ['distMax', 'distMin']) {
      const cut = arrayOf((await run({ points }, { tau: 8, truncation, truncationArg: 0.25 })).artifacts.dissimilarity);
      const place = 0.25 * (pairs.length - 1);
      const low = Math.floor(place);
      const level = pairs[low] + (place - low) * (pairs[low + 1] - pairs[low]);
      for (let i = 0; i < plain.length; i++) {
        const expected = truncation === 'distMax' ? Math.min(plain[i], level) : plain[i] < level ? 0 : plain[i];
        expect(cut.data[i]).toBeCloseTo(expected, 12);
      }
    }
    const heat = await run({ points }, { tau: 2, truncation: 'heat', truncationArg: 0.05 });
    expect(heat.metrics.saturated_fraction).toBeGreaterThan(0.01);
    expect(heat.warnings.map(({ code }) => code)).toContain('saturated');
  });
});

describe('embedding', () => {
  it.each([
    {},
    { weights: 'heat', tau: 9 },
    { weights: 'gaussian', weightsArg: 0.5 },
    { weights: 'inverse' },
    { dim: 3 },
  ])('never raises its stress, and states it as it is: %j', async (settings) => {
    const { artifacts, metrics } = await run({ points }, settings);
    const stress = curve(artifacts.stress, 'stress');
    expect(stress.length).toBeGreaterThan(2);
    for (let i = 1; i < stress.length; i++) expect(stress[i]).toBeLessThanOrEqual(stress[i - 1]);
    const { data: y, shape } = arrayOf(artifacts.embedding);
    const d = arrayOf(artifacts.dissimilarity).data;
    const [n, dim] = shape;
    const row = (i: number) => [...y.slice(i * dim, (i + 1) * dim)];
    let [error, total, raw] = [0, 0, 0];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        error += (d[i * n + j] - between(row(i), row(j))) ** 2;
        total += d[i * n + j] ** 2;
        if (j < i) raw += (d[i * n + j] - between(row(i), row(j))) ** 2;
      }
    expect(metrics.normalized_stress).toBeCloseTo(Math.sqrt(error / total), 9);
    if (!('weights' in settings)) expect(stress.at(-1)).toBeCloseTo(raw, 6);
    // Centred, axes by falling variance, the coordinate of largest magnitude positive.
    const variance = Array.from({ length: dim }, (_, c) => {
      const axis = Array.from({ length: n }, (_, i) => y[i * dim + c]);
      expect(Math.abs(axis.reduce((a, b) => a + b))).toBeLessThan(1e-8 * Math.sqrt(total));
      expect(Math.max(...axis)).toBeGreaterThanOrEqual(-Math.min(...axis));
      return axis.reduce((sum, x) => sum + x * x, 0);
    });
    expect([...variance].sort((a, b) => b - a)).toEqual(variance);
  });

  it('of distances that are exactly those of a plane is that plane', async () => {
    const random = createRandom(4);
    const plane = Array.from({ length: 40 }, () => [3 * random.normal(), random.normal(), 0]);
    const { artifacts, metrics } = await run({ points: rowsOf('points', plane) }, { method: 'pca' });
    expect(metrics.normalized_stress).toBeLessThan(1e-9);
    const y = arrayOf(artifacts.embedding).data;
    for (let i = 0; i < 40; i += 7)
      for (let j = 0; j < i; j += 3)
        expect(Math.hypot(y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1])).toBeCloseTo(
          between(plane[i], plane[j]),
          9,
        );
  });

  it('is permuted with the points, and blind to rotations', async () => {
    const random = createRandom(9);
    const order = random.shuffle(Array.from({ length: sheet.length }, (_, i) => i));
    const plain = await run({ points }, { tau: 6 });
    const permuted = await run(
      {
        points: rowsOf(
          'points',
          order.map((i) => sheet[i]),
        ),
      },
      { tau: 6 },
    );
    const n = sheet.length;
    const [d, e] = [plain, permuted].map(({ artifacts }) => arrayOf(artifacts.dissimilarity).data);
    const [y, z] = [plain, permuted].map(({ artifacts }) => arrayOf(artifacts.embedding).data);
    for (let p = 0; p < n; p++) {
      for (let q = 0; q < n; q++) expect(Math.abs(e[p * n + q] - d[order[p] * n + order[q]])).toBeLessThan(1e-8);
      for (let c = 0; c < 2; c++) expect(Math.abs(z[2 * p + c] - y[2 * order[p] + c])).toBeLessThan(1e-6);
    }
    // A product of reflections.
    let turned = sheet;
    for (let round = 0; round < 4; round++) {
      const axis = Array.from({ length: 6 }, () => random.normal());
      const square = axis.reduce((sum, x) => sum + x * x, 0);
      turned = turned.map((point) => {
        const along = point.reduce((sum, x, c) => sum + x * axis[c], 0);
        return point.map((x, c) => x - (2 * along * axis[c]) / square);
      });
    }
    const rotated = arrayOf((await run({ points: rowsOf('points', turned) }, { tau: 6 })).artifacts.dissimilarity).data;
    for (let i = 0; i < n * n; i++) expect(Math.abs(rotated[i] - d[i])).toBeLessThan(1e-8);
  });

  it('is the same to the byte each time', async () => {
    const [first, second] = [await run({ points }), await run({ points })];
    expect(arrayOf(second.artifacts.embedding).data).toEqual(arrayOf(first.artifacts.embedding).data);
    expect(second.metrics).toEqual(first.metrics);
  });
});

describe('diffusion time', () => {
  it.each([
    {},
    { kernel: 'exact' },
    { laplacian: 'normalized' },
  ])('is the knee of the entropy, which is that of every kernel formed on its own: %j', async (settings) => {
    const { artifacts, metrics } = await run({ points }, settings);
    const [tau, entropy] = [curve(artifacts.entropy, 'tau'), curve(artifacts.entropy, 'entropy')];
    expect(tau).toHaveLength(10);
    expect([tau[0], tau[9]]).toEqual([0.05, 50]);
    for (const m of [0, 1, 9]) {
      const alone = await run({ points }, { ...settings, tau: tau[m] });
      expect(Math.abs(entropy[m] - curve(alone.artifacts.entropy, 'entropy')[0])).toBeLessThan(1e-7);
    }
    const [low, high] = [Math.min(...entropy), Math.max(...entropy)];
    const above = tau.map((t, m) => (entropy[m] - low) / (high - low) - (t - 0.05) / 49.95);
    expect(metrics.tau).toBe(tau[above.indexOf(Math.max(...above))]);
  });

  it('is the middle one, with a warning, where the entropy is flat', async () => {
    // Heat has spread evenly over pairs long before the first time.
    const affinity = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: 6 }, (_, j) => (i !== j && i >> 1 === j >> 1 ? 300 : 0)),
    );
    const { metrics, warnings } = await run({ affinity: rowsOf('matrix', affinity) }, { kernel: 'exact' });
    expect(metrics.tau).toBeCloseTo(0.05 + (5 * 49.95) / 9, 12);
    expect(warnings.map(({ code }) => code).sort()).toEqual(['components', 'entropy-flat']);
  });
});

describe('other inputs', () => {
  it('several components stay, at 1.1 times the largest distance within one', async () => {
    const apart = [...bentSheet(40, 1), ...bentSheet(40, 2).map((point) => point.map((x) => x + 1000))];
    for (const settings of [{ tau: 5 }, { method: 'isomap' }, { method: 'phate' }]) {
      const { artifacts, metrics, warnings } = await run({ points: rowsOf('points', apart) }, settings);
      expect(metrics.components).toBe(2);
      expect(warnings.map(({ code }) => code)).toContain('components');
      const d = arrayOf(artifacts.dissimilarity).data;
      let within = 0;
      for (let i = 0; i < 80; i++)
        for (let j = 0; j < 80; j++) if (i < 40 === j < 40) within = Math.max(within, d[i * 80 + j]);
      for (let i = 0; i < 40; i++) expect(d[i * 80 + 60]).toBeCloseTo(1.1 * within, 9);
    }
  });

  it('duplicates, even more than k of one point, give finite results', async () => {
    const doubled = [...sheet.slice(0, 60), ...sheet.slice(0, 60), ...Array.from({ length: 15 }, () => sheet[3])];
    for (const graph of ['alpha', 'knn']) {
      const { artifacts, metrics } = await run({ points: rowsOf('points', doubled) }, { graph, tau: 5 });
      for (const value of arrayOf(artifacts.embedding).data) expect(Number.isFinite(value)).toBe(true);
      for (const value of arrayOf(artifacts.dissimilarity).data) expect(Number.isFinite(value)).toBe(true);
      expect(metrics.normalized_stress).toBeLessThan(1);
    }
  });

  it('frames of a beating disc lie in a ring in their order', async () => {
    const [frames, size] = [36, 16];
    const data = Float32Array.from({ length: frames * size * size }, (_, at) => {
      const phase = (2 * Math.PI * Math.floor(at / size / size)) / frames;
      const [y, x] = [Math.floor(at / size) % size, at % size];
      const radius = 5 + 2 * Math.cos(phase);
      return 1 / (1 + Math.exp(2 * (Math.hypot(x - 7.5 - Math.sin(phase), y - 7.5) - radius)));
    });
    const volume: Artifact = { type: 'volume', array: ndarray('float32', [frames, size, size], data) };
    const { artifacts } = await run({ volume }, { k: 4, graph: 'knn', tau: 2 });
    const y = arrayOf(artifacts.embedding).data;
    const angles = Array.from({ length: frames }, (_, i) => Math.atan2(y[2 * i + 1], y[2 * i]));
    const steps = angles.map((angle, i) => {
      const turn = angles[(i + 1) % frames] - angle;
      return turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
    });
    // Every step turns the same way, once round in all.
    expect(Math.abs(steps.reduce((sum, step) => sum + Math.sign(step), 0))).toBe(frames);
    expect(Math.abs(steps.reduce((sum, step) => sum + step, 0))).toBeCloseTo(2 * Math.PI, 9);
  });

  it('patches of an image give a map that tells two textures apart', async () => {
    const [h, w] = [40, 52];
    const random = createRandom(2);
    const data = Float64Array.from({ length: h * w }, (_, at) => {
      const [y, x] = [Math.floor(at / w), at % w];
      return (x < w / 2 ? Math.sin(2 * x) : Math.sin(0.7 * y)) + 0.05 * random.normal();
    });
    const image: Artifact = { type: 'image', array: ndarray('float64', [h, w], data) };
    const { artifacts } = await run({ image }, { patch: 7, stride: 3, tau: 10 });
    const map = arrayOf(artifacts.map);
    expect(map.shape).toEqual([12, 16, 2]);
    expect(arrayOf(artifacts.embedding).shape).toEqual([192, 2]);
    expect(map.data).toEqual(arrayOf(artifacts.embedding).data);
    // The nearest patch on the map is of the same texture; patches across the border are left out.
    const inside = Array.from({ length: 192 }, (_, i) => i).filter((i) => i % 16 < 7 || i % 16 > 8);
    const place = (i: number) => [map.data[2 * i], map.data[2 * i + 1]];
    const alike = inside.filter((i) => {
      const others = inside.filter((j) => j !== i);
      const nearest = others.reduce((a, b) => (between(place(b), place(i)) < between(place(a), place(i)) ? b : a));
      return nearest % 16 < 8 === i % 16 < 8;
    });
    expect(alike.length / inside.length).toBeGreaterThan(0.95);
  });

  it('many points are placed between landmarks', async () => {
    const many = bentSheet(300, 8);
    const { artifacts, metrics } = await run({ points: rowsOf('points', many) }, { maxPoints: 90, tau: 10 });
    const index = [...arrayOf(artifacts.landmarks).data];
    expect(index).toHaveLength(90);
    expect(metrics.landmarks).toBe(90);
    expect(arrayOf(artifacts.dissimilarity).shape).toEqual([90, 90]);
    const { data: y, shape } = arrayOf(artifacts.embedding);
    expect(shape).toEqual([300, 2]);
    const alone = await run(
      {
        points: rowsOf(
          'points',
          index.map((i) => many[i]),
        ),
      },
      { tau: 10 },
    );
    const own = arrayOf(alone.artifacts.embedding).data;
    for (const [l, i] of index.entries()) expect(y[2 * i]).toBeCloseTo(own[2 * l], 9);
    // Others: the weighted mean of the landmarks as near as the tenth or little farther.
    const i = many.findIndex((_, at) => !index.includes(at));
    const near = index
      .map((at, l) => ({ l, d: between(many[at], many[i]) }))
      .sort((a, b) => a.d - b.d)
      .slice(0, 10);
    const weights = near.map(({ d }) => Math.exp(-((d / near[9].d) ** 40)));
    const sum = weights.reduce((a, b) => a + b);
    for (const c of [0, 1]) {
      const expected = near.reduce((total, { l }, r) => total + (weights[r] / sum) * own[2 * l + c], 0);
      expect(y[2 * i + c]).toBeCloseTo(expected, 9);
    }
  });

  it('many coordinates are reduced to principal components without moving what they hold', async () => {
    const random = createRandom(3);
    const lift = Array.from({ length: 6 }, () => Array.from({ length: 150 }, () => random.normal()));
    const lifted = sheet.map((point) => lift[0].map((_, c) => point.reduce((sum, x, r) => sum + x * lift[r][c], 0)));
    const [few, all] = await Promise.all(
      [8, 0].map((nPca) => run({ points: rowsOf('points', lifted) }, { nPca, tau: 5 })),
    );
    const [d, e] = [few, all].map(({ artifacts }) => arrayOf(artifacts.dissimilarity).data);
    for (let i = 0; i < d.length; i++) expect(Math.abs(d[i] - e[i])).toBeLessThan(1e-7);
  });

  it('true distances are compared with, row by row', async () => {
    const geodesic = rowsOf(
      'matrix',
      sheet.map((p) => sheet.map((q) => between(p, q))),
    );
    const { metrics } = await run(
      {
        points,
        geodesic,
        labels: rowsOf(
          'points',
          sheet.map((_, i) => [i]),
        ),
      },
      {
        method: 'pca',
        dim: 6,
      },
    );
    for (const name of ['pearson', 'spearman', 'pearson_embedding', 'spearman_embedding', 'precision_at_10'])
      expect(metrics[name]).toBeCloseTo(1, 6);
    expect(metrics.frobenius).toBeLessThan(1e-6);
    const rough = await run({ points, geodesic }, { tau: 10 });
    expect(rough.metrics.pearson).toBeGreaterThan(0.5);
    expect(rough.metrics.pearson).toBeLessThan(0.9999);
    expect(rough.metrics.precision_at_10).toBeLessThan(1);
  });

  it('stops when cancelled', async () => {
    const aborted = quietContext({ signal: AbortSignal.abort() });
    await expect(solver.run({ points }, {}, aborted)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
