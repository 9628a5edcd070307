import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BestSoFar, judge } from '../../../engine/prior/training/early-stop.ts';

function verdicts(losses: readonly number[], patience: number) {
  let best: BestSoFar | undefined;
  return losses.map((loss, step) => {
    const verdict = judge(best, step, loss, patience);
    best = verdict.best;
    return verdict;
  });
}

test('stops after as many validations without a new best as the patience says', () => {
  const found = verdicts([5, 4, 4, 3, 3.5, 3.2], 2);
  expect(found.map(({ stop }) => stop)).toEqual([false, false, false, false, false, true]);
  expect(found.map(({ improved }) => improved)).toEqual([true, true, false, true, false, false]);
  expect(found.at(-1)?.best).toEqual({ step: 3, loss: 3, since: 2 });
});

test('never stops with patience 0', () => {
  expect(verdicts([1, 2, 3, 4, 5, 6, 7, 8], 0).some(({ stop }) => stop)).toBe(false);
});

test('a loss that is not a number is no improvement, and the first one that is becomes the best', () => {
  const found = verdicts([Number.NaN, Number.POSITIVE_INFINITY, 2], 5);
  expect(found.map(({ improved }) => improved)).toEqual([false, false, true]);
  expect(found[2].best).toEqual({ step: 2, loss: 2, since: 0 });
});

test('the best is the first lowest loss, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 30 }), (losses) => {
      const lowest = Math.min(...losses);
      const best = verdicts(losses, 0).at(-1)?.best;
      expect(best).toEqual({
        step: losses.indexOf(lowest),
        loss: lowest,
        since: losses.length - 1 - losses.indexOf(lowest),
      });
    }),
  );
});
