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

function local({ centre, axes, turn = 0 }: Ellipsoid, point: readonly number[], vector: boolean): number[] {
  const [c, s] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const [x, y, z] = vector ? point : point.map((p, i) => p - centre[i]);
  return [(c * x - s * y) / axes[0], (s * x + c * y) / axes[1], z / axes[2]];
}

/** Closed-form line integral along origin + t·direction. */
export function chord(ellipsoid: Ellipsoid, origin: readonly number[], direction: readonly number[]): number {
  const p = local(ellipsoid, origin, false);
  const d = local(ellipsoid, direction, true);
  const product = (a: number[], b: number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const dd = product(d, d);
  const pd = product(p, d);
  const inside = pd * pd - dd * (product(p, p) - 1);
  if (inside <= 0) return 0;
  const length = Math.hypot(direction[0], direction[1], direction[2]);
  return (ellipsoid.value * 2 * Math.sqrt(inside) * length) / dd;
}

/** Area means of the ellipsoids on the pixel grid, float32 [slices, y, x], by 4 × 4 (× 4) points a pixel. */
export function rasterise(ellipsoids: readonly Ellipsoid[], n: number, centre: number, slices = 1, spacing = 1) {
  const out = new Float32Array(slices * n * n);
  const points = 4;
  const depths = slices === 1 ? 1 : points;
  for (let k = 0; k < slices; k++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        let sum = 0;
        for (const e of ellipsoids)
          for (let c = 0; c < depths; c++)
            for (let b = 0; b < points; b++)
              for (let a = 0; a < points; a++) {
                const at = [
                  x - centre + (a + 0.5) / points - 0.5,
                  y - centre + (b + 0.5) / points - 0.5,
                  (k - (slices - 1) / 2 + (c + 0.5) / depths - 0.5) * spacing,
                ];
                const [u, v, w] = local(e, at, false);
                if (u * u + v * v + w * w <= 1) sum += e.value;
              }
        out[(k * n + y) * n + x] = sum / (points * points * depths);
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

/** Three ellipses that fit into a circle of radius 0.47 n, one of them dark. */
export function ellipses(n: number): Ellipsoid[] {
  return [
    { centre: [0.02 * n, -0.03 * n, 0], axes: [0.4 * n, 0.3 * n, 1e6], value: 1, turn: 20 },
    { centre: [-0.15 * n, 0.05 * n, 0], axes: [0.1 * n, 0.06 * n, 1e6], value: 0.7, turn: -40 },
    { centre: [0.17 * n, -0.1 * n, 0], axes: [0.05 * n, 0.09 * n, 1e6], value: -0.5 },
  ];
}

export const centreOf = rotationCentre;
