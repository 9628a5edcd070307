/** Planes of a running volume in one picture. */
import { expect, test } from 'vitest';
import { sideBySide } from '../../../renderer/viewer/source/live-source.ts';

const picture = (rows: number, columns: number, value: number) => ({
  rows,
  columns,
  values: new Float32Array(rows * columns).fill(value),
});

test('one plane stays as it is', () => {
  const only = picture(3, 2, 7);
  expect(sideBySide([only])).toBe(only);
});

test('three planes stand beside and above each other, each whole, on the lowest value', () => {
  const { rows, columns, values } = sideBySide([picture(8, 6, 3), picture(2, 6, 5), picture(3, 8, 9)]);
  expect([rows, columns]).toEqual([9, 18]);
  const count = (value: number) => values.filter((one) => one === value).length;
  expect(count(5)).toBe(12);
  expect(count(9)).toBe(24);
  expect(count(3)).toBe(9 * 18 - 12 - 24);
  expect(values[0 * columns + 10]).toBe(5);
  expect(values[6 * columns + 10]).toBe(9);
  expect(values[2 * columns + 10]).toBe(3);
});
