import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { benchParity, formatParity, run } from '../../main/bench/train-parity.ts';
import { phantom } from '../../main/bench/train-parity-task.ts';
import type { BenchContext } from '../../main/cli/bench-context.ts';

const context: BenchContext = {
  signal: new AbortController().signal,
  seed: 3,
  device: 'cpu',
  threads: 1,
  json: true,
  print: () => {},
  note: () => {},
};
const tiny = { size: 16, steps: 2, batch: 2, width: 4, lr: 1e-3, images: 4, heldOut: 2 };

test('phantoms are seeded, never negative, about 0 to 1, and differ', () => {
  const [a, b] = [createRandom(1), createRandom(1)];
  const [first, second] = [phantom(a, 32), phantom(a, 32)];
  expect(phantom(b, 32)).toEqual(first);
  expect(second).not.toEqual(first);
  const peak = Math.max(...first);
  expect(Math.min(...first)).toBe(0);
  expect(peak).toBeGreaterThan(0.3);
  expect(peak).toBeLessThan(2.5);
});

test('without an interpreter PyTorch is left out with the reason, and Tangent’s own figures are there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tangent-parity-test-'));
  const found = await benchParity(tiny, '/does/not/exist', folder, context);
  await rm(folder, { recursive: true });
  expect(found.skipped).toMatch(/cannot import torch/);
  expect(found).not.toHaveProperty('ratio');
  expect(found.tangent.losses).toHaveLength(8);
  // A network that starts at zero has a loss of order 1 at every level.
  for (const loss of found.tangent.losses) expect(loss).toBeGreaterThan(0.1);
  expect(formatParity(found)).toContain('pytorch: skipped');
});

test('the ratio of the two validation losses decides', () => {
  const task = { ...tiny, levels: [1] };
  const side = (validation: number) => ({ validation, losses: [validation], seconds: 1 });
  const pytorch = { ...side(1), torch: '2' };
  const shown = (validation: number, agrees: boolean) =>
    formatParity({ task, tangent: side(validation), pytorch, ratio: validation, agrees });
  expect(shown(1.04, true)).toContain('ratio 1.040: within 5 %');
  expect(shown(1.06, false)).toContain('NOT within 5 %');
});

test('options out of range are refused by name', async () => {
  await expect(run(['--steps=0'], context)).rejects.toThrow(/--steps is "0", expected a number from 1/);
  await expect(run(['--lr=fast'], context)).rejects.toThrow(/--lr is "fast"/);
});
