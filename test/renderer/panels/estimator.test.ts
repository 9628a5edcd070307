/** Estimates come late and in any order; the last question counts. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HostError } from '../../../renderer/app/host-client.ts';
import { createEstimator, type Estimate, type EstimateState } from '../../../renderer/reconstruct/estimator.ts';

const request = (seed: number) => ({ kind: 'reconstruct' as const, item: 'item00000001', seed });
const answer = (seconds: number): Estimate => ({
  ...{ seconds, bytes: 1, availableBytes: 2, networkCalls: null, text: '', fits: true },
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks once, after the last change', async () => {
  const asked: unknown[] = [];
  const states: EstimateState[] = [];
  const estimator = createEstimator(
    async (one) => {
      asked.push(one.seed);
      return answer(7);
    },
    (state) => void states.push(state),
    100,
  );
  estimator.ask(request(1));
  await vi.advanceTimersByTimeAsync(99);
  estimator.ask(request(2));
  estimator.ask(request(2));
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toEqual([2]);
  expect(states.at(-1)).toEqual({ state: 'known', estimate: answer(7) });
});

it('drops the late answer to an earlier question', async () => {
  const states: EstimateState[] = [];
  const waits: Record<number, number> = { 1: 500, 2: 10 };
  const estimator = createEstimator(
    async ({ seed = 0 }) => {
      await new Promise((resolve) => setTimeout(resolve, waits[seed]));
      return answer(seed);
    },
    (state) => void states.push(state),
    0,
  );
  estimator.ask(request(1));
  await vi.advanceTimersByTimeAsync(1);
  estimator.ask(request(2));
  await vi.advanceTimersByTimeAsync(1000);
  expect(states.filter(({ state }) => state === 'known')).toEqual([{ state: 'known', estimate: answer(2) }]);
});

it('says why there is none, and is silent once stopped', async () => {
  const states: EstimateState[] = [];
  const fail = async () => {
    throw new HostError({ code: 'bad-usage', message: 'no such method', hint: 'Choose dds.', path: null });
  };
  const estimator = createEstimator(fail, (state) => void states.push(state), 0);
  estimator.ask(request(1));
  await vi.advanceTimersByTimeAsync(1);
  expect(states.at(-1)).toEqual({ state: 'failed', message: 'no such method', hint: 'Choose dds.' });
  estimator.ask(request(2));
  estimator.stop();
  const before = states.length;
  await vi.advanceTimersByTimeAsync(10);
  expect(states).toHaveLength(before);
});
