/** Draws from real volumes, with figures; skipped where ../shared/data is absent. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quantile } from '../../../engine/arrays/statistics.ts';
import { quietContext } from '../../../engine/context.ts';
import { openTrainingImages } from '../../../engine/prior/training/images/open-training-images.ts';
import type { TrainingImages } from '../../../engine/prior/training/training-images.ts';
import { sharedPath, sharedPresent } from '../../io/shared-file.ts';
import { magnitudeOf, makeConfig } from './make-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'tangent-training-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with copies of some shared volumes. */
function chosen(kind: 'mri' | 'ct', names: readonly string[]): string {
  const path = join(folder, kind);
  mkdirSync(path, { recursive: true });
  for (const name of names) copyFileSync(sharedPath(`${kind}/${name}.nii.gz`), join(path, `${name}.nii.gz`));
  return path;
}

/** CPU milliseconds per image, printed only. */
function cost(images: TrainingImages): number {
  const random = createRandom(2);
  const out = new Float32Array(images.channels * images.size ** 2);
  for (let i = 0; i < 20; i++) images.draw(random, out);
  const start = process.cpuUsage();
  for (let i = 0; i < 60; i++) images.draw(random, out);
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 60_000;
}

/** Share of the matrix, along its longer side, where the magnitude exceeds a level. */
function filled(m: Float32Array, size: number, level: number): number {
  const rows = new Set<number>();
  const columns = new Set<number>();
  for (let i = 0; i < m.length; i++)
    if (m[i] > level) {
      rows.add(Math.floor(i / size));
      columns.add(i % size);
    }
  return Math.max(rows.size, columns.size) / size;
}

describe.skipIf(!sharedPresent)('real volumes', () => {
  test('heads: three planes, quantile 1, size as wished, one head held out', async () => {
    const path = chosen('mri', ['t1_adult_stripped', 'stroke_t2', 't1_oasis_stripped']);
    const config = makeConfig({ size: 128, validation: { files: ['stroke_t2.nii.gz'] } });
    const images = await openTrainingImages(path, config, quietContext());
    const slices = Object.fromEntries(images.sources.map((s) => [s.name, s.slices]));
    // 121 + 157 + 131 and 124 + 154 + 126 slices hold head on a fifth of the plane; here on 15 %.
    expect(slices['t1_adult_stripped.nii.gz']).toBeGreaterThanOrEqual(121 + 157 + 131);
    expect(slices['t1_oasis_stripped.nii.gz']).toBeGreaterThanOrEqual(124 + 154 + 126);
    expect(images.heldOut.map((s) => s.name)).toEqual(['stroke_t2.nii.gz']);
    expect(images.validation.length).toBe(16);
    const random = createRandom(1);
    const shares: number[] = [];
    for (let i = 0; i < 60; i++) {
      const m = magnitudeOf(images.draw(random), 2);
      expect(quantile(m, 0.99)).toBeCloseTo(1, 4);
      shares.push(filled(m, 128, 0.1));
    }
    shares.sort((a, b) => a - b);
    console.log(
      `mri: ${images.count} slices, matrix filled ${shares[0].toFixed(2)} / ${shares[30].toFixed(2)} / ${shares[59].toFixed(2)}, ${cost(images).toFixed(1)} ms per image of 128 × 128`,
    );
    // The share counts lit rows and columns of any shape, the placement an ellipse in the box: they differ a little.
    expect(shares[0]).toBeGreaterThan(0.35);
    expect(shares[30]).toBeGreaterThan(0.5);
    expect(shares[59]).toBeLessThanOrEqual(1);
  });

  test('chest and body: the window, soft tissue about water', async () => {
    const path = chosen('ct', ['chest_lidc0314', 'body_totalseg_3mm', 'chest_vtk']);
    const config = makeConfig({ modality: 'ct', size: 128, validation: { files: ['body_totalseg_3mm.nii.gz'] } });
    const images = await openTrainingImages(path, config, quietContext());
    expect(images.notes.join()).toMatch(/chest_vtk\.nii\.gz \(no value lies below -200/);
    expect(images.sources.map((s) => s.name)).toEqual(['chest_lidc0314.nii.gz']);
    const random = createRandom(1);
    const values: number[] = [];
    for (let i = 0; i < 40; i++) {
      const image = images.draw(random);
      for (const v of image) if (v > 0.3 && v < 0.6) values.push(v);
      expect(Math.min(...image)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...image)).toBeLessThanOrEqual(Math.fround(1.2));
    }
    const middle = quantile(Float64Array.from(values), 0.5);
    console.log(
      `ct: ${images.count} slices, soft tissue at ${middle.toFixed(3)} of the window, ${cost(images).toFixed(1)} ms per image of 128 × 128`,
    );
    expect(middle).toBeGreaterThan(0.36);
    expect(middle).toBeLessThan(0.45);
  });
});
