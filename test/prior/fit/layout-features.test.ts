import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { turnFeatures, turnImage, turns } from '../../../engine/prior/fit/dihedral.ts';
import { cells, featureCount, layoutFeatures, perCell } from '../../../engine/prior/fit/layout-features.ts';
import { integralOf, objectBox, otsuLevel, resampleSquare } from '../../../engine/prior/fit/object-box.ts';
import { face } from './drawn-images.ts';

const image = face(createRandom(3));
/** Sums in another order differ by float32 roundoff, of which near zero the features are square roots. */
const roundoff = 2e-3;

describe('object box', () => {
  test('a rectangle is found where it is, whatever surrounds it', () => {
    const [h, w] = [96, 128];
    const data = new Float32Array(h * w);
    for (let y = 30; y < 60; y++) for (let x = 40; x < 90; x++) data[y * w + x] = 1;
    const box = objectBox(integralOf(data, h, w), h, w);
    // The search grid has pixels of 2.
    expect(Math.abs(box.y - 45)).toBeLessThanOrEqual(2);
    expect(Math.abs(box.x - 65)).toBeLessThanOrEqual(2);
    expect(Math.abs(box.side / 1.1 - 50)).toBeLessThanOrEqual(4);
  });
  test('means over rectangles are exact, and outside there is air', () => {
    const data = Float32Array.of(1, 2, 3, 4);
    const table = integralOf(data, 2, 2);
    expect([...resampleSquare(table, 2, 2, { y: 1, x: 1, side: 2 }, 2)]).toEqual([1, 2, 3, 4]);
    expect(resampleSquare(table, 2, 2, { y: 1, x: 1, side: 4 }, 1)[0]).toBeCloseTo(10 / 16, 6);
    // Half of the first and half of the second column.
    expect(resampleSquare(table, 2, 2, { y: 1, x: 1, side: 1 }, 1)[0]).toBeCloseTo(2.5, 6);
  });
  test('Otsu splits two values between them', () => {
    const values = Float32Array.from({ length: 100 }, (_, i) => (i < 70 ? 0.1 : 0.9));
    const level = otsuLevel(values, 1);
    expect(level).toBeGreaterThan(0.1);
    expect(level).toBeLessThan(0.9);
  });
});

describe('features', () => {
  const plain = layoutFeatures(image.data, image.height, image.width);

  test.each(turns)('turning the image by %j only permutes them', (turn) => {
    const turned = turnImage(image.data, image.height, image.width, turn);
    const { values } = layoutFeatures(turned.image, turned.height, turned.width);
    const expected = turnFeatures(plain.values, turn);
    for (let k = 0; k < featureCount; k++) expect(Math.abs(values[k] - expected[k])).toBeLessThan(roundoff);
  });
  test('a turn of features and its inverse are the identity', () => {
    for (const quarter of [1, 2, 3] as const) {
      const there = turnFeatures(plain.values, { quarter, mirrored: false });
      const back = turnFeatures(there, { quarter: ((4 - quarter) % 4) as 1 | 2 | 3, mirrored: false });
      expect(back).toEqual(plain.values);
      expect(there).not.toEqual(plain.values);
    }
  });
  test('the units of the image do not matter', () => {
    const { values } = layoutFeatures(
      image.data.map((v) => 1000 * v),
      image.height,
      image.width,
    );
    for (let k = 0; k < featureCount; k++) expect(Math.abs(values[k] - plain.values[k])).toBeLessThan(roundoff);
  });
  test('a larger field of view hardly matters', () => {
    const [h, w] = [2 * image.height, 2 * image.width];
    const data = new Float32Array(h * w);
    for (let y = 0; y < image.height; y++)
      data.set(image.data.subarray(y * image.width, (y + 1) * image.width), (y + 20) * w + 31);
    const { values } = layoutFeatures(data, h, w);
    const cellsOnly = cells * cells * perCell;
    let product = 0;
    let own = 0;
    let other = 0;
    for (let k = 0; k < cellsOnly; k++) {
      product += values[k] * plain.values[k];
      own += plain.values[k] ** 2;
      other += values[k] ** 2;
    }
    expect(product / Math.sqrt(own * other)).toBeGreaterThan(0.95);
  });
  test('a vertical edge fills the direction of its gradient', () => {
    const side = 64;
    const data = Float32Array.from({ length: side * side }, (_, i) => (i % side < side / 2 ? 0.2 : 1));
    const { values } = layoutFeatures(data, side, side);
    const cell = (4 * cells + 3) * perCell;
    const strongest = values.slice(cell, cell + 8).indexOf(Math.max(...values.slice(cell, cell + 8)));
    // Gradient along x: direction 0.
    expect(strongest).toBe(0);
  });
  test('nothing to describe in an empty image; impossible pixels are refused by place', () => {
    expect(layoutFeatures(new Float32Array(100), 10, 10).meaningful).toBe(false);
    expect(() => layoutFeatures(Float32Array.of(1, Number.NaN, 1, 1), 2, 2)).toThrow(/pixel 1 of the image is NaN/);
    expect(() => layoutFeatures(Float32Array.of(1, 1, -1, 1), 2, 2)).toThrow(/pixel 2 of the image is -1/);
    expect(() => layoutFeatures(new Float32Array(5), 2, 2)).toThrow(/5 numbers for 2 × 2/);
  });
});
