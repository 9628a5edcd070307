/** How a slice is turned, sized and moved, drawn so that the head or body spans the wished share of the matrix. */
import type { Random } from '../../../arrays/random.ts';
import { between } from './between.ts';
import type { Augmentations } from './image-config.ts';
import type { Placement } from './place-plane.ts';

/** Rectangle around head or body, in pixels of the slice, ends included. */
export interface HeadBox {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** Share of the matrix an ellipse inscribed in the box spans along its longer side, after the turn. */
function span(height: number, width: number, angle: number): number {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return Math.max(Math.hypot(height * c, width * s), Math.hypot(height * s, width * c));
}

/**
 * Draws flip, turn, zoom, voxel size and offset, in that order. Voxel sizes that would put the head outside the wished
 * share of the matrix are not drawn; where none of the range is left, the share decides alone (also when the spacing
 * is not `known`, so that its millimetres mean nothing).
 */
export function drawPlacement(
  random: Random,
  augmentations: Pick<Augmentations, 'flip' | 'rotation' | 'zoom' | 'resampling'>,
  box: HeadBox,
  spacing: readonly [number, number],
  known: boolean,
  size: number,
): Placement {
  const { flip, rotation, zoom, resampling } = augmentations;
  const mirrorX = random.uniform() < flip.leftRight ? -1 : 1;
  const mirrorY = random.uniform() < flip.upDown ? -1 : 1;
  const degrees = random.uniform() < rotation.probability ? between(random, rotation.degrees) : 0;
  const quarter = random.uniform() < rotation.quarterTurns ? 1 + random.integer(3) : 0;
  const factor = random.uniform() < zoom.probability ? between(random, zoom.factor) : 1;

  const angle = (degrees * Math.PI) / 180;
  const height = (box.bottom - box.top + 1) * spacing[0];
  const width = (box.right - box.left + 1) * spacing[1];
  const extent = span(height, width, angle) * factor;
  const fill: [number, number] = [extent / (resampling.fill[1] * size), extent / (resampling.fill[0] * size)];
  const allowed: [number, number] = [Math.max(fill[0], resampling.voxel[0]), Math.min(fill[1], resampling.voxel[1])];
  const voxel = between(random, known && allowed[0] <= allowed[1] ? allowed : fill);
  const share = extent / (voxel * size);
  const free = Math.max(0, (1 - share) / 2) * size;
  const offset = [0, 1].map(() => {
    const reach = Math.min(free, between(random, resampling.shift) * size);
    return reach * (2 * random.uniform() - 1);
  });

  // Zoomed anatomy: a voxel of the matrix covers voxel/factor of the slice.
  const step = voxel / factor;
  const c = step * Math.cos(angle);
  const s = step * Math.sin(angle);
  // Columns of turn(angle) · quarter turns · mirrors; a quarter turn takes (y, x) to (−x, y).
  let turned: [number, number, number, number] = [c, -s, s, c];
  for (let k = 0; k < quarter; k++) turned = [turned[1], -turned[0], turned[3], -turned[2]];
  const matrix = [mirrorY * turned[0], mirrorY * turned[1], mirrorX * turned[2], mirrorX * turned[3]] as const;
  const middle = [((box.top + box.bottom) / 2) * spacing[0], ((box.left + box.right) / 2) * spacing[1]];
  return {
    matrix,
    centre: [
      middle[0] - matrix[0] * offset[0] - matrix[1] * offset[1],
      middle[1] - matrix[2] * offset[0] - matrix[3] * offset[1],
    ],
    voxel: step,
  };
}
