import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphaBarOf, logSnr, sigmaOf, veSigma, vpSchedule } from '../../engine/prior/schedule.ts';

describe('vpSchedule', () => {
  const { alphaBar, beta, level } = vpSchedule();

  it('has the values of the published linear schedule', () => {
    const expected: [number, number][] = [
      [0, 0.9999],
      [19, 0.9942309517],
      [499, 0.0785872429],
      [980, 5.903751371e-5],
      [999, 4.035829766e-5],
    ];
    for (const [t, value] of expected) expect(Math.abs(alphaBar[t] / value - 1)).toBeLessThan(1e-9);
    expect([beta[0], beta[999], beta.length]).toEqual([1e-4, 0.02, 1000]);
  });

  it('has the log signal-to-noise ratios at both ends', () => {
    expect(logSnr(alphaBar[0])).toBeCloseTo(4.6051201835, 9);
    expect(logSnr(alphaBar[999])).toBeCloseTo(-5.0588365917, 9);
  });

  it('agrees with the logarithmic form of 1 − ᾱ', () => {
    let sum = 0;
    for (let t = 0; t < 1000; t++) {
      sum += Math.log1p(-beta[t]);
      expect(Math.abs((1 - alphaBar[t]) / -Math.expm1(sum) - 1)).toBeLessThan(1e-11);
    }
  });

  it('ends at the clean image and refuses other indices', () => {
    expect(level(-1)).toEqual({ t: -1, alphaBar: 1 });
    for (const t of [-2, 1000, 0.5, Number.NaN]) expect(() => level(t)).toThrowError(/time index/);
  });

  it('refuses impossible options', () => {
    expect(() => vpSchedule({ steps: 0 })).toThrowError(/schedule of 0 steps/);
    expect(() => vpSchedule({ steps: 2 ** 40 })).toThrowError(/not possible/);
    expect(() => vpSchedule({ betaEnd: 1 })).toThrowError(/between 0 and 1/);
  });
});

describe('noise level dictionary', () => {
  it('goes both ways', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (sigma) => {
        expect(sigmaOf(alphaBarOf(sigma)) / sigma).toBeCloseTo(1, 9);
        expect(logSnr(alphaBarOf(sigma))).toBeCloseTo(-Math.log(sigma), 8);
      }),
    );
  });

  it('spans the variance-exploding range geometrically', () => {
    expect(veSigma(0)).toBe(0.01);
    expect(veSigma(1)).toBeCloseTo(378, 9);
    expect(veSigma(0.5)).toBeCloseTo(Math.sqrt(0.01 * 378), 12);
  });
});
