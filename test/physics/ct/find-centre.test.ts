import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../../engine/io/npz.ts';
import { findCentre } from '../../../engine/physics/ct/find-centre.ts';
import { parallelBeamGeometry, uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { ellipses, exactSinogram, noise } from './ct-fixtures.ts';

describe('rotation axis', () => {
  test.each([
    { views: 90, arc: 180, detectorCentre: 53.4 },
    { views: 30, arc: 180, detectorCentre: 71 },
    { views: 16, arc: 180, detectorCentre: 60.7 },
    { views: 90, arc: 360, detectorCentre: 57.2 },
  ])('is found at $detectorCentre of 128 from $views noisy views over $arc°', ({ views, arc, detectorCentre }) => {
    const anglesDeg = uniformAngles(views, arc);
    const geometry = parallelBeamGeometry({ size: 80, anglesDeg, detectors: 128, detectorCentre });
    const sinogram = exactSinogram(ellipses(80), geometry);
    const noisy = sinogram.map((value, i) => value + noise(1, i)[0]);
    const empty = new Float32Array(sinogram.length);
    expect(Math.abs(findCentre(Float32Array.from([...empty, ...noisy]), anglesDeg, 128) - detectorCentre)).toBeLessThan(
      0.5,
    );
  });

  test('is not guessed from less than half a turn or from nothing', () => {
    const short = Array.from({ length: 60 }, (_, v) => v);
    expect(() => findCentre(new Float32Array(600), short, 10)).toThrow(/less than 180°/);
    expect(() => findCentre(new Float32Array(100), uniformAngles(10), 10)).toThrow(/expected an object/);
    expect(() => findCentre(new Float32Array(101), uniformAngles(10), 10)).toThrow(/slices of 10×10/);
  });
});

const file = '../shared/data/sinogram/tooth_180deg.npz';
const present = existsSync(file);
if (!present) console.log(`skipped: ${file} is not there`);
describe.skipIf(!present)('rotation axis of the tooth', () => {
  test('is at detector 295 ± 1 from 181, 60 and 30 views', async () => {
    const arrays = readNpz(await readFile(file), file);
    const sinogram = arrays.get('sinogram');
    const angles = arrays.get('angles_deg');
    if (sinogram?.dtype !== 'float32' || angles === undefined) throw new Error('not the file that was described');
    for (const every of [1, 3, 6]) {
      const kept = Array.from({ length: Math.floor(181 / every) }, (_, v) => v * every);
      const part = kept.flatMap((v) => [...sinogram.data.subarray(v * 640, (v + 1) * 640)]);
      const centre = findCentre(
        Float32Array.from(part),
        kept.map((v) => Number(angles.data[v])),
        640,
      );
      expect(Math.abs(centre - 295)).toBeLessThan(1);
    }
  });
});
