/**
 * Two coils, complex, 16×16, every input by formula; outputs known to eight digits from a float64 computation. Relative
 * tolerance 1e-4: float32 reproduces float64 to 2e-7 here, the rest is CG's own stopping.
 */
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { goldenScene } from './golden-scene.ts';

const scene = goldenScene();
const operator = createSense({ maps: scene.maps, mask: scene.mask });
const prior = gaussianPrior({ channels: 2, spectrum: ndarray('float64', [16, 16], scene.spectrum) });
const base: DdsInput = { eta: 0, sampler: 'ddim', spacing: 'leading', cgTol: 1e-7 };

async function run(input: DdsInput): Promise<Float32Array> {
  const problem = {
    slices: [{ operator, measurement: scene.measurement }],
    height: 16,
    width: 16,
    complex: true,
    init: scene.init,
  };
  return (await sample(problem, prior, resolveParameters({ ...base, ...input }), quietContext())).image;
}

const cases: { name: string; input: DdsInput; norm: number; middle: [number, number]; corner: [number, number] }[] = [
  {
    name: 'no data, N = 20',
    input: { dc: 'none', steps: 20 },
    norm: 8.64130346,
    middle: [0.75677111, -0.10724235],
    corner: [-0.73821714, 0.02909338],
  },
  {
    name: 'proximal γ = 1, N = 20, CG to convergence',
    input: { dc: 'proximal', gamma: 1, steps: 20, cgIters: 60 },
    norm: 6.94417527,
    middle: [0.79136945, -0.63259547],
    corner: [-0.54631627, -0.19777271],
  },
  {
    name: 'proximal γ = 1, N = 20, M = 5',
    input: { dc: 'proximal', gamma: 1, steps: 20, cgIters: 5 },
    norm: 6.94423164,
    middle: [0.79136682, -0.63259413],
    corner: [-0.54632419, -0.19777918],
  },
  {
    name: 'noiseless, N = 20, M = 5',
    input: { dc: 'noiseless', steps: 20, cgIters: 5 },
    norm: 5.68641452,
    middle: [0.7377396, -0.6779611],
    corner: [-0.3515335, -0.12732494],
  },
  {
    name: 'noiseless, N = 20, CG to convergence',
    input: { dc: 'noiseless', steps: 20, cgIters: 400 },
    norm: 5.6175648,
    middle: [0.74336466, -0.69687352],
    corner: [-0.34858504, -0.13238983],
  },
  {
    name: 'proximal γ = 5, N = 50, M = 5',
    input: { dc: 'proximal', gamma: 5, steps: 50, cgIters: 5 },
    norm: 6.12760295,
    middle: [0.72640762, -0.63931622],
    corner: [-0.42101917, -0.18066474],
  },
];

test('the scene has the stated norms', () => {
  expect(norm(scene.measurement)).toBeCloseTo(4.975267968, 6);
  expect(norm(scene.truth)).toBeCloseTo(5.314166887, 6);
});

describe.each(cases)('$name', ({ input, norm: expectedNorm, middle, corner }) => {
  test('norm and two pixels', async () => {
    const image = await run(input);
    const pixel = (row: number, column: number) => [image[2 * (16 * row + column)], image[2 * (16 * row + column) + 1]];
    expect(Math.abs(norm(image) / expectedNorm - 1)).toBeLessThan(1e-4);
    for (const [found, expected] of [
      [pixel(8, 8), middle],
      [pixel(3, 12), corner],
    ]) {
      const error = Math.hypot(found[0] - expected[0], found[1] - expected[1]) / Math.hypot(expected[0], expected[1]);
      expect(error).toBeLessThan(1e-4);
    }
  });
});
