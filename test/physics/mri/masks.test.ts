import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import {
  calibrationRegion,
  effectiveAcceleration,
  isColumnMask,
  isRowMask,
  type MaskOptions,
  makeMask,
  maskTypes,
} from '../../../engine/physics/mri/masks.ts';

function statistics(options: Omit<MaskOptions, 'seed'>, draws: number): { mean: number; sd: number } {
  const values = Array.from({ length: draws }, (_, seed) => makeMask({ ...options, seed }).effectiveAcceleration);
  const mean = values.reduce((a, b) => a + b) / draws;
  return { mean, sd: Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / (draws - 1)) };
}

describe('reference variants reproduce the measured effective accelerations (n = 320, 200 draws)', () => {
  // Table of the specification; tolerance: three standard errors of both sides plus its last printed digit.
  const cases = [
    ['uniform1d', 4, 0.08, 4.46, 0.15],
    ['uniform1d', 8, 0.04, 8.46, 0.31],
    ['gaussian1d', 4, 0.08, 4.13, 0.23],
    ['gaussian1d', 8, 0.04, 6.76, 0.41],
  ] as const;
  for (const [type, acceleration, acs, mean, sd] of cases) {
    it(`${type} R ${acceleration}, ACS ${acs}: ${mean} ± ${sd}`, () => {
      const s = statistics({ type, variant: 'reference', height: 4, width: 320, acceleration, acs }, 200);
      const standardError = sd / Math.sqrt(200);
      expect(Math.abs(s.mean - mean)).toBeLessThan(3 * Math.SQRT2 * standardError + 0.005);
      expect(s.sd / sd).toBeGreaterThan(0.8);
      expect(s.sd / sd).toBeLessThan(1.25);
    });
  }
  for (const [acceleration, mean] of [
    [8, 11.5],
    [15, 18.5],
  ]) {
    it(`gaussian2d R ${acceleration}: ${mean}`, () => {
      const s = statistics({ type: 'gaussian2d', variant: 'reference', height: 320, width: 320, acceleration }, 5);
      expect(Math.abs(s.mean - mean)).toBeLessThan(0.15);
    });
  }
});

describe('exact variants', () => {
  it('measure exactly floor(n/R) lines or floor(hw/R) points, centre included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('uniform1d', 'gaussian1d', 'gaussian2d', 'uniformrandom2d', 'poisson'),
        fc.integer({ min: 24, max: 70 }),
        fc.integer({ min: 24, max: 70 }),
        fc.double({ min: 4, max: 8, noNaN: true }),
        fc.integer({ min: 0, max: 1000 }),
        (type, height, width, acceleration, seed) => {
          const { mask, effectiveAcceleration: r } = makeMask({ type, height, width, acceleration, acs: 0.08, seed });
          const measured = mask.data.reduce((a, b) => a + b, 0);
          const linear = type.endsWith('1d');
          expect(measured).toBe(
            linear ? Math.floor(width / acceleration) * height : Math.floor((height * width) / acceleration),
          );
          expect(r).toBe((height * width) / measured);
          // The calibration region may trade height for width, but is never smaller than the box asked for.
          const region = calibrationRegion(mask);
          const rows = linear ? height : Math.floor(height * 0.08);
          expect(region.width * region.height).toBeGreaterThanOrEqual(rows * Math.floor(width * 0.08));
          expect(isColumnMask(mask)).toBe(linear);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('the same seed gives the same mask, another seed another', () => {
    for (const type of maskTypes.filter((t) => t !== 'full' && t !== 'fastmri-equispaced')) {
      for (const variant of ['exact', 'reference'] as const) {
        const options = { type, variant, height: 64, width: 64, acceleration: 4, acs: 0.08 } as const;
        const first = makeMask({ ...options, seed: 5 }).mask.data;
        expect(makeMask({ ...options, seed: 5 }).mask.data).toEqual(first);
        expect(makeMask({ ...options, seed: 6 }).mask.data).not.toEqual(first);
      }
    }
  });

  it('gaussian densities concentrate in the centre', () => {
    const spread = (type: 'uniform1d' | 'gaussian1d') => {
      let sum = 0;
      for (let seed = 0; seed < 30; seed++) {
        const { mask } = makeMask({ type, height: 1, width: 320, acceleration: 8, acs: 0.04, seed });
        for (let x = 0; x < 320; x++) sum += mask.data[x] * Math.abs(x - 160);
      }
      return sum / (30 * 40);
    };
    expect(spread('gaussian1d')).toBeLessThan(0.5 * spread('uniform1d'));
  });
});

describe('poisson', () => {
  it('the reference variant reaches R to 0.1, keeps unit distance and drops the corners', () => {
    for (const acceleration of [8, 15]) {
      const { mask, effectiveAcceleration: r } = makeMask({
        type: 'poisson',
        variant: 'reference',
        height: 128,
        width: 96,
        acceleration,
        acs: 12,
        seed: 3,
      });
      expect(Math.abs(r - acceleration)).toBeLessThan(0.1);
      for (const corner of [0, 95, 127 * 96, 128 * 96 - 1]) expect(mask.data[corner]).toBe(0);
      const density = (y0: number, y1: number) => {
        let sum = 0;
        for (let y = y0; y < y1; y++) for (let x = 24; x < 72; x++) sum += mask.data[y * 96 + x];
        return sum / (y1 - y0);
      };
      expect(density(44, 56)).toBeGreaterThan(1.5 * density(0, 20));
    }
  });
});

describe('fastMRI masks', () => {
  it('random: n/R lines on average', () => {
    const s = statistics({ type: 'fastmri-random', height: 1, width: 320, acceleration: 4, acs: 0.08 }, 300);
    // Var of the line count is at most n·p(1−p) ≈ 47, so that of R ≈ n/count at 80 lines ≈ (4/80)²·47.
    expect(Math.abs(s.mean - 4)).toBeLessThan(0.1);
  });
  it('equispaced fraction: ACS and comb together make n/R lines to within two', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { mask } = makeMask({
        type: 'fastmri-equispaced',
        height: 1,
        width: 320,
        acceleration: 4,
        acs: 0.08,
        seed,
      });
      const lines = mask.data.reduce((a, b) => a + b, 0);
      expect(Math.abs(lines - 80)).toBeLessThanOrEqual(2);
      expect(calibrationRegion(mask).width).toBeGreaterThanOrEqual(26);
    }
  });
});

describe('calibrationRegion', () => {
  it('agrees with trying every centred rectangle', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.boolean(), { minLength: 81, maxLength: 81 }),
        (height, width, bits) => {
          const data = Uint8Array.from({ length: height * width }, (_, i) => (bits[i] || i % 3 === 0 ? 1 : 0));
          const mask = ndarray('uint8', [height, width], data);
          let best = 0;
          for (let a = 1; a <= height; a++) {
            for (let b = 1; b <= width; b++) {
              const y0 = (height >> 1) - (a >> 1);
              const x0 = (width >> 1) - (b >> 1);
              let full = true;
              for (let y = y0; y < y0 + a; y++) for (let x = x0; x < x0 + b; x++) full &&= data[y * width + x] === 1;
              if (full) best = Math.max(best, a * b);
            }
          }
          const region = calibrationRegion(mask);
          expect(region.height * region.width).toBe(best);
          for (let y = region.y0; y < region.y0 + region.height; y++) {
            for (let x = region.x0; x < region.x0 + region.width; x++) expect(data[y * width + x]).toBe(1);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
  it('is the ACS itself for the lines of a column mask', () => {
    const { mask } = makeMask({ type: 'gaussian1d', height: 7, width: 216, acceleration: 4, acs: 17, seed: 0 });
    const region = calibrationRegion(mask);
    expect(region.height).toBe(7);
    expect(region.x0).toBeLessThanOrEqual(100);
  });
});

describe('refusals', () => {
  const base = { type: 'uniform1d', height: 8, width: 64, acceleration: 4 } as const;
  it.each([
    ['acceleration', { ...base, acceleration: 0.5 }],
    ['acceleration', { ...base, acceleration: Number.NaN }],
    ['acceleration', { ...base, acceleration: 8, acs: 0.5 }],
    ['acs', { ...base, acs: -1 }],
    ['acs', { ...base, acs: 65 }],
    ['width', { ...base, width: 0 }],
    ['height', { ...base, height: 2 ** 40 }],
    ['acceleration', { ...base, type: 'poisson' as const, width: 64, height: 64, acceleration: 1 }],
  ])('names %s', (path, options) => {
    expect(() => makeMask(options)).toThrow(expect.objectContaining({ code: 'bad-usage', path }));
  });
  it('row and column masks are told apart', () => {
    const rows = ndarray('uint8', [3, 2], Uint8Array.of(1, 1, 0, 0, 1, 1));
    expect([isRowMask(rows), isColumnMask(rows), effectiveAcceleration(rows)]).toEqual([true, false, 1.5]);
  });
});
