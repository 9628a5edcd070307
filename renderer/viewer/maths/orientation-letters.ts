/**
 * Letters at the edges of an image: L R A P H F for the patient's sides (patient coordinates LPS, +x left, +y
 * posterior, +z head), up to three in falling order of how far the direction leans to them.
 */
import type { QuarterTurn } from './view-matrix.ts';

export type Vector = readonly [number, number, number];

export interface EdgeLetters {
  top: string;
  right: string;
  bottom: string;
  left: string;
}

const names: readonly [string, string][] = [
  ['R', 'L'],
  ['A', 'P'],
  ['F', 'H'],
];

/** Letters of a direction; components under 0.05 are left out. */
export function directionLetters(direction: Vector): string {
  return direction
    .map((value, axis) => ({ size: Math.abs(value), letter: names[axis][value > 0 ? 1 : 0] }))
    .filter(({ size }) => size > 0.05)
    .sort((p, q) => q.size - p.size)
    .map(({ letter }) => letter)
    .join('');
}

const times = (v: Vector, k: number): Vector => [v[0] * k, v[1] * k, v[2] * k];

/**
 * `rowCosines`: direction in which the column index grows; `columnCosines`: in which the row index grows. The screen's
 * right shows the row direction, mirrored by a horizontal flip, then turned clockwise by `rotation`.
 */
export function edgeLetters(
  rowCosines: Vector,
  columnCosines: Vector,
  rotation: QuarterTurn,
  hflip: boolean,
  vflip: boolean,
): EdgeLetters {
  let right = times(rowCosines, hflip ? -1 : 1);
  let down = times(columnCosines, vflip ? -1 : 1);
  for (let turn = 0; turn < rotation; turn += 90) [right, down] = [times(down, -1), right];
  return {
    right: directionLetters(right),
    left: directionLetters(times(right, -1)),
    bottom: directionLetters(down),
    top: directionLetters(times(down, -1)),
  };
}
