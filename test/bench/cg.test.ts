import { describe, expect, it } from 'vitest';
import { openBart } from '../../main/bench/bart.ts';
import { benchCg, formatCgBench, run } from '../../main/bench/cg.ts';

const peer = await openBart();
await peer?.close();
if (peer === undefined) console.log('skipped: bart is not on PATH');

const options = {
  sizes: [64],
  coils: 4,
  iterations: 10,
  runs: 1,
  threads: [1],
  masks: ['poisson', 'uniform1d'],
  seed: 1,
  signal: new AbortController().signal,
  note: () => {},
} as const;

describe.skipIf(peer === undefined)('CG-SENSE and bart pics on the same data', () => {
  it('stand at the same error after the same number of iterations', async () => {
    const { rows } = await benchCg(options);
    expect(rows.map((row) => row.mask)).toEqual(['poisson', 'uniform1d']);
    for (const { errors } of rows) {
      expect(errors.map((e) => e.iteration)).toEqual([1, 2, 5, 10]);
      // The iterates are the same polynomials of AᴴA in both programs; only float32 rounding differs.
      for (const e of errors) expect(e.tangent / (e.bart ?? 0)).toBeCloseTo(1, 2);
      expect(errors[3].tangent).toBeLessThan(errors[0].tangent);
    }
  });

  it('prints one line per problem and the errors', async () => {
    const text = formatCgBench(await benchCg({ ...options, iterations: 2, masks: ['uniform1d'] }));
    expect(text).toMatch(/^64 +uniform1d/m);
    expect(text).toMatch(/k = 2 +tangent \d/);
  });
});

describe('options', () => {
  it('refuses sizes and masks it does not know, naming them', async () => {
    const context = { ...options, json: true, device: 'cpu', threads: 1, print: () => {} } as const;
    await expect(run(['--size=9'], context)).rejects.toMatchObject({ code: 'bad-usage', path: 'size' });
    await expect(run(['--mask=spiral'], context)).rejects.toMatchObject({ code: 'bad-usage', path: 'mask' });
  });
});
