/** `tangent solve rvgp`: a tangent vector field on a surface from a few vectors. */
import { ndarray } from '../../arrays/ndarray.ts';
import { type RunContext, subContext } from '../../context.ts';
import type { Artifact, Column } from '../artifact.ts';
import { defineSolver, type Inputs, type SolverResult } from '../sdk.ts';
import { demo } from './demo.ts';
import { placePoints } from './elsewhere.ts';
import { agreement, offTangent, projected } from './evaluate.ts';
import { fieldMesh, fieldPicture } from './field-picture.ts';
import { buildGeometry, type Geometry } from './geometry.ts';
import { type Problem, readProblem, type Warnings } from './inputs.ts';
import { type RvgpParameters, rvgpManifest } from './manifest.ts';
import { meshRegions } from './mesh-topology.ts';
import { chooseNodes } from './nodes.ts';
import { subset } from './point-set.ts';
import { type Prediction, predict, type Setting } from './predict.ts';
import { rvgpError } from './rvgp-error.ts';
import { type Singularity, singularities } from './singularities.ts';
import { rootMeanSquare } from './spectral-field.ts';
import { toLocal } from './tangent-frames.ts';

type Run = Omit<SolverResult, 'parameters'>;

/** Beyond this the covariances are not written. */
const largestCovariance = 2e7;

/** Throws E_TOO_FEW_OBSERVATIONS unless there are m + 1. */
function checkObservations(found: number, m: number): void {
  if (found <= m)
    throw rvgpError(
      'E_TOO_FEW_OBSERVATIONS',
      `${found} observed vectors, at least ${m + 1} are needed for tangent planes of dimension ${m}`,
      'vectors',
    );
}

async function prepare(
  problem: Problem,
  parameters: RvgpParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<{ setting: Setting; removed: number | null }> {
  const { points, diameter, mesh, observed } = problem;
  const { neighbours, explainedVariance, projectInput } = parameters;
  const dimension = parameters.dimension ?? (mesh === undefined ? 0 : 2);
  if (points.count <= 1.5 * neighbours)
    throw rvgpError(
      'E_TOO_FEW_POINTS',
      `${points.count} points for ${neighbours} neighbours, more than ${1.5 * neighbours} are needed`,
      'neighbours',
    );
  checkObservations(observed.index.length, Math.max(1, dimension));
  const nodes = await chooseNodes(problem, parameters, warnings, context);
  const regions = mesh === undefined ? undefined : meshRegions(points.data, mesh, nodes);
  const geometry = await buildGeometry(
    subset(points, nodes),
    {
      neighbours,
      dimension,
      explainedVariance,
      ...(regions === undefined ? {} : { adjacent: regions.adjacent }),
      ...(mesh === undefined
        ? {}
        : { normals: subset({ data: mesh.normals, count: points.count, dimensions: 3 }, nodes).data }),
    },
    context,
  );
  checkObservations(observed.index.length, geometry.frames.tangent);
  warnOfGraph(geometry, observed.index, nodes, warnings);
  const placement = await placePoints(points, nodes, geometry, regions?.region, mesh?.normals, context);
  const setting: Setting = { points, diameter, nodes, geometry, placement, observed };
  if (!projectInput) return { setting, removed: null };
  const { ambient, tangent } = geometry.frames;
  const size = ambient * tangent;
  const at = { data: placement.frames, count: points.count, dimensions: size };
  const vectors = projected(observed.vectors, subset(at, observed.index).data, ambient, tangent);
  const whole = rootMeanSquare(observed.vectors, ambient);
  const normal = rootMeanSquare(
    observed.vectors.map((value, k) => value - vectors[k]),
    ambient,
  );
  if (rootMeanSquare(vectors, ambient) <= 1e-12 * whole)
    throw rvgpError(
      'E_ZERO_RANGE',
      'the observed vectors have no part in the tangent planes',
      'vectors',
      'Only the tangential part is modelled; interpolate the normal part as a number.',
    );
  return { setting: { ...setting, observed: { ...observed, vectors } }, removed: normal / whole };
}

function warnOfGraph(geometry: Geometry, observed: Uint32Array, nodes: Uint32Array, warnings: Warnings): void {
  if (geometry.droppedEdges > 0)
    warnings.push({
      code: 'edges-dropped',
      message: `${geometry.droppedEdges} edges join tangent planes near a right angle and were dropped`,
      value: geometry.droppedEdges,
    });
  const isObserved = new Set(observed);
  const seen = new Set(Array.from(nodes.keys()).flatMap((i) => (isObserved.has(nodes[i]) ? [geometry.label[i]] : [])));
  const without = geometry.components - seen.size;
  if (without > 0)
    warnings.push({
      code: 'unseen-components',
      message: `${without} of ${geometry.components} components of the graph hold no observation; the field there is zero`,
      value: without,
    });
}

function warnOfZeros(field: Float64Array, dimensions: number, warnings: Warnings): void {
  const scale = rootMeanSquare(field, dimensions);
  let small = 0;
  for (let at = 0; at < field.length; at += dimensions)
    if (Math.hypot(...field.subarray(at, at + dimensions)) < 1e-3 * scale) small++;
  if (small > 0)
    warnings.push({
      code: 'near-zero',
      message: `the field nearly vanishes at ${small} vertices: singularities beside them are uncertain`,
      value: small,
    });
}

function singularitiesOf(
  { mesh }: Problem,
  { placement, geometry }: Setting,
  field: Float64Array,
  warnings: Warnings,
): Singularity[] | undefined {
  if (mesh === undefined || geometry.frames.tangent !== 2) return undefined;
  if (!mesh.manifold) {
    warnings.push({
      code: 'non-manifold',
      message: 'edges join more than two triangles, or two that face opposite ways: singularities were not sought',
    });
    return undefined;
  }
  warnOfZeros(field, 3, warnings);
  const local = new Float64Array((field.length / 3) * 2);
  for (let i = 0; i < field.length / 3; i++)
    toLocal(local.subarray(2 * i, 2 * i + 2), placement.frames, 6 * i, field.subarray(3 * i, 3 * i + 3));
  return singularities(mesh.faces, placement.frames, local);
}

function singularityTable({ mesh, points }: Problem, found: readonly Singularity[]): Artifact {
  const centre = (c: number) =>
    found.map(({ triangle }) => {
      const corners = [...(mesh?.faces.subarray(3 * triangle, 3 * triangle + 3) ?? [])];
      return corners.reduce((sum, corner) => sum + points.data[3 * corner + c] / 3, 0);
    });
  return {
    type: 'table',
    columns: {
      triangle: found.map(({ triangle }) => mesh?.faceNumber[triangle] ?? triangle),
      x: centre(0),
      y: centre(1),
      z: centre(2),
      index: found.map(({ index }) => index),
    },
  };
}

function eigenvalueTable({ connection, scalar }: NonNullable<Prediction['eigenvalues']>, rows: number): Artifact {
  const column = (values: Float64Array): Column => Array.from({ length: rows }, (_, l) => values[l] ?? null);
  return {
    type: 'table',
    columns: {
      index: Array.from({ length: rows }, (_, l) => l),
      connection: column(connection),
      scalar: column(scalar),
    },
  };
}

async function run(inputs: Inputs, parameters: RvgpParameters, context: RunContext): Promise<Run> {
  const warnings: Warnings = [];
  context.progress({ fraction: 0, stage: 'graph' });
  const problem = await readProblem(inputs, context);
  const { setting, removed } = await prepare(problem, parameters, warnings, subContext(context, 0, 0.2, 'graph'));
  context.progress({ fraction: 0.2, stage: 'graph' });
  const prediction = await predict(setting, parameters, subContext(context, 0.2, 0.98));
  const { field, std, covariance, eigenvalues, figures } = prediction;
  const { points, rowOf, mesh, truth } = problem;
  const { ambient: D, tangent: m } = setting.geometry.frames;
  const { frames } = setting.placement;
  const found = singularitiesOf(problem, setting, field, warnings);
  const rows = (data: Float64Array, ...shape: number[]) => {
    const dimensions = shape.reduce((a, b) => a * b, 1);
    return ndarray('float64', [rowOf.length, ...shape], subset({ data, count: points.count, dimensions }, rowOf).data);
  };
  const drawn = mesh === undefined ? undefined : fieldMesh(points.data, mesh.faces, field, frames);
  const writesCovariance = rowOf.length * D * D <= largestCovariance;
  const artifacts: Record<string, Artifact> = {
    field: { type: 'field', array: rows(field, D) },
    ...(std && { std: { type: 'matrix', array: rows(std) } }),
    ...(covariance && writesCovariance && { covariance: { type: 'field', array: rows(covariance, D, D) } }),
    frames: { type: 'field', array: rows(frames, D, m) },
    ...(eigenvalues && { eigenvalues: eigenvalueTable(eigenvalues, figures.eigenpairs ?? 0) }),
    ...(found && { singularities: singularityTable(problem, found) }),
    ...(drawn && { field_mesh: { type: 'mesh', vertices: drawn.vertices, faces: drawn.faces, file: 'field' } }),
    field_picture: { type: 'picture', array: fieldPicture(points, mesh?.faces, field), file: 'field' },
  };
  const seen = new Set(setting.observed.index);
  const unseen = Array.from(setting.nodes).filter((i) => !seen.has(i));
  const compared = truth === undefined ? null : agreement(field, truth, std, D, unseen);
  return {
    artifacts,
    metrics: {
      dimension: m,
      nodes: setting.nodes.length,
      observed: setting.observed.index.length,
      ...figures,
      off_tangent: offTangent(field, frames, D, m),
      removed_fraction: removed,
      components: setting.geometry.components,
      dropped_edges: setting.geometry.droppedEdges,
      index_sum: found === undefined ? null : found.reduce((sum, { index }) => sum + index, 0),
      euler_characteristic: mesh?.eulerCharacteristic ?? null,
      arrow_scale: drawn?.scale ?? null,
      ...(truth === undefined
        ? {}
        : {
            alignment: compared?.alignment ?? null,
            relative_error: compared?.relativeError ?? null,
            coverage_2sigma: compared?.coverage ?? null,
          }),
    },
    warnings,
  };
}

export const rvgp = defineSolver<RvgpParameters>({ manifest: rvgpManifest, run, demo });
