/**
 * The bar of the fit score on images the repository can make or has: held-out heads (the bundled series, and the shared
 * data where present) against phantoms, noise and turned heads. Knees are not in the repository: bench fit --knees.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { type FitReport, run } from '../../main/bench/fit.ts';
import { noiseImage, noiseKinds, phantom, phantomKinds } from '../../main/bench/fit-phantoms.ts';
import type { BenchContext } from '../../main/cli/bench-context.ts';
import { listBenches } from '../../main/host/find-bench.ts';

const data = join(import.meta.dirname, '../../../shared/data');
const present = existsSync(data);
if (!present) console.log('The shared data are absent: the bar is tried on the bundled series alone.');

const printed: string[] = [];
const context: BenchContext = {
  signal: new AbortController().signal,
  ...{ seed: 0, device: 'cpu', threads: 1, json: false },
  print: (text) => printed.push(text),
  note: () => {},
};

test('every class that can be made here is told from held-out heads, area under the curve at least 0.95', async () => {
  const report: FitReport = await run(present ? ['--data', data] : [], context);
  expect(report.prior).toBe('brain-mri');
  const classes = new Map(report.classes.map((row) => [row.name, row]));
  for (const name of [
    'phantoms, all',
    'noise, all',
    'all of these',
    'held out, upside down',
    'held out, turned by 90°',
  ])
    expect([name, classes.get(name)?.auc ?? 0, classes.get(name)?.pass]).toEqual([name, expect.any(Number), true]);
  for (const kind of phantomKinds) expect(classes.get(`phantom: ${kind}`)?.auc ?? 0).toBeGreaterThanOrEqual(0.95);
  // Undersampled fourfold, held-out heads are still typical.
  const undersampled = report.heldOut.filter(({ name }) => name.includes('R 4'));
  expect(undersampled.length).toBeGreaterThan(0);
  for (const { medianPercentile } of undersampled) expect(medianPercentile).toBeLessThan(95);
  expect(report.notRun.join()).toContain('knees');
  expect(printed.join('\n')).toContain('Not run: knees');
}, 60_000);

test('phantoms and noise are the same for the same seed, and no two of a kind are alike', () => {
  for (const kind of phantomKinds) {
    expect(phantom(kind, createRandom(3))).toEqual(phantom(kind, createRandom(3)));
    expect(phantom(kind, createRandom(3))).not.toEqual(phantom(kind, createRandom(4)));
  }
  for (const kind of noiseKinds) expect(noiseImage(kind, createRandom(3))).toEqual(noiseImage(kind, createRandom(3)));
});

test('white noise has the mean of a Rayleigh distribution, √(π/2)', () => {
  const { data: pixels } = noiseImage('white noise', createRandom(1));
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  expect(Math.abs(mean - Math.sqrt(Math.PI / 2))).toBeLessThan(0.02);
});

test('options that are unknown are refused, and the benchmark is listed', async () => {
  await expect(run(['--knee', 'x'], context)).rejects.toMatchObject({ code: 'bad-usage' });
  expect((await listBenches()).map(({ id }) => id)).toContain('fit');
});
