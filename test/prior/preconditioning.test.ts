import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { precondition } from '../../engine/prior/preconditioning.ts';

/** One pixel: clean value, noise and level; what a perfect network of each kind would say, and what ε̂ must be. */
const pixel = fc.record({
  clean: fc.double({ min: -2, max: 2, noNaN: true }),
  noise: fc.double({ min: -3, max: 3, noNaN: true }),
  alphaBar: fc.double({ min: 1e-4, max: 0.9999, noNaN: true }),
});

describe('precondition', () => {
  it('recovers the noise from a perfect network of every kind', () => {
    fc.assert(
      fc.property(pixel, ({ clean, noise, alphaBar }) => {
        const sigma = Math.sqrt((1 - alphaBar) / alphaBar);
        const x = Math.sqrt(alphaBar) * clean + Math.sqrt(1 - alphaBar) * noise;
        const s = 0.25;
        const total = sigma ** 2 + s ** 2;
        const noisy = clean + sigma * noise;
        // F such that c_skip x_σ + c_out F = clean.
        const residual = (clean - (s ** 2 / total) * noisy) / ((sigma * s) / Math.sqrt(total));
        const outputs = [
          ['eps', 'vp', noise],
          ['x0', 'vp', clean],
          ['v', 'vp', Math.sqrt(alphaBar) * noise - Math.sqrt(1 - alphaBar) * clean],
          ['score', 'vp', -noise / Math.sqrt(1 - alphaBar)],
          ['score', 've', -noise / sigma],
          ['eps', 've', noise],
          ['denoiser-edm', 'vp', residual],
        ] as const;
        for (const [prediction, parametrisation, output] of outputs) {
          const p = precondition({ prediction, parametrisation, timeInput: 'index', sigmaData: s }, { t: 3, alphaBar });
          expect(p.keep * x + p.network * output).toBeCloseTo(noise, 7);
          if (parametrisation === 've') expect(p.inputFactor * x).toBeCloseTo(noisy, 7);
        }
        const edm = precondition(
          { prediction: 'denoiser-edm', parametrisation: 'vp', timeInput: 'index', sigmaData: s },
          { t: 3, alphaBar },
        );
        expect(edm.inputFactor * x).toBeCloseTo(noisy / Math.sqrt(total), 7);
      }),
    );
  });

  it('tells the network the level in the form it asks for', () => {
    const time = (timeInput: 'index' | 'sigma' | 'log-sigma' | 'quarter-log-sigma') =>
      precondition({ prediction: 'eps', parametrisation: 'vp', timeInput }, { t: 7, alphaBar: 0.2 }).time;
    expect([time('index'), time('sigma')]).toEqual([7, 2]);
    expect(time('log-sigma')).toBeCloseTo(Math.log(2), 12);
    expect(time('quarter-log-sigma')).toBeCloseTo(Math.log(2) / 4, 12);
  });

  it('refuses levels without noise or without signal', () => {
    for (const alphaBar of [1, 0, Number.NaN])
      expect(() =>
        precondition({ prediction: 'eps', parametrisation: 'vp', timeInput: 'index' }, { t: 0, alphaBar }),
      ).toThrowError(/noise level/);
  });
});
