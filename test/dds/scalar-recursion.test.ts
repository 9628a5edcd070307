/**
 * One pixel, A = I, white Gaussian prior: every step of the sampler is a scalar affine map, so the output is known to
 * all digits. The same numbers are reached by the recursion built from the float64 coefficients (1e-9) and by the
 * float32 sampler (2e-5, its round-off over the run).
 */
import { describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { denoisedVariance } from '../../engine/dds/posterior-variance.ts';
import { multistepWeight, stepCoefficients } from '../../engine/dds/renoise.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { noiseLevels } from '../../engine/dds/time-steps.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { vpSchedule } from '../../engine/prior/schedule.ts';
import { identityOperator } from './explicit-operators.ts';

const mean = 0.5;
const variance = 0.25;
const datum = 0.8;
const prior = gaussianPrior({ channels: 1, mean, spectrum: variance });

/** The sampler's output for one pixel by float64 arithmetic on the exported coefficients. */
function recursion(start: number, input: DdsInput, sigmaSquared = 0): number {
  const parameters = resolveParameters(input);
  const schedule = vpSchedule();
  const levels = noiseLevels(parameters.steps, parameters.spacing, schedule);
  const rederive = parameters.epsRule === 'rederive';
  let x = start;
  let estimate = 0;
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k];
    const next = levels[k + 1] ?? schedule.level(-1);
    const c = stepCoefficients(level, next, parameters);
    const root = Math.sqrt(level.alphaBar);
    const noise =
      (Math.sqrt(1 - level.alphaBar) * (x - root * mean)) / (level.alphaBar * variance + 1 - level.alphaBar);
    const previous = estimate;
    estimate = c.fromState * x + c.fromNoise * noise;
    const gamma =
      parameters.dc === 'none'
        ? 0
        : sigmaSquared > 0
          ? denoisedVariance(variance, level.alphaBar) / sigmaSquared
          : parameters.gamma;
    estimate = (estimate + gamma * datum) / (1 + gamma);
    if (next.t === -1) break;
    if (parameters.sampler === 'dpm2m') {
      const target = estimate + multistepWeight(levels[k - 1], level, next) * (estimate - previous);
      x = c.carry * x + c.push * target;
    } else if (parameters.legacyLast && next.t === 0) x = estimate;
    else x = c.signal * estimate + c.kept * (rederive ? (x - c.stateSignal * estimate) / c.stateNoise : noise);
  }
  return estimate;
}

async function engine(start: number, input: DdsInput): Promise<number> {
  const space = realSpace([1, 1]);
  const { image } = await sample(
    {
      slices: [{ operator: identityOperator(space), measurement: Float32Array.of(datum) }],
      height: 1,
      width: 1,
      complex: false,
      init: Float32Array.of(start),
    },
    prior,
    resolveParameters(input),
    quietContext(),
  );
  return image[0];
}

const plain: DdsInput = { eta: 0, spacing: 'leading', epsRule: 'keep', cgTol: 0 };
const free: DdsInput = { ...plain, dc: 'none' };
const toward = (gamma: number): DdsInput => ({ ...plain, dc: 'proximal', gamma });
const posterior: DdsInput = { dc: 'posterior', eta: 0, epsRule: 'rederive', spacing: 'logsnr', steps: 20, cgTol: 0 };
const starts = [-1, 0, 1];

const golden: { name: string; input: DdsInput; expected: (number | undefined)[]; sigmaSquared?: number }[] = [
  { name: 'no data, N = 10', input: { ...free, steps: 10 }, expected: [0.1227963354, 0.4969248292, 0.871053323] },
  // The map is affine in x_T, so the middle value is the mean of the outer two: …7749, where the list it comes from has
  // …7499, two digits exchanged.
  { name: 'no data, N = 20', input: { ...free, steps: 20 }, expected: [0.0640323527, 0.4977667749, 0.9315011971] },
  { name: 'no data, N = 50', input: { ...free, steps: 50 }, expected: [0.0257458736, 0.4981849864, 0.9706240994] },
  { name: 'no data, N = 100', input: { ...free, steps: 100 }, expected: [0.0123294623, 0.4983100296, 0.9842905969] },
  { name: 'no data, N = 1000', input: { ...free, steps: 1000 }, expected: [-0.0000787079, 0.498416575, 0.9969118581] },
  {
    name: 'γ = 0.1, N = 20',
    input: { ...toward(0.1), steps: 20 },
    expected: [0.3574420462, 0.6412800206, 0.925117995],
  },
  { name: 'γ = 1, N = 20', input: { ...toward(1), steps: 20 }, expected: [0.7843524866, 0.8096407145, 0.8349289424] },
  { name: 'γ = 1, N = 50', input: { ...toward(1), steps: 50 }, expected: [0.8062002871, 0.8074169034, 0.8086335196] },
  { name: 'γ = 5, N = 50', input: { ...toward(5), steps: 50 }, expected: [0.8004089886, 0.8004101779, 0.8004113672] },
  {
    name: 'legacyLast, no data, N = 50',
    input: { ...free, steps: 50, legacyLast: true },
    expected: [undefined, undefined, 0.9691825404],
  },
  {
    name: 'posterior, ddim, σ² = 0.01',
    input: { ...posterior, sigmaY: 0.1 },
    expected: [0.702144813, 0.7880313369, 0.8739178609],
    sigmaSquared: 0.01,
  },
  {
    name: 'posterior, dpm2m, σ² = 0.01',
    input: { ...posterior, sampler: 'dpm2m', sigmaY: 0.1 },
    expected: [0.6889689381, 0.7879656685, 0.886962399],
    sigmaSquared: 0.01,
  },
  {
    name: 'posterior, ddim, σ² = 0.25',
    input: { ...posterior, sigmaY: 0.5 },
    expected: [0.3374562608, 0.6487147106, 0.9599731604],
    sigmaSquared: 0.25,
  },
  {
    name: 'posterior, dpm2m, σ² = 0.25',
    input: { ...posterior, sampler: 'dpm2m', sigmaY: 0.5 },
    expected: [0.2898147103, 0.6485187919, 1.0072228734],
    sigmaSquared: 0.25,
  },
  {
    name: 'no data, dpm2m, N = 20',
    input: { ...posterior, dc: 'none', sampler: 'dpm2m' },
    expected: [-0.0088997316, 0.4983886446, 1.00567702],
  },
];

describe.each(golden)('$name', ({ input, expected, sigmaSquared }) => {
  test.each(
    starts.map((start, i) => ({ start, value: expected[i] })).filter(({ value }) => value !== undefined),
  )('from $start', async ({ start, value }) => {
    // The published digits end at 1e-10, half a unit of which is their own error.
    expect(Math.abs(recursion(start, input, sigmaSquared) - Number(value))).toBeLessThan(1e-9);
    expect(Math.abs((await engine(start, input)) - Number(value))).toBeLessThan(2e-5);
  });
});
