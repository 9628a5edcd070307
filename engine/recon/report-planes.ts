/**
 * The planes a report shows: the middle slice, and of a volume also the two planes that cut all slices at right angles,
 * with pixels as wide and high as the spacing says. Where the geometry tells how the patient lies, planes are named and
 * mirrored to the way they are read: the patient's left on the right, front or head on top.
 */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import type { ReconstructionResult } from './result.ts';

export interface PlaneView {
  /** "Axial", or "Rows and columns" where nothing says how the patient lies. */
  name: string;
  /** "slice 12", "row 64": which plane it is. */
  place: string;
  /** [1, rows, columns] of a volume [slices, y, x]; `index` instead of the middle plane. */
  cut(volume: NdArray<'float32'>, index?: number): NdArray<'float32'>;
  /** Width over height as it lies in the patient. */
  aspect: number;
}

type Vector = readonly [number, number, number];

/** One axis of the stored volume. */
interface Axis {
  count: number;
  /** Elements between neighbours in memory. */
  stride: number;
  mm: number;
  /** Patient direction (LPS) of growing index; undefined when unknown. */
  direction: Vector | undefined;
}

/** Fewer slices than this make no plane worth looking at. */
const fewestSlices = 8;
/** Nor does a stack this thin, in shares of the image's width. */
const thinnest = 0.1;

/** 0, 1, 2 for the patient axis a direction is nearest to: left, back, head. */
function nearest(direction: Vector): number {
  const sizes = direction.map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}

/** Signs of the patient axes that a reader expects towards the right and towards the bottom. */
const rightwards = [1, 1, 1];
const downwards = [1, 1, -1];

function mirrored({ direction }: Axis, expected: readonly number[]): boolean {
  if (direction === undefined) return false;
  const axis = nearest(direction);
  return Math.sign(direction[axis]) !== expected[axis];
}

function axesOf({ image, spacingMm, geometry }: ReconstructionResult): [z: Axis, y: Axis, x: Axis] {
  const [slices, rows, columns] = image.shape;
  const [dz, dy, dx] = spacingMm ?? [1, 1, 1];
  const first = geometry?.[0];
  const last = geometry?.[geometry.length - 1];
  const step =
    first && last && last !== first
      ? ([0, 1, 2].map((k) => last.position[k] - first.position[k]) as [number, number, number])
      : undefined;
  return [
    { count: slices, stride: rows * columns, mm: dz, direction: step },
    { count: rows, stride: columns, mm: dy, direction: first?.columnCosines },
    { count: columns, stride: 1, mm: dx, direction: first?.rowCosines },
  ];
}

function nameOf(down: Axis, right: Axis): string | undefined {
  if (down.direction === undefined || right.direction === undefined) return undefined;
  const missing = [0, 1, 2].find((axis) => ![down, right].some((a) => a.direction && nearest(a.direction) === axis));
  return missing === undefined ? undefined : ['Sagittal', 'Coronal', 'Axial'][missing];
}

function view(
  down: Axis,
  right: Axis,
  through: Axis,
  words: { name: string; place: (index: number) => string },
): PlaneView {
  const [flipDown, flipRight] = [mirrored(down, downwards), mirrored(right, rightwards)];
  const middle = Math.floor(through.count / 2);
  return {
    name: nameOf(down, right) ?? words.name,
    place: words.place(middle),
    aspect: (right.count * right.mm) / (down.count * down.mm),
    cut: ({ data }, index = middle) => {
      const out = new Float32Array(down.count * right.count);
      for (let i = 0, k = 0; i < down.count; i++) {
        const line = index * through.stride + (flipDown ? down.count - 1 - i : i) * down.stride;
        for (let j = 0; j < right.count; j++)
          out[k++] = data[line + (flipRight ? right.count - 1 - j : j) * right.stride];
      }
      return ndarray('float32', [1, down.count, right.count], out);
    },
  };
}

/** One view, or three of a volume. */
export function planeViews(result: ReconstructionResult): PlaneView[] {
  const [z, y, x] = axesOf(result);
  const slice = view(y, x, z, {
    name: 'Rows and columns',
    place: (index) => `slice ${result.sliceIndices[index] ?? index}`,
  });
  if (z.count < fewestSlices || z.count * z.mm < thinnest * x.count * x.mm) return [slice];
  return [
    slice,
    view(z, x, y, { name: 'Slices and columns', place: (index) => `row ${index}` }),
    view(z, y, x, { name: 'Slices and rows', place: (index) => `column ${index}` }),
  ];
}
