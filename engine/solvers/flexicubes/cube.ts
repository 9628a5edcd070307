/**
 * Names of a cube's parts. Corner number = x + 2y + 4z. Edge number = 4 · axis + a + 2b with a, b the corner bits along the
 * other two axes in ascending order. Face number = 2 · axis + side.
 */

/** The two ends of each edge, lower one first: [12, 2]. */
export const edgeCorners: readonly (readonly [number, number])[] = Array.from({ length: 12 }, (_, edge) => {
  const axis = edge >> 2;
  const [first, second] = otherAxes(axis);
  const low = ((edge & 1) << first) | (((edge >> 1) & 1) << second);
  return [low, low | (1 << axis)];
});

/** The axes across `axis`, ascending. */
export function otherAxes(axis: number): readonly [number, number] {
  return axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
}

/** The edge along `axis` whose corner bits along u = axis + 1 and v = axis + 2 (mod 3) are given. */
export function edgeAt(axis: number, bitU: number, bitV: number): number {
  return axis === 1 ? 4 * axis + bitV + 2 * bitU : 4 * axis + bitU + 2 * bitV;
}

/** The edge between two corners. */
export function edgeBetween(a: number, b: number): number {
  const axis = 31 - Math.clz32(a ^ b);
  const low = Math.min(a, b);
  return edgeAt(axis, (low >> ((axis + 1) % 3)) & 1, (low >> ((axis + 2) % 3)) & 1);
}

/** Corners of each face in the order seen from outside the cube, counter-clockwise: [6, 4]. */
export const faceCorners: readonly (readonly number[])[] = Array.from({ length: 6 }, (_, face) => {
  const axis = face >> 1;
  const side = (face & 1) << axis;
  const [u, v] = [1 << ((axis + 1) % 3), 1 << ((axis + 2) % 3)];
  const around = [0, u, u | v, v].map((corner) => corner | side);
  return (face & 1) === 1 ? around : around.reverse();
});

/** Edge k of a face joins its corners k and k + 1. */
export const faceEdges: readonly (readonly number[])[] = faceCorners.map((corners) =>
  corners.map((corner, k) => edgeBetween(corner, corners[(k + 1) % 4])),
);
