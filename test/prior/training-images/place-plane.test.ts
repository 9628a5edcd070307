import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { drawPlacement, type HeadBox } from '../../../engine/prior/training/images/draw-placement.ts';
import { type Placement, PlanePlacer } from '../../../engine/prior/training/images/place-plane.ts';
import { disk, makeConfig, makeVolume, moments } from './make-config.ts';

const size = 64;
const placer = new PlanePlacer(size);
const plane = { rows: 90, columns: 100, spacing: [1.2, 1] as const };

/** A disk of radius 9 mm about (cy, cx) mm, drawn with an edge of about a pixel. */
function slice(cy: number, cx: number): Float32Array {
  return makeVolume([1, plane.rows, plane.columns], (_, y, x) => disk(y * 1.2, x, cy, cx, 9)).data;
}

/** Where a source point (mm) lands, in output pixels. */
function landing({ matrix: [a, b, c, d], centre }: Placement, y: number, x: number): [number, number] {
  const det = a * d - b * c;
  const [dy, dx] = [y - centre[0], x - centre[1]];
  return [(d * dy - b * dx) / det + (size - 1) / 2, (a * dx - c * dy) / det + (size - 1) / 2];
}

const out = new Float32Array(size * size);

describe('a placed slice', () => {
  test.each([
    ['turned by 15 degrees', 15, 1.5, 1],
    ['turned by -40 degrees and shrunk', -40, 2.2, 1],
    ['mirrored and enlarged', 10, 0.7, -1],
    ['at 3 mm', 0, 3, 1],
  ])('%s: a disk lands where the inverse map says, with its area', (_, degrees, step, mirror) => {
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const placement: Placement = {
      matrix: [step * c, -step * s, mirror * step * s, mirror * step * c],
      centre: [54, 49],
      voxel: step,
    };
    const source = slice(45, 56);
    placer.place(source, plane, placement, undefined, out);
    const found = moments(out, size);
    const [y, x] = landing(placement, 45, 56);
    expect(Math.hypot(found.y - y, found.x - x)).toBeLessThan(0.05);
    const inMm = source.reduce((sum, v) => sum + v, 0) * 1.2;
    expect(Math.abs((found.sum * step * step) / inMm - 1)).toBeLessThan(0.02);
  });

  test('a shift of every pixel by an elastic displacement moves the disk back by it', () => {
    const placement: Placement = { matrix: [1.4, 0, 0, 1.4], centre: [54, 49], voxel: 1.4 };
    const displacement = {
      ...{ y: new Float32Array(size * size).fill(1.25), x: new Float32Array(size * size).fill(-2) },
      largest: 2.4,
    };
    placer.place(slice(54, 49), plane, placement, displacement, out);
    const found = moments(out, size);
    expect(found.y).toBeCloseTo(31.5 - 1.25, 1);
    expect(found.x).toBeCloseTo(31.5 + 2, 1);
  });

  test('keeps waves below the new Nyquist frequency and removes those above it', () => {
    const amplitude = (cyclesPerMm: number) => {
      const wave = makeVolume([1, 200, 200], (_, y) => Math.cos(2 * Math.PI * cyclesPerMm * y)).data;
      const grid = { rows: 200, columns: 200, spacing: [1, 1] as const };
      placer.place(wave, grid, { matrix: [2, 0, 0, 2], centre: [99.5, 99.5], voxel: 2 }, undefined, out);
      let squares = 0;
      for (let y = 8; y < 56; y++) for (let x = 8; x < 56; x++) squares += out[y * size + x] ** 2;
      return Math.sqrt((2 * squares) / 48 ** 2);
    };
    // New Nyquist frequency: 0.25 cycles per mm.
    expect(amplitude(0.1)).toBeGreaterThan(0.95);
    expect(amplitude(0.1)).toBeLessThan(1.05);
    expect(amplitude(0.36)).toBeLessThan(0.03);
    expect(amplitude(0.45)).toBeLessThan(0.02);
  });

  test('a constant stays constant inside and 0 outside', () => {
    const ones = new Float32Array(plane.rows * plane.columns).fill(1);
    placer.place(ones, plane, { matrix: [2.5, 0, 0, 2.5], centre: [53, 49.5], voxel: 2.5 }, undefined, out);
    expect(out[32 * size + 32]).toBeCloseTo(1, 5);
    expect(out[0]).toBe(0);
    expect(out[32 * size + 3]).toBe(0);
  });
});

describe('without augmentation', () => {
  test.each([
    [100, 90],
    [40, 101],
    [64, 64],
  ])('crop of [%d, %d]: pixels as stored about the centre, exact', (rows, columns) => {
    const image = makeVolume([1, rows, columns], (_, y, x) => 1000 * y + x + 1).data;
    placer.fit(image, { rows, columns, spacing: [1, 1.3] }, 'crop', out);
    const [top, left] = [Math.floor((rows - size) / 2), Math.floor((columns - size) / 2)];
    for (let i = 0; i < size * size; i++) {
      const y = top + Math.floor(i / size);
      const x = left + (i % size);
      expect(out[i]).toBe(y >= 0 && x >= 0 && y < rows && x < columns ? 1000 * y + x + 1 : 0);
    }
  });

  test('resample: the longer side fills the matrix, square pixels, centred', () => {
    placer.fit(slice(53.4, 49.5), plane, 'resample', out);
    const found = moments(out, size);
    // 108 × 100 mm on 64 pixels of 1.6875 mm.
    expect(found.y).toBeCloseTo(31.5, 1);
    expect(found.x).toBeCloseTo(31.5, 1);
    expect(found.sum).toBeCloseTo((Math.PI * 81) / 1.6875 ** 2, -0.3);
  });
});

describe('drawn placements', () => {
  const { augmentations } = makeConfig();

  test('turn, size and place the head inside the wished share of the matrix', () => {
    fc.assert(
      fc.property(
        ...[fc.nat(1e6), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 40, max: 200 })],
        ...[fc.integer({ min: 0, max: 60 }), fc.integer({ min: 40, max: 200 }), fc.boolean()],
        (seed, top, height, left, width, known) => {
          const box: HeadBox = { top, bottom: top + height - 1, left, right: left + width - 1 };
          const p = drawPlacement(createRandom(seed), augmentations, box, [1, 1], known, size);
          const [a, b, c, d] = p.matrix;
          // A similarity: orthogonal columns of equal length, the voxel.
          expect(a * b + c * d).toBeCloseTo(0, 6);
          expect(Math.hypot(a, c)).toBeCloseTo(p.voxel, 6);
          expect(Math.hypot(b, d)).toBeCloseTo(p.voxel, 6);
          // Half axes of the ellipse in the box along the rows and columns of the matrix.
          const half = [
            Math.hypot((d * height) / 2, (b * width) / 2) / (p.voxel * p.voxel),
            Math.hypot((c * height) / 2, (a * width) / 2) / (p.voxel * p.voxel),
          ];
          const share = (2 * Math.max(...half)) / size;
          expect(share).toBeGreaterThan(0.45 - 1e-6);
          expect(share).toBeLessThan(0.95 + 1e-6);
          const at = landing(p, (box.top + box.bottom) / 2, (box.left + box.right) / 2);
          for (const axis of [0, 1]) {
            expect(at[axis] - half[axis]).toBeGreaterThan(-0.5 - 1e-3);
            expect(at[axis] + half[axis]).toBeLessThan(size - 0.5 + 1e-3);
            expect(Math.abs(at[axis] - (size - 1) / 2)).toBeLessThanOrEqual(0.06 * size + 1e-6);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('angles within 15 degrees of a quarter turn; other quarters in 30 % and mirrors in 50 % of draws', () => {
    const box = { top: 0, bottom: 99, left: 0, right: 99 };
    const random = createRandom(2);
    let turned = 0;
    let mirrored = 0;
    for (let i = 0; i < 1000; i++) {
      const p = drawPlacement(random, augmentations, box, [1, 1], true, 128);
      const [a, b, c, d] = p.matrix;
      if (a * d - b * c < 0) mirrored++;
      const rest = Math.atan2(Math.min(Math.abs(a), Math.abs(b)), Math.max(Math.abs(a), Math.abs(b)));
      expect((rest * 180) / Math.PI).toBeLessThanOrEqual(15 + 1e-6);
      // Columns → rows swapped, or both reversed. A mirror reverses the columns alone.
      if (Math.abs(b) > Math.abs(a) || a < 0) turned++;
    }
    expect(turned / 1000).toBeGreaterThan(0.25);
    expect(turned / 1000).toBeLessThan(0.35);
    expect(mirrored / 1000).toBeGreaterThan(0.45);
    expect(mirrored / 1000).toBeLessThan(0.55);
  });

  test('voxels of 0.8 to 2 mm where the head allows it', () => {
    const box = { top: 0, bottom: 149, left: 0, right: 149 };
    const random = createRandom(4);
    const only = { ...augmentations, zoom: { probability: 0, factor: [1, 1] as [number, number] } };
    for (let i = 0; i < 200; i++) {
      const { voxel } = drawPlacement(random, only, box, [1, 1], true, 128);
      expect(voxel).toBeGreaterThanOrEqual(150 / (0.95 * 128) - 1e-9);
      expect(voxel).toBeLessThanOrEqual(2);
    }
  });
});
