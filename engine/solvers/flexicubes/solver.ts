/** `tangent solve flexicubes`: the surface of a volume, or fitted to a target. */
import type { RunContext } from '../../context.ts';
import { subContext } from '../../context.ts';
import { isArrayArtifact } from '../artifact.ts';
import { defineSolver, type Inputs, type SolverResult } from '../sdk.ts';
import { determinant, mapPoints, stepLengths } from './affine.ts';
import { type DualSurface, dualSurface } from './dual-surface.ts';
import { readTarget } from './fit-target.ts';
import { type FitRun, runFit } from './fit-task.ts';
import { fixedVertices } from './fixed-placement.ts';
import { flexicubesError } from './flexicubes-error.ts';
import { type FlexicubesParameters, flexicubesManifest } from './manifest.ts';
import { marchingCubes } from './marching-cubes.ts';
import { keptComponents, type TriangleMesh } from './mesh-measures.ts';
import { meshOutputs } from './mesh-outputs.ts';
import { gradientDiagonal, shorterDiagonal, triangulate } from './triangulate.ts';
import { type VolumeField, volumeField, type Warnings } from './volume-field.ts';

type Run = Omit<SolverResult, 'parameters'>;

function checkConflicts({ placement, tetrahedra, adaptive, method }: FlexicubesParameters): void {
  const refuse = (first: string, second: string, path: string) => {
    throw flexicubesError('E_PARAM_CONFLICT', `${first} cannot be used with ${second}`, path, 'Choose one of them.');
  };
  if (adaptive && placement === 'fit') refuse('adaptive', 'placement fit', 'adaptive');
  if (adaptive && tetrahedra) refuse('tetrahedra', 'adaptive', 'tetrahedra');
  if (method === 'flexicubes') return;
  if (placement === 'fit') refuse('method marching-cubes', 'placement fit', 'method');
  if (tetrahedra) refuse('method marching-cubes', 'tetrahedra', 'method');
  if (adaptive) refuse('method marching-cubes', 'adaptive', 'method');
}

async function volumeOf(
  inputs: Inputs,
  parameters: FlexicubesParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<VolumeField | undefined> {
  const { volume } = inputs;
  if (volume === undefined) return undefined;
  if (!isArrayArtifact(volume)) throw flexicubesError('E_SHAPE', 'the volume is not an array', 'volume');
  return volumeField(volume, parameters, warnings, context);
}

/** Grid coordinates to mm; a left-handed grid turns the triangles around. */
function inMillimetres({ vertices, faces }: TriangleMesh, { affine }: Pick<VolumeField, 'affine'>): TriangleMesh {
  mapPoints(vertices, affine);
  if (determinant(affine) < 0)
    for (let at = 0; at < faces.length; at += 3) [faces[at + 1], faces[at + 2]] = [faces[at + 2], faces[at + 1]];
  return { vertices, faces };
}

async function fixedMesh(
  surface: DualSurface,
  volume: VolumeField,
  parameters: FlexicubesParameters,
  context: RunContext,
): Promise<TriangleMesh> {
  if (parameters.method === 'marching-cubes') return marchingCubes(surface, volume.s, context);
  const placement = parameters.placement === 'centroid' ? 'centroid' : 'qef';
  const vertices = await fixedVertices(surface, volume.s, placement, context);
  const rule = placement === 'qef' ? gradientDiagonal(surface, volume.s, vertices) : shorterDiagonal;
  return { vertices, faces: triangulate(surface.quads, vertices, rule, stepLengths(volume.affine)) };
}

/** Triangles in mm, and what a fit adds. */
async function meshOf(
  volume: VolumeField | undefined,
  inputs: Inputs,
  parameters: FlexicubesParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<{ mesh: TriangleMesh; surface: DualSurface; fitted?: FitRun }> {
  const given = inputs.target;
  if (parameters.placement !== 'fit') {
    if (volume === undefined) throw flexicubesError('E_INPUT_MISSING', 'a volume is needed', 'volume');
    if (given !== undefined)
      warnings.push({ code: 'target-unused', message: 'only placement fit follows a target: it was not used' });
    const surface = await dualSurface(volume.s, volume.size, context);
    return { surface, mesh: inMillimetres(await fixedMesh(surface, volume, parameters, context), volume) };
  }
  if (volume === undefined && given === undefined)
    throw flexicubesError('E_INPUT_MISSING', 'a volume or a target is needed', 'volume');
  const fine = volume && (await fineSurface(volume, context));
  const target = given === undefined ? undefined : await readTarget(given, warnings, context);
  const followed = target ?? (fine && ({ kind: 'mesh', mesh: fine } as const));
  if (followed === undefined) throw flexicubesError('E_INPUT_MISSING', 'a target is needed', 'target');
  const start = volume && fine && { field: volume, surface: fine };
  const fitted = await runFit(followed, start, parameters, context);
  return { mesh: inMillimetres(fitted.fit.mesh, fitted), surface: fitted.fit.surface, fitted };
}

/** The surface of a volume at its own resolution, in mm, to follow. */
async function fineSurface(volume: VolumeField, context: RunContext): Promise<TriangleMesh> {
  const surface = await dualSurface(volume.s, volume.size, context);
  const vertices = await fixedVertices(surface, volume.s, 'qef', context);
  const rule = gradientDiagonal(surface, volume.s, vertices);
  const faces = triangulate(surface.quads, vertices, rule, stepLengths(volume.affine));
  return inMillimetres({ vertices, faces }, volume);
}

async function run(inputs: Inputs, parameters: FlexicubesParameters, context: RunContext): Promise<Run> {
  checkConflicts(parameters);
  const warnings: Warnings = [];
  context.progress({ fraction: 0, stage: 'volume' });
  const volume = await volumeOf(inputs, parameters, warnings, subContext(context, 0, 0.1));
  context.progress({ fraction: 0.1, stage: 'surface' });
  const made = await meshOf(volume, inputs, parameters, warnings, subContext(context, 0.1, 0.8));
  context.progress({ fraction: 0.8, stage: 'measure' });
  const kept = keptComponents(made.mesh, parameters.largestComponent, parameters.minTriangles);
  const written = meshOutputs(kept, parameters.format);
  return {
    artifacts: { ...written.artifacts, ...made.fitted?.artifacts },
    metrics: {
      ...written.metrics,
      ...(volume === undefined ? {} : { iso: volume.iso }),
      inverted_cases: 2 * made.surface.replacedPairs.length,
      ...made.fitted?.metrics,
    },
    warnings,
  };
}

export const flexicubes = defineSolver<FlexicubesParameters>({ manifest: flexicubesManifest, run });
