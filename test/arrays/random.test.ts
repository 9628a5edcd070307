import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, fillNormal, philox } from '../../engine/arrays/random.ts';

const hex = (words: Uint32Array): string => Array.from(words, (w) => w.toString(16).padStart(8, '0')).join(' ');

describe('philox', () => {
  // known-answer vectors published with the Random123 library
  it.each([
    [[0, 0, 0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[-1, -1, -1, -1, -1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const)('gives the published words for %j', ([c0, c1, c2, c3, k0, k1], words) => {
    expect(hex(philox(new Uint32Array(4), c0, c1, c2, c3, k0, k1))).toBe(words);
  });
});

const key = { seed: 7, sample: 0, slice: 3, step: 11 };

describe('fillNormal', () => {
  it('depends on key and element alone, whatever the batching', () => {
    const whole = new Float32Array(103);
    fillNormal(whole, key);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 102 }), fc.integer({ min: 0, max: 103 }), (from, length) => {
        const part = new Float32Array(Math.min(length, 103 - from));
        fillNormal(part, key, from);
        expect(part).toEqual(whole.subarray(from, from + part.length));
      }),
      { numRuns: 60 },
    );
  });

  it('changes with every part of the key, high seed bits included', () => {
    const keys = [
      key,
      { ...key, seed: 8 },
      { ...key, seed: 7 + 2 ** 32 },
      { ...key, sample: 1 },
      { ...key, slice: 4 },
      { ...key, step: -1 },
    ];
    const first = keys.map((k) => {
      const out = new Float32Array(4);
      fillNormal(out, k);
      return out.join();
    });
    expect(new Set(first).size).toBe(keys.length);
  });

  it('is standard normal: moments, tails and neighbours', () => {
    const n = 1 << 18;
    const x = new Float32Array(n);
    fillNormal(x, { seed: 0, sample: 0, slice: 0, step: 0 });
    const moment = (p: number) => x.reduce((s, v) => s + v ** p, 0) / n;
    // five standard errors: Var x^p = E x^{2p} − (E x^p)²: 1, 2, 15, 96
    const five = 5 / Math.sqrt(n);
    expect(Math.abs(moment(1))).toBeLessThan(five);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(five * Math.sqrt(2));
    expect(Math.abs(moment(3))).toBeLessThan(five * Math.sqrt(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(five * Math.sqrt(96));
    const beyond2 = x.reduce((s, v) => s + (Math.abs(v) > 2 ? 1 : 0), 0) / n;
    expect(Math.abs(beyond2 - 0.0455003)).toBeLessThan(five * Math.sqrt(0.0455 * 0.9545));
    for (const lag of [1, 2, 3, 4, 256]) {
      let c = 0;
      for (let i = lag; i < n; i++) c += x[i] * x[i - lag];
      expect(Math.abs(c / n)).toBeLessThan(five);
    }
  });

  it('refuses keys it cannot tell apart', () => {
    expect(() => fillNormal(new Float32Array(1), { ...key, seed: -1 })).toThrow(/seed must be a whole number/);
    expect(() => fillNormal(new Float32Array(1), { ...key, seed: 2 ** 53 })).toThrow(/seed/);
    expect(() => fillNormal(new Float32Array(1), { ...key, slice: 0.5 })).toThrow(/slice 0.5/);
  });
});

describe('Random', () => {
  it('repeats for a seed and differs between streams', () => {
    const draw = (seed: number, stream: number) => {
      const r = createRandom(seed, stream);
      return Array.from({ length: 9 }, () => r.uniform());
    };
    expect(draw(5, 1)).toEqual(draw(5, 1));
    expect(draw(5, 1)).not.toEqual(draw(5, 2));
    expect(draw(5, 1)).not.toEqual(draw(6, 1));
  });

  it('draws uniform, normal and integer numbers of the right moments', () => {
    const r = createRandom(3);
    const n = 60_000;
    let u = 0;
    let z = 0;
    let z2 = 0;
    const counts = new Float64Array(6);
    for (let i = 0; i < n; i++) {
      const v = r.uniform();
      expect(v >= 0 && v < 1).toBe(true);
      u += v;
      const g = r.normal();
      z += g;
      z2 += g * g;
      counts[r.integer(6)]++;
    }
    const five = 5 / Math.sqrt(n);
    expect(Math.abs(u / n - 0.5)).toBeLessThan(five / Math.sqrt(12));
    expect(Math.abs(z / n)).toBeLessThan(five);
    expect(Math.abs(z2 / n - 1)).toBeLessThan(five * Math.sqrt(2));
    for (const c of counts) expect(Math.abs(c / n - 1 / 6)).toBeLessThan(five * Math.sqrt(5 / 36));
  });

  it('shuffles in place: a permutation, every position equally likely for each item', () => {
    const r = createRandom(1);
    const where = new Float64Array(5);
    const runs = 20_000;
    for (let i = 0; i < runs; i++) {
      const items = r.shuffle([0, 1, 2, 3, 4]);
      where[items.indexOf(0)]++;
    }
    for (const w of where) expect(Math.abs(w / runs - 0.2)).toBeLessThan((5 * Math.sqrt(0.16)) / Math.sqrt(runs));
    expect([...r.shuffle(Uint8Array.from([9, 8, 7, 6]))].sort()).toEqual([6, 7, 8, 9]);
  });
});
