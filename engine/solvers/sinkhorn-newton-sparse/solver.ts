/** `tangent solve sinkhorn-newton-sparse`: transport between points, images or grey levels. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import { subContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import { isArrayArtifact } from '../artifact.ts';
import { defineSolver, type Inputs, type SolverResult } from '../sdk.ts';
import { demo } from './demo.ts';
import { harmonise } from './harmonise.ts';
import { imageDistance } from './image-distance.ts';
import { readSides, type Sides, type Warnings } from './inputs.ts';
import { type SinkhornParameters, sinkhornManifest } from './manifest.ts';
import { transportError } from './problem.ts';
import {
  capWarning,
  convergenceCurve,
  metricsOf,
  potentialsArtifact,
  runTransport,
  sinkhornDivergence,
  type Transport,
} from './run-transport.ts';

type Run = Omit<SolverResult, 'parameters'>;

/** Beyond this a plan is written as its entries above 1e-12. */
const largestDensePlan = 4e6;

function planArtifact(
  { plan }: Transport,
  { rowIndex, columnIndex, fullShape }: Pick<Sides, 'rowIndex' | 'columnIndex' | 'fullShape'>,
): Artifact {
  const [rows, columns] = fullShape;
  const m = columnIndex.length;
  if (rows * columns <= largestDensePlan) {
    const full = plan.length === rows * columns ? plan : new Float64Array(rows * columns);
    if (full !== plan)
      for (const [a, i] of rowIndex.entries())
        for (const [b, j] of columnIndex.entries()) full[i * columns + j] = plan[a * m + b];
    return { type: 'matrix', array: ndarray('float64', [rows, columns], full) };
  }
  const kept = plan.reduce((count, value) => count + (value > 1e-12 ? 1 : 0), 0);
  const [row, column, value] = [new Uint32Array(kept), new Uint32Array(kept), new Float64Array(kept)];
  for (let at = 0, k = 0; at < plan.length; at++) {
    if (plan[at] <= 1e-12) continue;
    row[k] = rowIndex[Math.floor(at / m)];
    column[k] = columnIndex[at % m];
    value[k++] = plan[at];
  }
  return {
    type: 'model',
    arrays: {
      row: ndarray('uint32', [kept], row),
      column: ndarray('uint32', [kept], column),
      value: ndarray('float64', [kept], value),
    },
  };
}

/** All indices: a side from which nothing was dropped. */
const wholeSide = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

function common(
  transport: Transport,
  sides: Pick<Sides, 'rowIndex' | 'columnIndex' | 'fullShape'>,
): Record<string, Artifact> {
  return {
    plan: planArtifact(transport, sides),
    potentials: potentialsArtifact(transport.solution, transport.problem.costScale),
    convergence: convergenceCurve(transport.solution),
  };
}

async function transportTask(inputs: Inputs, parameters: SinkhornParameters, context: RunContext): Promise<Run> {
  const warnings: Warnings = [];
  const sides = readSides(inputs, parameters, warnings);
  if (parameters.debias && sides.points === undefined)
    throw transportError(
      'E_PARAM',
      'debias needs points: a cost alone says nothing of the distances within a side',
      'debias',
    );
  const part = parameters.debias ? 0.5 : 1;
  const transport = await runTransport(sides.r, sides.c, sides.cost, parameters, subContext(context, 0, part));
  capWarning(transport, warnings);
  const metrics: Record<string, number | null> = metricsOf(
    transport,
    sides.points === undefined ? undefined : parameters.power,
  );
  if (parameters.debias && sides.points !== undefined) {
    const { source, target } = sides.points;
    metrics.sinkhorn_divergence = await sinkhornDivergence(
      transport,
      source,
      target,
      parameters,
      subContext(context, part, 1),
    );
  }
  return { artifacts: common(transport, sides), metrics, warnings };
}

function picture(inputs: Inputs, name: string): NdArray {
  const artifact = inputs[name];
  if (artifact === undefined) throw transportError('E_INPUT_MISSING', `the task needs the image ${name}`, name);
  if (!isArrayArtifact(artifact) || artifact.array.dtype === 'complex64')
    throw transportError('E_INPUT_VALUE', `${name} is complex, expected a real image`, name, 'Give the magnitude.');
  return artifact.array;
}

/** [h, w]; a single slice of a volume counts as one. */
function flat(image: NdArray, name: string): NdArray {
  const shape = image.shape.filter((size, axis) => size !== 1 || axis >= image.shape.length - 2);
  if (shape.length !== 2)
    throw transportError(
      'E_SHAPE',
      `${name} is [${image.shape.join(', ')}], expected [h, w]`,
      name,
      'Choose one slice.',
    );
  return { ...image, shape };
}

async function distanceTask(inputs: Inputs, parameters: SinkhornParameters, context: RunContext): Promise<Run> {
  const warnings: Warnings = [];
  const images = ['source', 'target'].map((name) => flat(picture(inputs, name), name));
  const part = parameters.debias ? 0.5 : 1;
  const found = await imageDistance(images[0], images[1], parameters, warnings, subContext(context, 0, part));
  capWarning(found.transport, warnings);
  const metrics: Record<string, number | null> = metricsOf(found.transport, parameters.power);
  if (parameters.debias)
    metrics.sinkhorn_divergence = await sinkhornDivergence(
      found.transport,
      found.source,
      found.target,
      parameters,
      subContext(context, part, 1),
    );
  const [n, m] = [found.source.count, found.target.count];
  const sides = { rowIndex: wholeSide(n), columnIndex: wholeSide(m), fullShape: [n, m] as const };
  return {
    artifacts: { ...common(found.transport, sides), displacement: { type: 'field', array: found.displacement } },
    metrics,
    warnings,
  };
}

async function harmoniseTask(inputs: Inputs, parameters: SinkhornParameters, context: RunContext): Promise<Run> {
  const warnings: Warnings = [];
  const found = await harmonise(picture(inputs, 'source'), picture(inputs, 'target'), parameters, warnings, context);
  capWarning(found.transport, warnings);
  const { r, c } = found.transport.problem;
  const sides = {
    rowIndex: wholeSide(r.length),
    columnIndex: wholeSide(c.length),
    fullShape: [r.length, c.length] as const,
  };
  return {
    artifacts: {
      ...common(found.transport, sides),
      harmonised: { type: 'image', array: found.image },
      transfer: { type: 'curve', columns: { intensity: [...found.levels], mapped: [...found.mapped] } },
    },
    metrics: { ...metricsOf(found.transport), histogram_w1_before: found.before, histogram_w1_after: found.after },
    warnings,
  };
}

const tasks = { transport: transportTask, 'image-distance': distanceTask, harmonise: harmoniseTask };

export const sinkhornNewtonSparse = defineSolver<SinkhornParameters>({
  manifest: sinkhornManifest,
  run: (inputs, parameters, context) => tasks[parameters.task](inputs, parameters, context),
  demo,
});
