import { describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { turnImage } from '../../../engine/prior/fit/dihedral.ts';
import { storedTurn } from '../../../engine/prior/fit/display-turn.ts';
import { uprightSlice } from '../../../engine/prior/fit/upright-slices.ts';

type Vector = [number, number, number];
const slice = (rowCosines: Vector, columnCosines: Vector) => ({
  position: [0, 0, 0] as Vector,
  rowCosines,
  columnCosines,
});

describe('how stored slices are turned', () => {
  test.each([
    ['axial as DICOM stores it', [1, 0, 0], [0, 1, 0], 0],
    ['axial as NIfTI stores it', [-1, 0, 0], [0, -1, 0], 2],
    ['axial with the back on the right', [0, 1, 0], [1, 0, 0], 1],
    ['axial with the back on the left', [0, -1, 0], [1, 0, 0], 3],
    ['coronal', [1, 0, 0], [0, 0, -1], 0],
    ['sagittal, feet first', [0, 1, 0], [0, 0, 1], 2],
    ['oblique axial', [0.9, 0.1, 0.3], [-0.1, 0.95, 0.1], 0],
  ] as const)('%s', (_, row, column, expected) => {
    expect(storedTurn(slice([...row], [...column]))).toBe(expected);
  });
});

test('a quarter turn to the left brings the right column to the top', () => {
  const turned = turnImage(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3, { quarter: 1, mirrored: false });
  expect([turned.height, turned.width, ...turned.image]).toEqual([3, 2, 3, 6, 2, 5, 1, 4]);
});

test('every plane of a NIfTI volume comes out upright: the front or the head on top', () => {
  // x to the right, y to the front, z to the head (RAS): values name the place, 100 z + 10 y + x.
  const shape = [3, 4, 5];
  const data = Float32Array.from(
    { length: 60 },
    (_, i) => 100 * Math.floor(i / 20) + 10 * (Math.floor(i / 5) % 4) + (i % 5),
  );
  const volume = ndarray('float32', shape, data);
  const geometry = [0, 1, 2].map((z) => ({ ...slice([-1, 0, 0], [0, -1, 0]), position: [0, 0, z] as Vector }));
  const axial = uprightSlice(volume, geometry, 'stored', 1);
  expect([axial.height, axial.width, axial.upright]).toEqual([4, 5, true]);
  // The front (y = 3) is the first row.
  expect(Math.floor(axial.data[0] / 10)).toBe(13);
  const coronal = uprightSlice(volume, geometry, 'rows', 2);
  expect([coronal.height, coronal.width, Math.floor(coronal.data[0] / 100)]).toEqual([3, 5, 2]);
  const sagittal = uprightSlice(volume, geometry, 'columns', 1);
  expect([sagittal.height, sagittal.width, Math.floor(sagittal.data[0] / 100)]).toEqual([3, 4, 2]);
  expect(uprightSlice(volume, undefined, 'stored', 0).upright).toBeUndefined();
});
