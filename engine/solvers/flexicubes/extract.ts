/** From inputs to triangles in grid coordinates, by the way the parameters choose. */
import { type RunContext, subContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import type { Inputs } from '../sdk.ts';
import { runAdaptive } from './adaptive-task.ts';
import { type Affine, determinant, mapPoints, stepLengths } from './affine.ts';
import { type DualSurface, dualSurface, type Field } from './dual-surface.ts';
import { readTarget } from './fit-target.ts';
import { runFit } from './fit-task.ts';
import { fixedVertices } from './fixed-placement.ts';
import { displacementOf } from './flexible-surface.ts';
import { flexicubesError } from './flexicubes-error.ts';
import type { FlexicubesParameters } from './manifest.ts';
import { marchingCubes } from './marching-cubes.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { gradientDiagonal, shorterDiagonal, triangulate } from './triangulate.ts';
import type { VolumeField, Warnings } from './volume-field.ts';

export interface Extraction {
  /** Grid coordinates. */
  mesh: TriangleMesh;
  affine: Affine;
  /** Of a uniform grid: what tetrahedra are built on. */
  uniform?: { surface: DualSurface; s: Field; positionOf: (out: Float64Array, point: number) => void };
  metrics: Record<string, number>;
  artifacts: Record<string, Artifact>;
}

/** Grid coordinates to mm, in place; a left-handed grid turns the triangles around. */
export function inMillimetres({ vertices, faces }: TriangleMesh, affine: Affine): TriangleMesh {
  mapPoints(vertices, affine);
  if (determinant(affine) < 0)
    for (let at = 0; at < faces.length; at += 3) [faces[at + 1], faces[at + 2]] = [faces[at + 2], faces[at + 1]];
  return { vertices, faces };
}

async function fixedExtraction(
  volume: VolumeField,
  { method, placement: chosen }: Pick<FlexicubesParameters, 'method' | 'placement'>,
  context: RunContext,
): Promise<Extraction> {
  const { s, size, affine } = volume;
  const surface = await dualSurface(s, size, context);
  const positionOf = (out: Float64Array, point: number) => {
    out[0] = point % size[0];
    out[1] = Math.floor(point / size[0]) % size[1];
    out[2] = Math.floor(point / (size[0] * size[1]));
  };
  const plain = { affine, uniform: { surface, s, positionOf }, artifacts: {} };
  if (method === 'marching-cubes') return { mesh: await marchingCubes(surface, s, context), ...plain, metrics: {} };
  const placement = chosen === 'centroid' ? 'centroid' : 'qef';
  const vertices = await fixedVertices(surface, s, placement, context);
  const rule = placement === 'qef' ? gradientDiagonal(surface, s, vertices) : shorterDiagonal;
  const faces = triangulate(surface.quads, vertices, rule, stepLengths(affine));
  return { mesh: { vertices, faces }, ...plain, metrics: { inverted_cases: 2 * surface.replacedPairs.length } };
}

/** The surface of a volume at its own resolution, in mm, to follow. */
async function fineSurface(volume: VolumeField, context: RunContext): Promise<TriangleMesh> {
  const { mesh, affine } = await fixedExtraction(volume, { method: 'flexicubes', placement: 'qef' }, context);
  return inMillimetres(mesh, affine);
}

async function fitExtraction(
  volume: VolumeField | undefined,
  given: Artifact | undefined,
  parameters: FlexicubesParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<Extraction> {
  const start = volume && { field: volume, surface: await fineSurface(volume, context) };
  const target =
    given === undefined
      ? start && ({ kind: 'mesh', mesh: start.surface } as const)
      : await readTarget(given, warnings, context);
  if (target === undefined)
    throw flexicubesError('E_INPUT_MISSING', 'placement fit needs a volume or a target', 'volume');
  const { fit, grid, affine, metrics, artifacts } = await runFit(target, start, parameters, context);
  const positionOf = (out: Float64Array, point: number) => {
    out[0] = point % grid.size[0];
    out[1] = Math.floor(point / grid.size[0]) % grid.size[1];
    out[2] = Math.floor(point / (grid.size[0] * grid.size[1]));
    for (let axis = 0; axis < 3; axis++) out[axis] += displacementOf(grid.delta[3 * point + axis]);
  };
  return {
    ...{ mesh: fit.mesh, affine, uniform: { surface: fit.surface, s: grid.s, positionOf }, artifacts },
    metrics: { inverted_cases: 2 * fit.surface.replacedPairs.length, ...metrics },
  };
}

/** Throws E_INPUT_MISSING and what the ways throw. */
export async function extract(
  volume: VolumeField | undefined,
  inputs: Inputs,
  parameters: FlexicubesParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<Extraction> {
  if (parameters.placement === 'fit') return fitExtraction(volume, inputs.target, parameters, warnings, context);
  if (volume === undefined)
    throw flexicubesError('E_INPUT_MISSING', 'a volume is needed', 'volume', 'Only placement fit does without one.');
  if (inputs.target !== undefined)
    warnings.push({ code: 'target-unused', message: 'only placement fit follows a target: it was not used' });
  if (!parameters.adaptive) return fixedExtraction(volume, parameters, context);
  const fine = await fineSurface(volume, subContext(context, 0, 0.5));
  return { ...(await runAdaptive(volume, fine, parameters, subContext(context, 0.5, 1))), artifacts: {} };
}
