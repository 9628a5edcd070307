/** The benchmark on real sinograms: its scores on invented images, its scans, and the scans themselves where they are. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { SinogramScan } from '../../engine/io/scan.ts';
import { run } from '../../main/bench/sinogram.ts';
import { binDetector, chooseViews, everyView } from '../../main/bench/sinogram-scan.ts';
import { enlarge, matthews, otsuThreshold, segment } from '../../main/bench/sinogram-score.ts';

describe('scores', () => {
  test('the Matthews correlation of its definition', () => {
    expect(matthews([1, 0, 1, 0], [1, 0, 1, 0])).toBe(1);
    expect(matthews([0, 1, 0, 1], [1, 0, 1, 0])).toBe(-1);
    expect(matthews([1, 1, 1, 1], [1, 0, 1, 0])).toBe(0);
    // TP 2, TN 1, FP 1, FN 1
    expect(matthews([1, 1, 1, 0, 0], [1, 1, 0, 1, 0])).toBeCloseTo((2 * 1 - 1 * 1) / Math.sqrt(3 * 3 * 2 * 2), 12);
  });

  test('Otsu parts two levels', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i % 4 === 0 ? 5 : 1) + ((i * 37) % 11) / 20);
    const threshold = otsuThreshold(values);
    expect(threshold).toBeGreaterThan(1.5);
    expect(threshold).toBeLessThan(5);
    const truth = values.map((value) => (value > 3 ? 1 : 0));
    expect(segment(values, truth)).toMatchObject({ mcc: 1, bestMcc: 1 });
  });

  test('enlarging keeps a ramp a ramp, pixel centres apart', () => {
    const ramp = Float32Array.from({ length: 16 }, (_, i) => i % 4);
    expect([...enlarge(ramp, 4, 2).subarray(0, 8)]).toEqual([0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]);
    expect(enlarge(ramp, 4, 1)).toBe(ramp);
  });
});

describe('scans made smaller', () => {
  const scan: SinogramScan = {
    ...{ kind: 'sinogram', format: 'npz', digest: '', notes: [], anglesDeg: Float64Array.of(0, 60, 120) },
    ...{ detectorCentre: 2.5, detectorSpacingMm: 0.5, imageSize: 4 },
    sinogram: ndarray(
      'float32',
      [1, 3, 7],
      Float32Array.from({ length: 21 }, (_, i) => i),
    ),
  };

  test('joined elements: means, the centre and the lengths move along', () => {
    const joined = binDetector(scan, 2);
    expect(joined.sinogram.shape).toEqual([1, 3, 3]);
    expect([...joined.sinogram.data]).toEqual([0.5, 2.5, 4.5, 7.5, 9.5, 11.5, 14.5, 16.5, 18.5]);
    expect(joined).toMatchObject({ detectorCentre: 1, detectorSpacingMm: 1 });
    expect(joined.imageSize).toBeUndefined();
  });

  test('views by index, evenly', () => {
    expect([...chooseViews(scan, [0, 2]).sinogram.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 18, 19, 20]);
    expect(everyView(181, 60)).toHaveLength(60);
    expect(everyView(181, 60).at(-1)).toBe(177);
    expect(everyView(181, 181)).toHaveLength(181);
  });
});

const data = fileURLToPath(new URL('../../../shared/data/sinogram/', import.meta.url));
const present = existsSync(`${data}htc2022_ta_60deg.npz`);
if (!present) console.log('skipped: the real sinograms are not at ../shared/data/sinogram');

describe.skipIf(!present)('the real scans', () => {
  const context = {
    ...({ signal: new AbortController().signal, seed: 0, device: 'cpu', threads: 1, json: true } as const),
    ...{ print: () => {}, note: () => {} },
  };

  test('small ones: the axis is found, fewer views are worse, the disk shows', async () => {
    const report = await run(['--bin', '8', '--methods', 'fbp', '--views', '60,20'], context);
    expect(Math.abs((report.centre ?? 0) - 295)).toBeLessThan(1.5);
    const [sixty, twenty, htc] = report.rows;
    expect(sixty.psnr ?? 0).toBeGreaterThan(twenty.psnr ?? 0);
    expect(sixty.heldOut ?? 1).toBeLessThan(twenty.heldOut ?? 0);
    expect(htc.segmentation?.mcc).toBeGreaterThan(0.3);
  });
});
