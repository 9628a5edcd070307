/**
 * How far a stored slice is turned from the way it is read: front of the body on top in axial planes, head on top in
 * coronal and sagittal ones. Patient axes as in DICOM: x to the left, y to the back, z to the head.
 */
import type { SliceGeometry } from '../../io/scan.ts';
import type { Quarter } from './orientation.ts';

/**
 * Counter-clockwise quarter turns that took the upright image to the stored one, which may also be its mirror image.
 * Oblique slices count as the plane they are nearest to.
 */
export function storedTurn({ rowCosines: right, columnCosines: down }: SliceGeometry): Quarter {
  const normal = [0, 1, 2].map((k) => {
    const [a, b] = [(k + 1) % 3, (k + 2) % 3];
    return Math.abs(right[a] * down[b] - right[b] * down[a]);
  });
  const axial = normal[2] >= Math.max(normal[0], normal[1]);
  // Towards the bottom of the page: to the back, or to the feet.
  const [axis, sign] = axial ? [1, 1] : [2, -1];
  const along = sign * down[axis];
  const across = sign * right[axis];
  if (Math.abs(along) >= Math.abs(across)) return along > 0 ? 0 : 2;
  // The bottom of the upright image lies on the right after one counter-clockwise turn.
  return across > 0 ? 1 : 3;
}
