/** `tangent solve flexicubes`: the surface of a volume, or fitted to a target. */
import { type RunContext, subContext } from '../../context.ts';
import { isArrayArtifact } from '../artifact.ts';
import { defineSolver, type Inputs, type SolverResult } from '../sdk.ts';
import { demo } from './demo.ts';
import { extract, inMillimetres } from './extract.ts';
import { flexicubesError } from './flexicubes-error.ts';
import { type FlexicubesParameters, flexicubesManifest } from './manifest.ts';
import { keptComponents } from './mesh-measures.ts';
import { meshOutputs } from './mesh-outputs.ts';
import { tetOutputs } from './tet-outputs.ts';
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

async function run(inputs: Inputs, parameters: FlexicubesParameters, context: RunContext): Promise<Run> {
  checkConflicts(parameters);
  const warnings: Warnings = [];
  context.progress({ fraction: 0, stage: 'volume' });
  const volume = await volumeOf(inputs, parameters, warnings, subContext(context, 0, 0.1));
  context.progress({ fraction: 0.1, stage: 'surface' });
  const found = await extract(volume, inputs, parameters, warnings, subContext(context, 0.1, 0.8));
  context.progress({ fraction: 0.8, stage: 'measure' });
  const tetrahedra = parameters.tetrahedra ? await tetOutputs(found, context) : undefined;
  const { largestComponent, minTriangles } = parameters;
  if (tetrahedra && (largestComponent || minTriangles > 1))
    warnings.push({ code: 'tetrahedra-whole', message: 'parts left out of the mesh are still in the tetrahedra' });
  const kept = keptComponents(inMillimetres(found.mesh, found.affine), largestComponent, minTriangles);
  const written = meshOutputs(kept, parameters.format);
  return {
    artifacts: { ...written.artifacts, ...found.artifacts, ...tetrahedra?.artifacts },
    metrics: {
      ...written.metrics,
      ...(volume === undefined ? {} : { iso: volume.iso }),
      ...found.metrics,
      ...tetrahedra?.metrics,
    },
    warnings,
  };
}

export const flexicubes = defineSolver<FlexicubesParameters>({ manifest: flexicubesManifest, run, demo });
