import { describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { areaUnderCurve } from '../../../engine/prior/fit/area-under-curve.ts';
import { assessFit, fitSentence } from '../../../engine/prior/fit/assess-fit.ts';
import { degrade } from '../../../engine/prior/fit/degrade.ts';
import { turnImage } from '../../../engine/prior/fit/dihedral.ts';
import { fitModel, scoreSlice, statedScore } from '../../../engine/prior/fit/fit-model.ts';
import { layoutFeatures } from '../../../engine/prior/fit/layout-features.ts';
import type { LayoutImage } from '../../../engine/prior/fit/layout-image.ts';
import { logProbabilities } from '../../../engine/prior/fit/orientation.ts';
import { face, grid } from './drawn-images.ts';

const random = createRandom(1);
const faces = Array.from({ length: 48 }, (_, i) => face(random, `person ${i % 8}`));
const model = fitModel(faces, { seed: 3, copies: 2 });
const fresh = Array.from({ length: 20 }, () => face(random));
const featuresOf = ({ data, height, width }: LayoutImage) => layoutFeatures(data, height, width).values;
const turned = (image: LayoutImage, quarter: 1 | 2 | 3): LayoutImage => {
  const { image: data, height, width } = turnImage(image.data, image.height, image.width, { quarter, mirrored: false });
  return { data, height, width };
};
const best = (image: LayoutImage) => Math.min(...scoreSlice(model, featuresOf(image)).byTurn.map(({ score }) => score));

describe('a model of simple faces', () => {
  test('tells new faces from grids', () => {
    const grids = Array.from({ length: 20 }, () => best(grid(random)));
    expect(areaUnderCurve(grids, fresh.map(best))).toBe(1);
  });
  test('tells faces that stand on their head at the stated turn, not at the best one', () => {
    const standing = fresh.map((image) => statedScore(scoreSlice(model, featuresOf(image)), 0));
    const flipped = fresh.map((image) => statedScore(scoreSlice(model, featuresOf(turned(image, 2))), 0));
    expect(areaUnderCurve(flipped, standing)).toBeGreaterThan(0.98);
    fresh.forEach((image) => {
      expect(best(turned(image, 2))).toBeCloseTo(best(image), 2);
    });
  });
  test('finds the turn, and turns with the image', () => {
    for (const quarter of [1, 2, 3] as const) {
      const upright = scoreSlice(model, featuresOf(fresh[0])).logProbability ?? [];
      const other = scoreSlice(model, featuresOf(turned(fresh[0], quarter))).logProbability ?? [];
      for (let q = 0; q < 4; q++) expect(other[(q + quarter) % 4]).toBeCloseTo(upright[q], 2);
    }
    const right = fresh.filter((image) => {
      const logs = scoreSlice(model, featuresOf(turned(image, 1))).logProbability ?? [];
      return logs.indexOf(Math.max(...logs)) === 1;
    });
    expect(right.length).toBeGreaterThanOrEqual(19);
  });
  test('held-out scores have mean 0 and half of new ones lie in the middle half or below', () => {
    const percentile = assessFit(
      model,
      ndarray('float32', [1, fresh[0].height, fresh[0].width], fresh[0].data),
    ).percentile;
    expect(percentile).toBeGreaterThanOrEqual(0);
    expect(percentile).toBeLessThan(95);
  });
  test('same seed, same bits', () => {
    expect(fitModel(faces.slice(0, 12), { seed: 5, copies: 1 })).toEqual(
      fitModel(faces.slice(0, 12), { seed: 5, copies: 1 }),
    );
  });
  test('without a known orientation there is no orientation', () => {
    const unknown = faces.slice(0, 16).map(({ data, height, width }) => ({ data, height, width }));
    expect(fitModel(unknown, { copies: 1 }).orientation).toBeUndefined();
  });
  test('too few images, or impossible pixels, are refused', () => {
    expect(() => fitModel(faces.slice(0, 5), { copies: 1 })).toThrow(/at least eight images, found 5/);
    const broken = { ...faces[0], data: faces[0].data.map((v, i) => (i === 7 ? Number.NaN : v)) };
    expect(() => fitModel([...faces.slice(1, 9), broken], { copies: 1 })).toThrow(/pixel 7/);
  });
});

describe('the assessment of a volume', () => {
  const [height, width] = [80, 70];
  const stackOf = (images: readonly LayoutImage[]) => {
    const data = new Float32Array(images.length * height * width);
    images.forEach((image, z) => {
      for (let y = 0; y < Math.min(height, image.height); y++)
        for (let x = 0; x < Math.min(width, image.width); x++)
          data[(z * height + y) * width + x] = image.data[y * image.width + x];
    });
    return ndarray('float32', [images.length, height, width], data);
  };
  const small = fresh.filter((image) => image.height <= height && image.width <= width).slice(0, 3);

  test('faces are typical and upright; the same volume upside down is as typical, and its turn is named', () => {
    const found = assessFit(model, stackOf(small), { expected: 0, noisePower: 1.02 });
    expect(found).toMatchObject({ verdict: 'typical', slices: small.length });
    expect(found.orientation).toMatchObject({ best: 'upright', expected: 'upright' });
    expect(found.parts.noisePower).toBe(1.02);
    const volume = stackOf(small);
    const reversed = ndarray('float32', volume.shape, volume.data.slice().reverse());
    const flipped = assessFit(model, reversed, { expected: 0 });
    expect(flipped.score).toBeCloseTo(found.score ?? Number.NaN, 4);
    expect(flipped.orientation.best).toBe('upside-down');
    expect(flipped.orientation.percentile ?? 0).toBeGreaterThan(found.orientation.percentile ?? 100);
    expect(fitSentence(flipped, 'faces')).toContain('It looks upside down, while the file says upright.');
  });
  test('grids are unlike', () => {
    const found = assessFit(model, stackOf([grid(random), grid(random)]));
    expect(found.verdict).toBe('unlike');
    expect(found.percentile).toBe(100);
    expect(found.orientation.expected).toBeNull();
    expect(fitSentence(found, 'faces')).toMatch(/does not resemble .* faces: all of held-out/);
  });
  test('empty slices are left out; nothing is known without a model or without a picture', () => {
    const some = assessFit(model, stackOf([small[0], { ...small[0], data: new Float32Array(small[0].data.length) }]));
    expect(some.slices).toBe(1);
    expect(assessFit(model, stackOf([{ ...small[0], data: new Float32Array(small[0].data.length) }])).verdict).toBe(
      'unknown',
    );
    expect(assessFit(undefined, stackOf(small))).toMatchObject({ verdict: 'unknown', score: null, slices: 0 });
  });
});

test('probabilities add up to one, whatever the scores', () => {
  for (const scores of [
    [0, 0, 0, 0],
    [1000, 0, -1000, 5],
  ])
    expect(logProbabilities(scores).reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 12);
});

describe('degraded copies', () => {
  test('the same random numbers give the same copy, others another, and pixels stay possible', () => {
    const copy = (seed: number) => degrade(faces[0], createRandom(seed));
    expect(copy(4)).toEqual(copy(4));
    expect(copy(4)).not.toEqual(copy(5));
    for (let seed = 0; seed < 20; seed++)
      expect(copy(seed).data.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  });
  test('keep group and orientation', () => {
    expect(degrade(faces[0], createRandom(2))).toMatchObject({ upright: true, group: 'person 0' });
  });
});
