import type { ConeBeamGeometry } from '../../../engine/physics/ct/cone-geometry.ts';
import { type CtGeometry, rotationCentre } from '../../../engine/physics/ct/ct-geometry.ts';

/** Repeatable numbers in [−1, 1) for test inputs. */
export function noise(length: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const norm = (a: Float32Array): number => Math.sqrt(dot(a, a));

/** ‖a − b‖/‖b‖ */
export function relativeError(a: Float32Array, b: Float32Array): number {
  return norm(a.map((value, i) => value - b[i])) / norm(b);
}

/** An ellipsoid of constant value; X to the right, Y down, Z along the slices, all in pixels from the rotation centre. */
export interface Ellipsoid {
  centre: readonly [x: number, y: number, z: number];
  axes: readonly [x: number, y: number, z: number];
  value: number;
  /** Degrees from X towards −Y, about Z. */
  turn?: number;
}

/** Closed-form line integral along origin + t·direction. */
export function chord(e: Ellipsoid, origin: readonly number[], direction: readonly number[]): number {
  const angle = ((e.turn ?? 0) * Math.PI) / 180;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const x = origin[0] - e.centre[0];
  const y = origin[1] - e.centre[1];
  const px = (c * x - s * y) / e.axes[0];
  const py = (s * x + c * y) / e.axes[1];
  const pz = (origin[2] - e.centre[2]) / e.axes[2];
  const dx = (c * direction[0] - s * direction[1]) / e.axes[0];
  const dy = (s * direction[0] + c * direction[1]) / e.axes[1];
  const dz = direction[2] / e.axes[2];
  const dd = dx * dx + dy * dy + dz * dz;
  const pd = px * dx + py * dy + pz * dz;
  const inside = pd * pd - dd * (px * px + py * py + pz * pz - 1);
  if (inside <= 0) return 0;
  const length = Math.sqrt(direction[0] ** 2 + direction[1] ** 2 + direction[2] ** 2);
  return (e.value * 2 * Math.sqrt(inside) * length) / dd;
}

/** Area means of the ellipsoids on the pixel grid, float32 [slices, y, x], by 4 × 4 (× 4) points a pixel at their edges. */
export function rasterise(ellipsoids: readonly Ellipsoid[], n: number, centre: number, slices = 1, spacing = 1) {
  const out = new Float32Array(slices * n * n);
  const points = 4;
  const depths = slices === 1 ? 1 : points;
  for (const e of ellipsoids) {
    const [c, s] = [Math.cos(((e.turn ?? 0) * Math.PI) / 180), Math.sin(((e.turn ?? 0) * Math.PI) / 180)];
    const radius = (x: number, y: number, z: number): number => {
      const u = x - e.centre[0];
      const v = y - e.centre[1];
      const w = (z - e.centre[2]) / e.axes[2];
      const a = (c * u - s * v) / e.axes[0];
      const b = (s * u + c * v) / e.axes[1];
      return Math.sqrt(a * a + b * b + w * w);
    };
    const shell = Math.max(1, spacing) / Math.min(...e.axes);
    for (let k = 0, to = 0; k < slices; k++)
      for (let y = 0; y < n; y++)
        for (let x = 0; x < n; x++, to++) {
          const px = x - centre;
          const py = y - centre;
          const pz = (k - (slices - 1) / 2) * spacing;
          const r = radius(px, py, pz);
          if (r < 1 - shell) out[to] += e.value;
          if (Math.abs(r - 1) > shell) continue;
          let sum = 0;
          for (let i = 0; i < depths * points * points; i++) {
            const dx = ((i % points) + 0.5) / points - 0.5;
            const dy = ((Math.floor(i / points) % points) + 0.5) / points - 0.5;
            const dz = (Math.floor(i / points ** 2) + 0.5) / depths - 0.5;
            if (radius(px + dx, py + dy, pz + spacing * dz) <= 1) sum++;
          }
          out[to] += (e.value * sum) / (depths * points * points);
        }
  }
  return out;
}

/** Closed-form line integrals of a parallel or fan beam, from the convention as stated: [views, detectors]. */
export function exactSinogram(ellipsoids: readonly Ellipsoid[], geometry: CtGeometry): Float32Array {
  const { anglesDeg, detectors, detectorCentre, detectorSpacing } = geometry;
  const out = new Float32Array(anglesDeg.length * detectors);
  for (let v = 0; v < anglesDeg.length; v++) {
    const [c, s] = [Math.cos((anglesDeg[v] * Math.PI) / 180), Math.sin((anglesDeg[v] * Math.PI) / 180)];
    for (let j = 0; j < detectors; j++) {
      const p = (j - detectorCentre) * detectorSpacing;
      let origin = [p * c, -p * s, 0];
      let direction = [s, c, 0];
      if (geometry.kind === 'fan') {
        const { sourceOrigin: r, sourceDetector: far } = geometry;
        // y up: source (−R sin β, R cos β), detector centre on the other side, its axis (cos β, sin β).
        const [along, depth] =
          geometry.detector === 'flat' ? [p, far] : [far * Math.sin(p / far), far * Math.cos(p / far)];
        origin = [-r * s, -r * c, 0];
        direction = [depth * s + along * c, -(-depth * c + along * s), 0];
      }
      for (const e of ellipsoids) out[v * detectors + j] += chord(e, origin, direction);
    }
  }
  return out;
}

/** Closed-form line integrals of a cone beam: [views, rows, detectors]. */
export function exactCone(ellipsoids: readonly Ellipsoid[], geometry: ConeBeamGeometry): Float32Array {
  const { anglesDeg, detectors, detectorCentre, detectorSpacing, rows, rowCentre, rowSpacing } = geometry;
  const { sourceOrigin: r, sourceDetector: far } = geometry;
  const out = new Float32Array(anglesDeg.length * rows * detectors);
  let at = 0;
  for (const angle of anglesDeg) {
    const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    for (let row = 0; row < rows; row++)
      for (let j = 0; j < detectors; j++, at++) {
        const p = (j - detectorCentre) * detectorSpacing;
        const direction = [far * s + p * c, far * c - p * s, (row - rowCentre) * rowSpacing];
        for (const e of ellipsoids) out[at] += chord(e, [-r * s, -r * c, 0], direction);
      }
  }
  return out;
}

/** Three ellipses that fit into a circle of radius 0.47 n, one of them dark. */
export function ellipses(n: number): Ellipsoid[] {
  return [
    { centre: [0.02 * n, -0.03 * n, 0], axes: [0.4 * n, 0.3 * n, 1e6], value: 1, turn: 20 },
    { centre: [-0.15 * n, 0.05 * n, 0], axes: [0.1 * n, 0.06 * n, 1e6], value: 0.7, turn: -40 },
    { centre: [0.17 * n, -0.1 * n, 0], axes: [0.05 * n, 0.09 * n, 1e6], value: -0.5 },
  ];
}

export const centreOf = rotationCentre;
