import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { learnedVariance } from '../../engine/dds/posterior-variance.ts';
import { noiseRules, noiseSplit, noiseSplitVe, stepCoefficients } from '../../engine/dds/renoise.ts';
import { indexSpacings, noiseLevels, timeSteps } from '../../engine/dds/time-steps.ts';
import { sigmaOf, vpSchedule } from '../../engine/prior/schedule.ts';

const schedule = vpSchedule();
/** Rules that put back all the noise of the next level. */
const splittingRules = noiseRules.filter((rule) => rule !== 'none');

describe('time steps', () => {
  test('logsnr, 20 steps', () => {
    expect(timeSteps(20, 'logsnr', schedule)).toEqual([
      999, 947, 893, 834, 772, 704, 629, 546, 454, 353, 253, 166, 103, 61, 35, 19, 10, 4, 1, 0,
    ]);
  });
  test('leading: 20, 50, 100 start at 950, 980, 990; 30 gives 31 steps', () => {
    expect([20, 50, 100].map((n) => timeSteps(n, 'leading', schedule)[0])).toEqual([950, 980, 990]);
    expect(timeSteps(30, 'leading', schedule)).toHaveLength(31);
    expect(timeSteps(30, 'leading', schedule)[0]).toBe(990);
  });
  test('trailing: 50 steps from 999 down to 19', () => {
    const steps = timeSteps(50, 'trailing', schedule);
    expect([steps[0], steps.at(-1), steps.length]).toEqual([999, 19, 50]);
  });
  test('any count and spacing: descending, unique, inside the schedule', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(...indexSpacings), (count, spacing) => {
        const steps = timeSteps(count, spacing, schedule);
        expect(steps.length).toBeGreaterThan(0);
        steps.forEach((t, i) => {
          expect(Number.isInteger(t) && t >= 0 && t < 1000).toBe(true);
          if (i > 0) expect(t).toBeLessThan(steps[i - 1]);
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('evenly spaced levels', () => {
  const sigmas = (levels: readonly { alphaBar: number }[]) => levels.map(({ alphaBar }) => sigmaOf(alphaBar));

  test('are as many as asked, in one ratio, from the first level to the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(998), fc.integer({ min: 1, max: 500 }), (count, end, up) => {
        const start = Math.min(999, end + up);
        const levels = noiseLevels(count, 'even', schedule, start, end);
        const found = sigmas(levels);
        expect(found).toHaveLength(count);
        expect(found[0] / sigmaOf(schedule.alphaBar[start])).toBeCloseTo(1, 9);
        expect(found[count - 1] / sigmaOf(schedule.alphaBar[end])).toBeCloseTo(1, 9);
        const ratio = found[1] / found[0];
        for (let k = 1; k < count; k++) expect(found[k] / found[k - 1]).toBeCloseTo(ratio, 9);
        levels.forEach(({ t, alphaBar }) => {
          expect(schedule.alphaBar[Math.floor(t)]).toBeGreaterThanOrEqual(alphaBar * (1 - 1e-9));
          expect(schedule.alphaBar[Math.ceil(t)]).toBeLessThanOrEqual(alphaBar * (1 + 1e-9));
        });
      }),
      { numRuns: 60 },
    );
  });
  test('one level is the noisiest; every other spacing gives the levels of its indices', () => {
    expect(noiseLevels(1, 'even', schedule, 57, 1)).toEqual([
      { t: 57, alphaBar: expect.closeTo(schedule.alphaBar[57], 12) },
    ]);
    for (const spacing of indexSpacings)
      expect(noiseLevels(7, spacing, schedule, 88, 2)).toEqual(
        timeSteps(7, spacing, schedule, 88, 2).map((t) => schedule.level(t)),
      );
  });
  test('refuses no levels', () => expect(() => noiseLevels(0, 'even', schedule)).toThrow(/from 1/));
});

describe('re-noising', () => {
  test('the rule none puts nothing back, whatever eta', () => {
    const [from, to] = [schedule.level(80), schedule.level(40)];
    for (const param of ['vp', 've'] as const)
      expect(stepCoefficients(from, to, { param, noiseRule: 'none', eta: 1 })).toMatchObject({ fresh: 0, kept: 0 });
  });
  const level = fc.integer({ min: 1, max: 999 });
  test('kept and fresh noise make up the noise of the level', () => {
    fc.assert(
      fc.property(
        level,
        level,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...splittingRules),
        (a, b, eta, rule) => {
          fc.pre(a !== b);
          const from = schedule.alphaBar[Math.max(a, b)];
          const to = schedule.alphaBar[Math.min(a, b)];
          const vp = noiseSplit(from, to, rule, eta);
          expect(vp.fresh ** 2 + vp.kept ** 2).toBeCloseTo(1 - to, 12);
          const ve = noiseSplitVe(sigmaOf(from), sigmaOf(to), rule, eta);
          expect(ve.fresh * Math.sqrt(to)).toBeCloseTo(vp.fresh, 10);
          expect(ve.kept ** 2 * to).toBeCloseTo(vp.kept ** 2, 12);
        },
      ),
    );
  });
  test.each(['vp', 've'] as const)('%s: the clean level adds nothing', (param) => {
    const c = stepCoefficients(schedule.level(19), schedule.level(-1), { param, noiseRule: 'ddim', eta: 0.7 });
    expect([c.signal, c.kept, c.fresh, c.carry, c.push]).toEqual([1, 0, 0, 0, 1]);
  });
});

describe('learned variance', () => {
  test('inverts the interpolation it comes from', () => {
    const t = 60;
    const beta = schedule.beta[t];
    const noise = 1 - schedule.alphaBar[t];
    const floor = (beta * (1 - schedule.alphaBar[t - 1])) / noise;
    const truth = 0.02;
    const total = floor + ((Math.sqrt(schedule.alphaBar[t - 1]) * beta) / noise) ** 2 * truth;
    const f = (Math.log(total) - Math.log(floor)) / (Math.log(beta) - Math.log(floor));
    const learned = learnedVariance(schedule, t, 0.25);
    expect(learned?.convert(2 * f - 1)).toBeCloseTo(truth, 8);
  });
  test('is left alone where it is ill-conditioned', () => {
    expect(learnedVariance(schedule, 0, 0.25)).toBeUndefined();
    expect(learnedVariance(schedule, 999, 0.25)).toBeUndefined();
  });
});

describe('part of the schedule', () => {
  test('stays between the levels it is told to start and end at', () => {
    for (const spacing of indexSpacings) {
      const steps = timeSteps(12, spacing, schedule, 88, 2);
      expect(Math.max(...steps), spacing).toBeLessThanOrEqual(88);
      expect(Math.min(...steps), spacing).toBeGreaterThanOrEqual(2);
      expect(steps, spacing).toEqual([...steps].sort((a, b) => b - a));
    }
    expect(timeSteps(20, 'logsnr', schedule, 88, 2)[0]).toBe(88);
    expect(timeSteps(20, 'logsnr', schedule, 88, 2).at(-1)).toBe(2);
    expect(timeSteps(10, 'leading', schedule, 99, 0)).toEqual(timeSteps(10, 'leading', schedule, 99));
  });

  test('refuses to end above its start', () => {
    expect(() => timeSteps(5, 'logsnr', schedule, 10, 20)).toThrow(/level 20/);
  });
});
