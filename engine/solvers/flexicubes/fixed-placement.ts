/**
 * Vertices of a dual surface for a field that is given, in grid coordinates (spacing 1): the mean of the crossings, or the
 * minimiser of Σ (n·(v − u))² + ε² ‖v − ū‖² over the crossings u with unit field gradients n, clamped to the vertex's cube.
 * T. Ju, F. Losasso, S. Schaefer, J. Warren, "Dual contouring of Hermite data", 2002; anchor and clamp as specified.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { edgeCorners } from './cube.ts';
import type { DualSurface, Field } from './dual-surface.ts';
import { solveSymmetric3 } from './symmetric3.ts';

/**
 * Weight ε of the anchor. Differences of sampled values are off near edges and in noise, and a weak anchor lets vertices
 * slide far along nearly parallel planes; exact gradients need almost none.
 */
export const qefAnchor = { sampled: 0.05, exact: 1e-3 };

/** out ← gradient of the field at a point in grid coordinates. */
export type FieldGradient = (out: Float64Array, x: number, y: number, z: number) => void;

/** out ← gradient of the field at a grid point by central differences, one-sided at the border. */
export function gradientAt(
  out: Float64Array,
  s: Field,
  point: number,
  { size, strides }: Pick<DualSurface, 'size' | 'strides'>,
): void {
  for (let axis = 0; axis < 3; axis++) {
    const step = strides[axis];
    const coordinate = Math.floor(point / step) % size[axis];
    const low = coordinate > 0 ? step : 0;
    const high = coordinate < size[axis] - 1 ? step : 0;
    out[axis] = ((s[point + high] - s[point - low]) * step) / (low + high);
  }
}

export type FixedPlacement = 'centroid' | 'qef';

/** [vertices, 3] in grid coordinates. `exact`: gradients where the field is known between its points too. */
export async function fixedVertices(
  surface: DualSurface,
  s: Field,
  placement: FixedPlacement,
  context: Pick<RunContext, 'signal'>,
  exact?: FieldGradient,
): Promise<Float64Array> {
  const anchor = exact === undefined ? qefAnchor.sampled : qefAnchor.exact;
  const { size, strides, cubes, vertexSlot, crossingStart, crossingEdge } = surface;
  const out = new Float64Array(3 * vertexSlot.length);
  const u = new Float64Array(3 * 12);
  const n = new Float64Array(3 * 12);
  const [low, high, g, shift] = [0, 1, 2, 3].map(() => new Float64Array(3));
  for (let vertex = 0; vertex < vertexSlot.length; vertex++) {
    if (vertex % 50_000 === 49_999) await checkpoint(context);
    const cube = cubes[vertexSlot[vertex]];
    const origin = [cube % size[0], Math.floor(cube / size[0]) % size[1], Math.floor(cube / strides[2])];
    const first = crossingStart[vertex];
    const count = crossingStart[vertex + 1] - first;
    for (let k = 0; k < count; k++) {
      const edge = crossingEdge[first + k];
      const [a] = edgeCorners[edge];
      const p = cube + (a & 1) * strides[0] + ((a >> 1) & 1) * strides[1] + ((a >> 2) & 1) * strides[2];
      const q = p + strides[edge >> 2];
      const t = s[p] / (s[p] - s[q]);
      for (let axis = 0; axis < 3; axis++) u[3 * k + axis] = (a >> axis) & 1;
      u[3 * k + (edge >> 2)] = t;
      if (placement === 'centroid') continue;
      if (exact !== undefined) exact(g, origin[0] + u[3 * k], origin[1] + u[3 * k + 1], origin[2] + u[3 * k + 2]);
      else {
        gradientAt(low, s, p, surface);
        gradientAt(high, s, q, surface);
        for (let axis = 0; axis < 3; axis++) g[axis] = (1 - t) * low[axis] + t * high[axis];
        // Along the edge the plane must agree with the crossing, which came from these two values.
        g[edge >> 2] = s[q] - s[p];
      }
      const length = Math.hypot(g[0], g[1], g[2]) || 1;
      for (let axis = 0; axis < 3; axis++) n[3 * k + axis] = g[axis] / length;
    }
    const mean = [0, 0, 0];
    for (let k = 0; k < 3 * count; k++) mean[k % 3] += u[k] / count;
    if (placement === 'qef') qefShift(shift, u, n, count, mean, anchor);
    for (let axis = 0; axis < 3; axis++)
      out[3 * vertex + axis] = origin[axis] + Math.min(1, Math.max(0, mean[axis] + shift[axis]));
  }
  return out;
}

/** shift ← v − ū of the minimiser, not clamped; `u`, `n`: the first `count` crossings and unit normals. */
export function qefShift(
  shift: Float64Array,
  u: Float64Array,
  n: Float64Array,
  count: number,
  mean: readonly number[],
  anchor: number,
): void {
  const m = [anchor * anchor, 0, 0, anchor * anchor, 0, anchor * anchor];
  const rhs = [0, 0, 0];
  for (let k = 0; k < 3 * count; k += 3) {
    const [x, y, z] = [n[k], n[k + 1], n[k + 2]];
    const d = x * (u[k] - mean[0]) + y * (u[k + 1] - mean[1]) + z * (u[k + 2] - mean[2]);
    m[0] += x * x;
    m[1] += x * y;
    m[2] += x * z;
    m[3] += y * y;
    m[4] += y * z;
    m[5] += z * z;
    rhs[0] += d * x;
    rhs[1] += d * y;
    rhs[2] += d * z;
  }
  solveSymmetric3(shift, m, rhs);
}
