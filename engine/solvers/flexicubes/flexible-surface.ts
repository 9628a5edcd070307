/**
 * The vertices of a dual surface with weights, and the way back from their gradient. Grid coordinates, spacing 1.
 *   α = 1 + 0.99 tanh a per cube corner, β = 1 + 0.99 tanh b per cube edge, γ = 0.99 σ(g) + 0.005 per cube;
 *   grid points x = x₀ + ½ (1 − 1e-8) tanh δ per axis;
 *   crossing of the edge (p, q): u = (x_p B − x_q A)/(B − A) with A = α_p s_p, B = α_q s_q; u⁰ the same with α = 1;
 *   vertex of a patch: v = Σ β u / Σ β.
 * T. Shen et al., "Flexible Isosurface Extraction for Gradient-Based Mesh Optimization", 2023, section 4.
 */
import type { RunContext } from '../../context.ts';
import { edgeCorners } from './cube.ts';
import { crossingEnds, type DualSurface, dualSurface, type GridSize } from './dual-surface.ts';

/** What is fitted; raw parameters, cubes numbered as their lowest points. */
export interface FlexibleGrid {
  size: GridSize;
  /** [points]; negative inside. */
  s: Float64Array;
  /** [points, 8], [points, 12], [points]. */
  a: Float64Array;
  b: Float64Array;
  g: Float64Array;
  /** [points, 3]. */
  delta: Float64Array;
}

export const parameterNames = ['s', 'a', 'b', 'g', 'delta'] as const;
export type Gradients = Record<(typeof parameterNames)[number], Float64Array>;

/** Weights and displacements at zero. */
export function plainGrid(s: Float64Array, size: GridSize): FlexibleGrid {
  const points = s.length;
  return {
    ...{ size, s, a: new Float64Array(8 * points), b: new Float64Array(12 * points) },
    ...{ g: new Float64Array(points), delta: new Float64Array(3 * points) },
  };
}

export function zeroGradients(grid: FlexibleGrid): Gradients {
  const zero = (name: keyof Gradients) => new Float64Array(grid[name].length);
  return { s: zero('s'), a: zero('a'), b: zero('b'), g: zero('g'), delta: zero('delta') };
}

const reach = 0.5 * (1 - 1e-8);
export const weightOf = (raw: number) => 1 + 0.99 * Math.tanh(raw);
export const gammaOf = (raw: number) => 0.99 / (1 + Math.exp(-raw)) + 0.005;
export const displacementOf = (raw: number) => reach * Math.tanh(raw);
/** Below this the two ends of a crossing count as equally far from it. */
const tiny = 1e-12;

export interface FlexibleSurface {
  surface: DualSurface;
  /** [vertices, 3]. */
  vertices: Float64Array;
  /** Per crossing: ends, u and u⁰ [crossings, 3], β, and 1/Σβ of its vertex. */
  low: Uint32Array;
  high: Uint32Array;
  u: Float64Array;
  plain: Float64Array;
  beta: Float64Array;
  share: Float64Array;
}

function positionOf(grid: FlexibleGrid, point: number, axis: number, strides: readonly number[]): number {
  return (Math.floor(point / strides[axis]) % grid.size[axis]) + displacementOf(grid.delta[3 * point + axis]);
}

/** Share t of the way from p to q, in [0, 1], of a crossing with values A at p and B at q. */
const crossingAt = (A: number, B: number) => (Math.abs(B - A) < tiny ? 0.5 : A / (A - B));

export async function flexibleSurface(
  grid: FlexibleGrid,
  context: Pick<RunContext, 'signal'>,
): Promise<FlexibleSurface> {
  const surface = await dualSurface(grid.s, grid.size, context);
  const { cubes, vertexSlot, crossingStart, crossingEdge, strides } = surface;
  const count = crossingEdge.length;
  const found: FlexibleSurface = {
    ...{ surface, vertices: new Float64Array(3 * vertexSlot.length) },
    ...{ low: new Uint32Array(count), high: new Uint32Array(count) },
    ...{ u: new Float64Array(3 * count), plain: new Float64Array(3 * count) },
    ...{ beta: new Float64Array(count), share: new Float64Array(count) },
  };
  const { vertices, low, high, u, plain, beta, share } = found;
  for (let vertex = 0; vertex < vertexSlot.length; vertex++) {
    const cube = cubes[vertexSlot[vertex]];
    const [first, end] = [crossingStart[vertex], crossingStart[vertex + 1]];
    let total = 0;
    for (let k = first; k < end; k++) {
      const edge = crossingEdge[k];
      [low[k], high[k]] = crossingEnds(surface, vertex, edge);
      const [cornerLow, cornerHigh] = edgeCorners[edge];
      const t = crossingAt(
        weightOf(grid.a[8 * cube + cornerLow]) * grid.s[low[k]],
        weightOf(grid.a[8 * cube + cornerHigh]) * grid.s[high[k]],
      );
      const plainT = crossingAt(grid.s[low[k]], grid.s[high[k]]);
      beta[k] = weightOf(grid.b[12 * cube + edge]);
      total += beta[k];
      for (let axis = 0; axis < 3; axis++) {
        const from = positionOf(grid, low[k], axis, strides);
        const to = positionOf(grid, high[k], axis, strides);
        u[3 * k + axis] = from + t * (to - from);
        plain[3 * k + axis] = from + plainT * (to - from);
        vertices[3 * vertex + axis] += beta[k] * u[3 * k + axis];
      }
    }
    for (let k = first; k < end; k++) share[k] = 1 / total;
    for (let axis = 0; axis < 3; axis++) vertices[3 * vertex + axis] /= total;
  }
  return found;
}

/**
 * Adds to `out` the gradient of a function of the vertices (gradient `ofVertices`, [vertices, 3]) and of the plain
 * crossings (`ofPlain`, [crossings, 3]).
 */
export function backPropagate(
  out: Gradients,
  grid: FlexibleGrid,
  found: FlexibleSurface,
  ofVertices: Float64Array,
  ofPlain: Float64Array,
): void {
  const { surface, vertices, low, high, u, plain, beta, share } = found;
  const { cubes, vertexSlot, crossingStart, crossingEdge, strides } = surface;
  for (let vertex = 0; vertex < vertexSlot.length; vertex++) {
    const cube = cubes[vertexSlot[vertex]];
    for (let k = crossingStart[vertex]; k < crossingStart[vertex + 1]; k++) {
      const edge = crossingEdge[k];
      const [cornerLow, cornerHigh] = edgeCorners[edge];
      const [p, q] = [low[k], high[k]];
      const rawLow = 8 * cube + cornerLow;
      const rawHigh = 8 * cube + cornerHigh;
      const rawBeta = 12 * cube + edge;
      const [alphaLow, alphaHigh] = [weightOf(grid.a[rawLow]), weightOf(grid.a[rawHigh])];
      const [A, B] = [alphaLow * grid.s[p], alphaHigh * grid.s[q]];
      const span = Math.abs(B - A) < tiny ? 0 : 1 / (B - A);
      const plainSpan = Math.abs(grid.s[q] - grid.s[p]) < tiny ? 0 : 1 / (grid.s[q] - grid.s[p]);
      const [t, plainT] = [crossingAt(A, B), crossingAt(grid.s[p], grid.s[q])];
      let [ofA, ofB, ofPlainLow, ofPlainHigh, ofBeta] = [0, 0, 0, 0, 0];
      for (let axis = 0; axis < 3; axis++) {
        const g = ofVertices[3 * vertex + axis];
        const gu = g * beta[k] * share[k];
        const gp = ofPlain[3 * k + axis];
        const from = positionOf(grid, p, axis, strides);
        const to = positionOf(grid, q, axis, strides);
        ofBeta += g * (u[3 * k + axis] - vertices[3 * vertex + axis]) * share[k];
        ofA += gu * (u[3 * k + axis] - to) * span;
        ofB += gu * (from - u[3 * k + axis]) * span;
        ofPlainLow += gp * (plain[3 * k + axis] - to) * plainSpan;
        ofPlainHigh += gp * (from - plain[3 * k + axis]) * plainSpan;
        const bendLow = Math.tanh(grid.delta[3 * p + axis]);
        const bendHigh = Math.tanh(grid.delta[3 * q + axis]);
        out.delta[3 * p + axis] += reach * (1 - bendLow * bendLow) * (gu * (1 - t) + gp * (1 - plainT));
        out.delta[3 * q + axis] += reach * (1 - bendHigh * bendHigh) * (gu * t + gp * plainT);
      }
      out.s[p] += ofA * alphaLow + ofPlainLow;
      out.s[q] += ofB * alphaHigh + ofPlainHigh;
      out.a[rawLow] += ofA * grid.s[p] * 0.99 * (1 - Math.tanh(grid.a[rawLow]) ** 2);
      out.a[rawHigh] += ofB * grid.s[q] * 0.99 * (1 - Math.tanh(grid.a[rawHigh]) ** 2);
      out.b[rawBeta] += ofBeta * 0.99 * (1 - Math.tanh(grid.b[rawBeta]) ** 2);
    }
  }
}
