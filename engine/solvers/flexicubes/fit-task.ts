/** placement fit: a coarse grid about the target, its start, the fit, and what comes of it. */
import { ndarray } from '../../arrays/ndarray.ts';
import { createRandom } from '../../arrays/random.ts';
import { checkpoint, type RunContext, subContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import { type Affine, inverseAffine, mapPoints } from './affine.ts';
import { fieldAt, gridAbout } from './coarse-grid.ts';
import type { GridSize } from './dual-surface.ts';
import { type Fit, type FitTarget, fitSurface } from './fit-surface.ts';
import { fitTarget, type TargetShape, targetPoints } from './fit-target.ts';
import { displacementOf, type FlexibleGrid, gammaOf, plainGrid, weightOf } from './flexible-surface.ts';
import type { FlexicubesParameters } from './manifest.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { pointSurface } from './point-grid.ts';
import { surfaceError } from './surface-error.ts';
import { triangleSurface } from './triangle-grid.ts';
import type { VolumeField } from './volume-field.ts';

/** Points drawn to measure distances. */
const probes = 20_000;

export interface FitRun {
  fit: Fit;
  grid: FlexibleGrid;
  /** Grid to mm. */
  affine: Affine;
  /** Side of a cube, mm. */
  step: number;
  metrics: Record<string, number>;
  artifacts: Record<string, Artifact>;
}

/** Distance to the start surface in cubes, negative inside: by the volume where there is one, else by the normals. */
async function startField(
  size: GridSize,
  start: FitTarget,
  inside: ((i: number, j: number, k: number) => boolean) | undefined,
  context: RunContext,
): Promise<Float64Array> {
  const drawn = start.draw(probes, createRandom(0));
  const near = inside === undefined ? start : pointSurface(drawn.points, drawn.normals);
  const s = new Float64Array(size[0] * size[1] * size[2]);
  const found = new Float64Array(6);
  for (let i = 0; i < s.length; i++) {
    if (i % 1000 === 0) await checkpoint(context);
    const at = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / (size[0] * size[1]))];
    near.closest(found, at[0], at[1], at[2]);
    const r = at.map((value, axis) => value - found[axis]);
    const isInside = inside === undefined ? start.inside(at[0], at[1], at[2]) : inside(at[0], at[1], at[2]);
    s[i] = (isInside ? -1 : 1) * Math.max(1e-6, Math.hypot(r[0], r[1], r[2]));
  }
  return s;
}

/** `surface`: the fine surface of the volume in mm, where there is one. */
export async function runFit(
  target: TargetShape,
  volume: { field: VolumeField; surface: TriangleMesh } | undefined,
  parameters: FlexicubesParameters,
  context: RunContext,
): Promise<FitRun> {
  const { size, affine, step } = gridAbout(targetPoints(target), parameters.gridResolution);
  const inverse = inverseAffine(affine);
  const toGrid = (points: Float64Array) => mapPoints(points.slice(), inverse);
  const followed = fitTarget(target, toGrid);
  context.progress({ fraction: 0, stage: 'start' });
  const start = volume === undefined ? followed : fitTarget({ kind: 'mesh', mesh: volume.surface }, toGrid);
  const fieldMm = volume === undefined ? undefined : fieldAt(volume.field);
  const [x0, y0, z0] = affine.origin;
  const inside =
    fieldMm && ((i: number, j: number, k: number) => fieldMm(x0 + step * i, y0 + step * j, z0 + step * k) < 0);
  const grid = plainGrid(await startField(size, start, inside, context), size);
  const options = { ...parameters, closed: parameters.closeBoundary };
  const fitted = await fitSurface(grid, followed, options, subContext(context, 0.1, 0.9));
  return {
    ...{ fit: fitted, grid, affine, step },
    metrics: fitMetrics(fitted, followed, step),
    artifacts: { parameters: parametersOf(grid, affine, step), loss: lossCurve(fitted) },
  };
}

function fitMetrics({ mesh, history, stopped }: Fit, target: FitTarget, step: number): Record<string, number> {
  const random = createRandom(0, 1);
  const forth = surfaceError(mesh, target, probes, random);
  const back = triangleSurface(mesh);
  const { points } = target.draw(probes, random);
  const found = new Float64Array(6);
  let squares = 0;
  for (let i = 0; i < points.length; i += 3) {
    back.closest(found, points[i], points[i + 1], points[i + 2]);
    for (let axis = 0; axis < 3; axis++) squares += (points[i + axis] - found[axis]) ** 2 / probes;
  }
  return {
    mean_distance_mm: forth.mean * step,
    max_distance_mm: forth.max * step,
    chamfer_mm2: (forth.meanSquare + squares) * step * step,
    normal_gt5_fraction: forth.normalFraction,
    iterations: history.loss.length,
    converged: stopped === 'converged' ? 1 : 0,
    loss_first: history.loss[0],
    loss_last: history.loss[history.loss.length - 1],
    cube_mm: step,
  };
}

function lossCurve({ history }: Fit): Artifact {
  return { type: 'curve', columns: { step: history.loss.map((_, step) => step), ...history } };
}

/** Arrays over grid points [z, y, x] and cubes; s and deform in cubes of `step` mm. */
function parametersOf({ size, s, a, b, g, delta }: FlexibleGrid, { origin }: Affine, step: number): Artifact {
  const [nx, ny, nz] = size;
  const points = [nz, ny, nx];
  const perCube = (raw: Float64Array, width: number, map: (value: number) => number) => {
    const out = new Float64Array((nx - 1) * (ny - 1) * (nz - 1) * width);
    let at = 0;
    for (let z = 0; z < nz - 1; z++)
      for (let y = 0; y < ny - 1; y++)
        for (let x = 0; x < nx - 1; x++)
          for (let k = 0; k < width; k++) out[at++] = map(raw[width * (x + nx * (y + ny * z)) + k]);
    return ndarray('float64', [nz - 1, ny - 1, nx - 1, ...(width === 1 ? [] : [width])], out);
  };
  return {
    type: 'model',
    arrays: {
      s: ndarray('float64', points, s),
      alpha: perCube(a, 8, weightOf),
      beta: perCube(b, 12, weightOf),
      gamma: perCube(g, 1, gammaOf),
      deform: ndarray('float64', [...points, 3], delta.map(displacementOf)),
      origin_mm: ndarray('float64', [3], Float64Array.from(origin)),
      step_mm: ndarray('float64', [1], Float64Array.of(step)),
    },
  };
}
