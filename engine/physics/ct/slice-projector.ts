/**
 * X-ray transform of beams that cross one slice at a time, parallel and fan, with its exact adjoint. x: [slices, y, x] of n×n
 * real images; A x: sinogram [slices, views, detectors];
 *
 *   A = √(π/(2V)) · R,   (R x)[v, j] = Σ_t x(X(v,j,t), Y(v,j,t))       (ray-table.ts; unit steps, bilinear)
 *
 * so a sinogram of line integrals must be multiplied by `scaling` = √(π/(2V)) before it is compared with A x. With that
 * factor AᴴA = (π/2V) RᵀR of a parallel beam has largest eigenvalue ≈ 1.52 n whatever the number of views V, and penalties
 * keep their meaning when V changes. R is the ray-driven transform that rotates the image and adds its rows; the adjoint
 * scatters with the same weights (Joseph, IEEE Trans. Med. Imaging 1 (1982) 192–196, describes the interpolating projector).
 * Four slices share each view's rays in WebAssembly (ray-kernel.ts); a slice alone shares them among views that are
 * each other's mirror images (view-groups.ts).
 */
import { check } from '../../errors.ts';
import { realSpace } from '../../linear/typed-space.ts';
import type { SliceGeometry } from './ct-geometry.ts';
import type { CtProjector, ProjectorOptions } from './projector.ts';
import { type SliceEngine, sliceEngine } from './slice-engine.ts';
import { type LaneTable, type PassOperation, runPass } from './slice-pass.ts';
import { mostPasses, startSliceWorkers } from './slice-workers.ts';
import { type LaneImage, lanes, plainGroups, symmetricGroups } from './view-groups.ts';

const largestArray = 2 ** 31 - 1;

/** Below this many samples (slices × views × pixels) the threads' start costs more than it gives. */
const worthThreads = 2 ** 22;

interface Pass {
  /** Index among the plan's engines. */
  engine: number;
  lanes: LaneTable;
}

interface Plan {
  engines: SliceEngine[];
  passes: Pass[];
}

const empty = [-1, 0, 0, 0];
const held = (slice: number, { origin, stepX, stepY }: LaneImage): number[] => [slice, origin, stepX, stepY];

/** Four slices at a time; the last few by whichever grouping traces fewer rays. */
function plan(geometry: SliceGeometry, slices: number, threads: number): Plan {
  const rest = slices % lanes;
  const symmetric = rest === 0 ? undefined : symmetricGroups(geometry);
  const alone = symmetric !== undefined && rest * symmetric.angles.length < geometry.anglesDeg.length ? rest : 0;
  const engines: SliceEngine[] = [];
  const passes: Pass[] = [];
  if (slices > alone) {
    const groups = plainGroups(geometry);
    engines.push(sliceEngine(geometry, groups, threads));
    for (let slice = 0; slice < slices - alone; slice += lanes)
      passes.push({
        engine: 0,
        lanes: groups.images.flatMap((image, b) => (slice + b < slices - alone ? held(slice + b, image) : empty)),
      });
  }
  if (symmetric !== undefined && alone > 0) {
    engines.push(sliceEngine(geometry, symmetric, threads));
    for (let slice = slices - alone; slice < slices; slice++)
      passes.push({
        engine: engines.length - 1,
        lanes: symmetric.images.flatMap((image) => held(slice, image)),
      });
  }
  return { engines, passes };
}

/** Throws `resource` when image, sinogram or the kernel's memory cannot be had. */
export function sliceProjector<G extends SliceGeometry>(
  geometry: G,
  slices: number,
  { threads = 1 }: ProjectorOptions = {},
): CtProjector & { readonly geometry: G } {
  check(Number.isSafeInteger(slices) && slices > 0, () => `number of slices is ${slices}, expected a positive integer`);
  const { size: n, detectors } = geometry;
  const views = geometry.anglesDeg.length;
  const imageLength = slices * n * n;
  const sinogramLength = slices * views * detectors;
  check(
    Math.max(imageLength, sinogramLength) <= largestArray,
    () => `${slices} slices of ${n}×${n} pixels and ${views}×${detectors} rays exceed ${largestArray} elements`,
    { code: 'resource', hint: 'Reconstruct fewer slices at a time.' },
  );
  const scaling = Math.sqrt(Math.PI / (2 * views));
  const worth = slices * views * n * n >= worthThreads && slices <= mostPasses;
  const used = worth ? Math.max(1, Math.min(threads, Math.ceil(slices / lanes))) : 1;
  const { engines, passes } = plan(geometry, slices, used);
  const workers =
    used > 1 ? startSliceWorkers(engines, passes, used, Math.max(imageLength, sinogramLength)) : undefined;
  const domain = realSpace([slices, n, n]);
  const range = realSpace([slices, views, detectors]);

  const run = (operation: PassOperation, input: Float32Array, output: Float32Array, factor: number): Float32Array => {
    if (workers) workers.run(operation, input, output, factor);
    else
      for (const { engine, lanes: table } of passes) {
        const { kernel, floats, tables, bases } = engines[engine];
        runPass(kernel, floats, tables, table, bases[0], operation, input, output, factor);
      }
    return output;
  };

  return {
    name: `${geometry.kind}-beam projection ${n}×${n}, ${views} views`,
    domain,
    range,
    geometry,
    slices,
    scaling,
    apply(x, out = range.zeros()) {
      requireLength(x, imageLength, 'image');
      return run(0, x, out, scaling);
    },
    adjoint(y, out = domain.zeros()) {
      requireLength(y, sinogramLength, 'sinogram');
      return run(1, y, out, scaling);
    },
    normal(x, out = domain.zeros()) {
      requireLength(x, imageLength, 'image');
      return run(2, x, out, scaling * scaling);
    },
    dispose: () => workers?.dispose(),
  };
}

function requireLength(values: Float32Array, expected: number, path: string): void {
  check(values.length === expected, () => `${path} has ${values.length} elements, the projector expects ${expected}`, {
    code: 'mismatch',
    path,
  });
}
