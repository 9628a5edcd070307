/** What must hold whatever the numbers are: exactness, phase, scale, parametrisation, batching, order, seed. */
import { describe, expect, test } from 'vitest';
import { fft2 } from '../../engine/arrays/fft.ts';
import { ndarray, zeros } from '../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../engine/arrays/random.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import type { DdsProblem, DdsSlice } from '../../engine/dds/problem.ts';
import { noiseRules } from '../../engine/dds/renoise.ts';
import type { DdsResult } from '../../engine/dds/sampler.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { singleCoilConsistency } from '../../engine/dds/single-coil.ts';
import { complexSpace } from '../../engine/linear/typed-space.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { sigmaOf, vpSchedule } from '../../engine/prior/schedule.ts';
import { identityOperator } from './explicit-operators.ts';
import { goldenScene } from './golden-scene.ts';

const size = 16;
const length = 2 * size * size;
const scene = goldenScene();
const spectrum = ndarray('float64', [size, size], scene.spectrum);
const prior = gaussianPrior({ channels: 2, spectrum });
const sense = createSense({ maps: scene.maps, mask: scene.mask });

function problemOf(slices: readonly DdsSlice[], init?: Float32Array): DdsProblem {
  return { slices, height: size, width: size, complex: true, ...(init ? { init } : {}) };
}

function run(problem: DdsProblem, input: DdsInput, using: Prior = prior): Promise<DdsResult> {
  return sample(problem, using, resolveParameters({ steps: 10, ...input }), quietContext());
}

function relativeError(found: Float32Array, expected: Float32Array): number {
  return norm(found.map((value, i) => value - expected[i])) / norm(expected);
}

function random(key: number, count = length): Float32Array {
  const out = new Float32Array(count);
  fillNormal(out, { seed: 77, sample: key, slice: 0, step: 0 });
  return out;
}

function times(x: Float32Array, re: number, im: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < x.length; i += 2) {
    out[i] = re * x[i] - im * x[i + 1];
    out[i + 1] = re * x[i + 1] + im * x[i];
  }
  return out;
}

const fullMask = ndarray('uint8', [size, size], new Uint8Array(size * size).fill(1));
const oneCoil = zeros('complex64', [1, size, size]);
for (let i = 0; i < oneCoil.data.length; i += 2) oneCoil.data[i] = 1;

describe('exact recovery', () => {
  test('full mask, several coils: the image itself', async () => {
    const operator = createSense({ maps: scene.maps, mask: fullMask });
    const slices = [{ operator, measurement: operator.apply(scene.truth) }];
    const { image } = await run(problemOf(slices), { dc: 'noiseless' });
    expect(relativeError(image, scene.truth)).toBeLessThan(1e-5);
  });

  test.each(['conjugate gradients', 'closed form'])('full mask, one coil, %s: the inverse transform', async (route) => {
    const operator = createSense({ maps: oneCoil, mask: fullMask });
    const measurement = operator.apply(scene.truth);
    const closedForm = singleCoilConsistency(ndarray('complex64', [size, size], measurement), fullMask);
    const slice = route === 'closed form' ? { operator, measurement, closedForm } : { operator, measurement };
    const { image } = await run(problemOf([slice]), { dc: 'noiseless' });
    expect(relativeError(image, scene.truth)).toBeLessThan(1e-5);
  });

  test('A = I: the output is the datum', async () => {
    const operator = identityOperator(complexSpace([size, size]));
    const { image } = await run(problemOf([{ operator, measurement: scene.truth }]), { dc: 'noiseless' });
    expect(relativeError(image, scene.truth)).toBeLessThan(1e-6);
  });

  test('γ = 0 equals sampling without data', async () => {
    const slices = [{ operator: sense, measurement: scene.measurement }];
    const weightless = await run(problemOf(slices), { dc: 'proximal', gamma: 0 });
    const free = await run(problemOf(slices), { dc: 'none' });
    expect(weightless.image).toEqual(free.image);
  });
});

describe('one coil, undersampled', () => {
  const operator = createSense({ maps: oneCoil, mask: scene.mask });
  const measurement = operator.apply(scene.truth);
  const closedForm = singleCoilConsistency(ndarray('complex64', [size, size], measurement), scene.mask);
  const sampled = (k: number) => scene.mask.data[k] === 1;
  const spectrumOf = (image: Float32Array) => fft2(image.slice(), [1, size, size], 'forward');

  test('sampled entries of the output are the data', async () => {
    const { image } = await run(problemOf([{ operator, measurement, closedForm }]), { dc: 'noiseless' });
    const found = spectrumOf(image);
    const scale = norm(measurement);
    for (let k = 0; k < size * size; k++)
      if (sampled(k))
        expect(Math.hypot(found[2 * k] - measurement[2 * k], found[2 * k + 1] - measurement[2 * k + 1])).toBeLessThan(
          1e-6 * scale,
        );
  });

  test('unsampled entries of the denoised image are kept', () => {
    const image = random(1);
    const before = spectrumOf(image);
    closedForm(image, 1, Number.POSITIVE_INFINITY);
    const after = spectrumOf(image);
    const scale = norm(before);
    for (let k = 0; k < size * size; k++)
      if (!sampled(k))
        expect(Math.hypot(after[2 * k] - before[2 * k], after[2 * k + 1] - before[2 * k + 1])).toBeLessThan(
          1e-6 * scale,
        );
  });

  test.each([
    { dc: 'noiseless' },
    { dc: 'proximal', gamma: 2 },
  ] as const)('closed form equals conjugate gradients: %o', async (input) => {
    const closed = await run(problemOf([{ operator, measurement, closedForm }]), input);
    const iterated = await run(problemOf([{ operator, measurement }]), input);
    expect(relativeError(closed.image, iterated.image)).toBeLessThan(1e-5);
  });

  test('another seed changes unsampled k-space only', async () => {
    const slices = [{ operator, measurement, closedForm }];
    const first = spectrumOf((await run(problemOf(slices), { dc: 'noiseless', seed: 1 })).image);
    const second = spectrumOf((await run(problemOf(slices), { dc: 'noiseless', seed: 2 })).image);
    let inside = 0;
    let outside = 0;
    for (let k = 0; k < size * size; k++) {
      const difference = Math.hypot(first[2 * k] - second[2 * k], first[2 * k + 1] - second[2 * k + 1]);
      if (sampled(k)) inside = Math.max(inside, difference);
      else outside = Math.max(outside, difference);
    }
    expect(inside).toBeLessThan(1e-6 * norm(first));
    expect(outside).toBeGreaterThan(0.01);
  });
});

describe('phase', () => {
  // A quarter turn is exact in floating point. Any other angle rounds y by 6e-8, which unconverged noiseless CG amplifies
  // to 1.1e-5 in this scene whatever the sampler does (measured by rounding y alone), hence the wider bound there.
  const inputs: { input: DdsInput; bound: number }[] = [
    { input: { dc: 'noiseless' }, bound: 5e-5 },
    { input: { dc: 'proximal', gamma: 1 }, bound: 1e-5 },
    { input: { dc: 'posterior', sigmaY: 0.1, sampler: 'dpm2m' }, bound: 1e-5 },
  ];
  const turn = async (input: DdsInput, re: number, im: number) => {
    const settings = { ...input, eta: 0 };
    const plain = await run(problemOf([{ operator: sense, measurement: scene.measurement }], scene.init), settings);
    const turned = await run(
      problemOf([{ operator: sense, measurement: times(scene.measurement, re, im) }], times(scene.init, re, im)),
      settings,
    );
    return relativeError(turned.image, times(plain.image, re, im));
  };
  test.each(inputs)('a global phase on data and start comes out again: $input', async ({ input, bound }) => {
    expect(await turn(input, 0, 1)).toBeLessThan(1e-5);
    expect(await turn(input, Math.cos(1.1), Math.sin(1.1))).toBeLessThan(bound);
  });
});

describe('variance exploding equals variance preserving', () => {
  const inputs: DdsInput[] = [
    ...noiseRules.map((noiseRule) => ({ noiseRule, eta: 0.6 })),
    { epsRule: 'rederive', eta: 0.3 },
    { sampler: 'dpm2m', spacing: 'logsnr' },
  ];
  test.each(inputs)('%o', async (input) => {
    const slices = [{ operator: sense, measurement: scene.measurement }];
    const settings: DdsInput = { steps: 20, dc: 'proximal', gamma: 1, seed: 5, ...input };
    const preserving = await run(problemOf(slices), { ...settings, param: 'vp' });
    const exploding = await run(problemOf(slices), { ...settings, param: 've' });
    // The seeded VE start is σ_T z, which is the VP start z divided by √ᾱ only when z is scaled by √(1−ᾱ): give it.
    const schedule = vpSchedule();
    const first = schedule.level(settings.spacing === 'logsnr' || input.spacing === 'logsnr' ? 999 : 950).alphaBar;
    const start = preserving.init[0].map((value) => value / Math.sqrt(first));
    const matched = await run(problemOf(slices, start), { ...settings, param: 've' });
    expect(relativeError(matched.image, preserving.image)).toBeLessThan(1e-5);
    expect(norm(exploding.init[0]) / norm(preserving.init[0])).toBeCloseTo(sigmaOf(first), 2);
  });
});

describe('grouping, order and seeds', () => {
  const measurements = [scene.measurement, times(scene.measurement, 0.5, 0.5), times(scene.measurement, 0, 1)];
  const slices = measurements.map((measurement, index) => ({ operator: sense, measurement, index }));
  const input: DdsInput = { samples: 2, dc: 'proximal', gamma: 1, eta: 0.5, seed: 9 };

  test('every batch size gives the same images', async () => {
    const [one, three, all] = await Promise.all(
      [1, 3, 'auto' as const].map((batch) => run(problemOf(slices), { ...input, batch })),
    );
    expect(relativeError(three.image, one.image)).toBeLessThan(1e-6);
    expect(relativeError(all.image, one.image)).toBeLessThan(1e-6);
    expect(all.std).toEqual(one.std);
  });

  test('permuted slices permute the output', async () => {
    const order = [2, 0, 1];
    const plain = await run(problemOf(slices), input);
    const permuted = await run(problemOf(order.map((z) => slices[z])), input);
    order.forEach((z, position) => {
      const expected = plain.image.subarray(z * length, (z + 1) * length);
      expect(permuted.image.subarray(position * length, (position + 1) * length)).toEqual(expected);
    });
  });

  test('the same seed gives the same bits, another one does not', async () => {
    const first = await run(problemOf(slices), input);
    const again = await run(problemOf(slices), input);
    const other = await run(problemOf(slices), { ...input, seed: 10 });
    expect(again.samples).toEqual(first.samples);
    expect(relativeError(other.image, first.image)).toBeGreaterThan(1e-3);
  });
});

describe('scale', () => {
  const networkLike: Prior = { ...prior, scaleRule: 'quantile' };
  const inputs: DdsInput[] = [
    { dc: 'noiseless' },
    { dc: 'proximal', gamma: 1 },
    { dc: 'posterior', sigmaY: 0.05 },
    { dc: 'proximal', gamma: 1, scale: 'max' },
  ];
  test.each(inputs)('multiplying y by 7.3 multiplies the output by 7.3: %o', async (input) => {
    const plain = await run(problemOf([{ operator: sense, measurement: scene.measurement }]), input, networkLike);
    const louder = scene.measurement.map((value) => 7.3 * value);
    const scaled = await run(problemOf([{ operator: sense, measurement: louder }]), input, networkLike);
    expect(scaled.scale / plain.scale).toBeCloseTo(7.3, 4);
    expect(
      relativeError(
        scaled.image,
        plain.image.map((value) => 7.3 * value),
      ),
    ).toBeLessThan(1e-4);
  });

  test('a noise level in the units of the data is scaled with them', async () => {
    const slices = [{ operator: sense, measurement: scene.measurement }];
    const known = await run({ ...problemOf(slices), sigmaY: 0.05 }, { sigmaY: 'auto' }, networkLike);
    const stated = await run(problemOf(slices), { sigmaY: 0.05 / known.scale }, networkLike);
    expect(known.method.dc).toBe('posterior');
    expect(relativeError(known.image, stated.image)).toBeLessThan(1e-6);
  });
});
