/** The experiments of the paper at desktop size; each row of the table names its bar and the baseline of the same run. */
import { createRandom, type Random } from '../../arrays/random.ts';
import { checkpoint, type RunContext, subContext } from '../../context.ts';
import type { SolverResult } from '../sdk.ts';
import { type DualSurface, dualSurface, type Field, type GridSize } from './dual-surface.ts';
import { type Fit, type FitTarget, fitSurface } from './fit-surface.ts';
import { type FieldGradient, fixedVertices } from './fixed-placement.ts';
import { plainGrid } from './flexible-surface.ts';
import { marchingCubes } from './marching-cubes.ts';
import { countEdges, measureMesh, type TriangleMesh } from './mesh-measures.ts';
import { meshOutputs } from './mesh-outputs.ts';
import { buildOctree } from './octree.ts';
import { octreeSurface } from './octree-surface.ts';
import { cuboid, drawCuboid, type Shape, sampledShape, sphere, torus } from './shapes.ts';
import { surfaceError } from './surface-error.ts';
import { cubeTables, tableFigures } from './tables.ts';
import { tetConformity, tetFigures, tetrahedralise } from './tetrahedra.ts';
import { gradientDiagonal, shorterDiagonal, triangulate } from './triangulate.ts';

interface Row {
  experiment: string;
  figure: string;
  value: number;
  baseline: string;
  baselineValue: number | null;
  bar: string;
  met: boolean;
}

const equal = [1, 1, 1];
/** Points drawn on a mesh to measure it. */
const probes = 100_000;

/** Of `cubes` cubes a side over the unit cube about the origin. */
const toUnit = ({ vertices, faces }: TriangleMesh, cubes: number): TriangleMesh => ({
  vertices: vertices.map((value) => value / cubes - 0.5),
  faces,
});

function exactGradient(shape: Shape, cubes: number): FieldGradient {
  const found = new Float64Array(6);
  return (out, x, y, z) => {
    shape.closest(found, x / cubes - 0.5, y / cubes - 0.5, z / cubes - 0.5);
    for (let axis = 0; axis < 3; axis++) out[axis] = found[3 + axis];
  };
}

/** White noise with one layer outside around it. */
export function closedNoise(cubes: number, random: Random): { s: Float64Array; size: GridSize } {
  const n = cubes + 3;
  const s = Float64Array.from({ length: n ** 3 }, (_, i) => {
    const at = [i % n, Math.floor(i / n) % n, Math.floor(i / (n * n))];
    return at.some((value) => value === 0 || value === n - 1) ? 1 : random.normal();
  });
  return { s, size: [n, n, n] };
}

/** Every experiment of the specification, in its order. */
export async function demo(seed: number, context: RunContext): Promise<Omit<SolverResult, 'parameters'>> {
  const rows: Row[] = [];
  const metrics: Record<string, number | null> = {};
  const add = (
    experiment: string,
    figure: string,
    value: number,
    baseline: string,
    baselineValue: number | null,
    bar: string,
    met: boolean,
  ) => {
    rows.push({ experiment, figure, value, baseline, baselineValue, bar, met });
  };
  const centroidMesh = async (surface: DualSurface, s: Field): Promise<TriangleMesh> => {
    const vertices = await fixedVertices(surface, s, 'centroid', context);
    return { vertices, faces: triangulate(surface.quads, vertices, shorterDiagonal, equal) };
  };
  context.progress({ fraction: 0, stage: 'tables' });
  {
    const { byPatches, largestPatch, flagged } = tableFigures(cubeTables);
    const counts = 'cases of 0, 1, 2, 3, 4 patches: 2, 162, 82, 8, 2';
    add('tables', 'cases of one patch', byPatches[1], 'published', 162, counts, byPatches.join() === '2,162,82,8,2');
    add('tables', 'largest patch', largestPatch, 'published', 7, '7 edges', largestPatch === 7);
    add('tables', 'flagged cases', flagged, 'published', 36, '36', flagged === 36);
  }
  {
    let [ours, cubes, off] = [0, 0, 0];
    for (let k = 0; k < 20; k++) {
      await checkpoint(context);
      context.progress({ fraction: 0.05 * (k / 20), stage: 'manifoldness' });
      const { s, size } = closedNoise(12, createRandom(seed, k + 1));
      const bad = ({ faces, vertices }: TriangleMesh) => {
        const { boundary, nonmanifold } = countEdges(faces, vertices.length / 3);
        return boundary + nonmanifold;
      };
      const surface = await dualSurface(s, size, context);
      ours += bad(await centroidMesh(surface, s));
      cubes += bad(await marchingCubes(surface, s, context));
      off += bad(await centroidMesh(await dualSurface(s, size, context, { repair: false }), s));
    }
    const figure = 'edges without exactly two triangles, 20 volumes';
    add('manifoldness', figure, ours, 'the same without the rule', off, '0', ours === 0);
    metrics.noise_marching_cubes_nonmanifold_edges = cubes;
    metrics.noise_without_rule_nonmanifold_edges = off;
  }
  context.progress({ fraction: 0.05, stage: 'triangle quality' });
  {
    const { s, size } = sampledShape(sphere, 32);
    const surface = await dualSurface(s, size, context);
    const ours = measureMesh(await centroidMesh(surface, s));
    const cubes = measureMesh(await marchingCubes(surface, s, context));
    add(
      'triangle quality, sphere 32³, centroid',
      'share of triangles with an angle below 10°',
      ours.sliverFraction,
      'marching cubes',
      cubes.sliverFraction,
      'at most 0.01 and a fifth of marching cubes',
      ours.sliverFraction <= 0.01 && ours.sliverFraction <= cubes.sliverFraction / 5,
    );
    metrics.sphere_aspect_gt4_fraction = ours.aspectFraction;
    metrics.sphere_marching_cubes_aspect_gt4_fraction = cubes.aspectFraction;
    metrics.sphere_volume_ratio = ours.volume / 32 ** 3 / ((4 / 3) * Math.PI * 0.027);
  }
  context.progress({ fraction: 0.1, stage: 'sharp edges' });
  {
    const { s, size } = sampledShape(cuboid, 32);
    const surface = await dualSurface(s, size, context);
    const error = (mesh: TriangleMesh) => surfaceError(toUnit(mesh, 32), cuboid, probes, createRandom(seed));
    const cubes = error(await marchingCubes(surface, s, context));
    const placed = async (gradient?: FieldGradient) => {
      const vertices = await fixedVertices(surface, s, 'qef', context, gradient);
      const faces = triangulate(surface.quads, vertices, gradientDiagonal(surface, s, vertices), equal);
      return error({ vertices, faces });
    };
    for (const [kind, gradient] of [
      ['exact gradients', exactGradient(cuboid, 32)],
      ['gradients of the samples', undefined],
    ] as const) {
      const ours = await placed(gradient);
      const experiment = `sharp edges, cuboid 32³, qef, ${kind}`;
      add(
        experiment,
        'mean distance',
        ours.mean,
        'marching cubes',
        cubes.mean,
        'at most 0.55 of marching cubes',
        ours.mean <= 0.55 * cubes.mean,
      );
      add(
        experiment,
        'share of normals off by more than 5°',
        ours.normalFraction,
        'marching cubes',
        cubes.normalFraction,
        'at most 0.65 of marching cubes',
        ours.normalFraction <= 0.65 * cubes.normalFraction,
      );
    }
  }
  context.progress({ fraction: 0.15, stage: 'fit' });
  const fitted = await fitExperiment(seed, add, metrics, subContext(context, 0.15, 0.85));
  context.progress({ fraction: 0.85, stage: 'tetrahedra' });
  for (const [name, { s, size }] of [
    ['torus 20³', sampledShape(torus, 20)],
    ['white noise 12³', closedNoise(12, createRandom(seed, 100))],
  ] as const) {
    const surface = await dualSurface(s, size, context);
    const mesh = await centroidMesh(surface, s);
    const positionOf = (out: Float64Array, point: number) => {
      out.set([point % size[0], Math.floor(point / size[0]) % size[1], Math.floor(point / (size[0] * size[1]))]);
    };
    const tets = await tetrahedralise(surface, s, mesh.vertices, mesh.faces, positionOf, context);
    const { missing, wrong } = tetConformity(tets, mesh.faces);
    const { absolute, inverted, count } = tetFigures(tets);
    const ratio = absolute / measureMesh(mesh).volume;
    add(
      `tetrahedra, ${name}`,
      'faces neither shared by two nor on the mesh',
      missing + wrong,
      'tetrahedra',
      count,
      '0',
      missing + wrong === 0,
    );
    add(
      `tetrahedra, ${name}`,
      'absolute volumes by mesh volume',
      ratio,
      'inverted tetrahedra',
      inverted,
      '1 to 1.01',
      ratio >= 1 - 1e-9 && ratio <= 1.01,
    );
  }
  context.progress({ fraction: 0.95, stage: 'adaptive' });
  {
    const { s, size } = sampledShape(sphere, 32);
    const steps = s.map((value) => 32 * value);
    const octree = buildOctree(steps, size, 0.1);
    const { eulerCharacteristic, watertight } = measureMesh(await octreeSurface(octree, steps, 'qef', context));
    const levels = new Set(octree.leafSide).size;
    const share = octree.leafPoint.length / 32 ** 3;
    const experiment = 'adaptive, sphere 32³';
    add(
      experiment,
      'Euler characteristic',
      eulerCharacteristic,
      'levels in use',
      levels,
      '2, watertight, three levels',
      eulerCharacteristic === 2 && watertight && levels === 3,
    );
    add(experiment, 'leaves by uniform leaves', share, 'uniform', 1, 'at most 0.5', share <= 0.5);
  }
  metrics.bars_met = rows.filter(({ met }) => met).length;
  metrics.bars = rows.length;
  const { loss, distance } = fitted.history;
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
          met: rows.map((row) => (row.met ? 'yes' : 'no')),
        },
      },
      loss: { type: 'curve', columns: { step: loss.map((_, step) => step), loss, distance } },
      ...meshOutputs(toUnit(fitted.mesh, 16), 'obj').artifacts,
    },
    metrics,
    warnings: [],
  };
}

async function fitExperiment(
  seed: number,
  add: (...row: [string, string, number, string, number | null, string, boolean]) => void,
  metrics: Record<string, number | null>,
  context: RunContext,
): Promise<Fit> {
  const cubes = 16;
  const { s, size } = sampledShape(cuboid, cubes);
  const target: FitTarget = {
    closest(out, x, y, z) {
      cuboid.closest(out, x / cubes - 0.5, y / cubes - 0.5, z / cubes - 0.5);
      for (let axis = 0; axis < 3; axis++) out[axis] = cubes * (out[axis] + 0.5);
    },
    inside: (x, y, z) => cuboid.distance(x / cubes - 0.5, y / cubes - 0.5, z / cubes - 0.5) < 0,
    draw(count, random) {
      const { points, normals } = drawCuboid(count, random);
      return { points: points.map((value) => cubes * (value + 0.5)), normals };
    },
  };
  const run = (frozenWeights: boolean, part: RunContext) =>
    fitSurface(
      plainGrid(
        s.map((value) => cubes * value),
        size,
      ),
      target,
      { iterations: 200, samples: 4000, signWeight: 0, seed, closed: true, frozenWeights },
      part,
    );
  const free = await run(false, subContext(context, 0, 0.6));
  const frozen = await run(true, subContext(context, 0.6, 1));
  const surface = await dualSurface(s, size, context);
  const error = (mesh: TriangleMesh) => surfaceError(toUnit(mesh, cubes), cuboid, probes, createRandom(seed));
  const plain = error(await marchingCubes(surface, s, context));
  const [ours, fixed] = [error(free.mesh), error(frozen.mesh)];
  const experiment = 'fit, cuboid 16³';
  const { loss } = free.history;
  add(
    experiment,
    'mean distance',
    ours.mean,
    'marching cubes',
    plain.mean,
    'at most 0.25 of marching cubes',
    ours.mean <= 0.25 * plain.mean,
  );
  add(
    experiment,
    'mean distance',
    ours.mean,
    'the same fit with weights frozen',
    fixed.mean,
    'at most 0.5 of it',
    ours.mean <= 0.5 * fixed.mean,
  );
  add(
    experiment,
    'share of normals off by more than 5°',
    ours.normalFraction,
    'marching cubes',
    plain.normalFraction,
    'at most 0.35 of marching cubes',
    ours.normalFraction <= 0.35 * plain.normalFraction,
  );
  const fall = loss[0] / loss[loss.length - 1];
  add(experiment, 'first loss by last', fall, 'steps', loss.length, 'at least 4', fall >= 4);
  metrics.fit_frozen_normal_gt5_fraction = fixed.normalFraction;
  return free;
}
