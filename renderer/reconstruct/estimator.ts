/** Asks what a request would cost, some time after the last change; late answers to earlier questions are dropped. */
import type { CallOutput } from '../../main/host/api/api.ts';
import { HostError } from '../app/host-client.ts';
import type { ReconstructInput } from './draft.ts';

export type Estimate = CallOutput<'jobs.estimate'>;

export type EstimateState =
  | { state: 'waiting' }
  | { state: 'known'; estimate: Estimate }
  | { state: 'failed'; message: string; hint: string | null };

export interface Estimator {
  ask(request: ReconstructInput): void;
  stop(): void;
}

export function createEstimator(
  call: (request: ReconstructInput) => Promise<Estimate>,
  onChange: (state: EstimateState) => void,
  delayMs = 500,
): Estimator {
  let asked = '';
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (request: ReconstructInput, mine: number) => {
    let next: EstimateState;
    try {
      next = { state: 'known', estimate: await call(request) };
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      next = { state: 'failed', message, hint: thrown instanceof HostError ? thrown.hint : null };
    }
    if (mine === turn) onChange(next);
  };
  return {
    ask: (request) => {
      const key = JSON.stringify(request);
      if (key === asked) return;
      asked = key;
      turn += 1;
      clearTimeout(timer);
      onChange({ state: 'waiting' });
      const mine = turn;
      timer = setTimeout(() => void run(request, mine), delayMs);
    },
    stop: () => {
      turn += 1;
      asked = '';
      clearTimeout(timer);
    },
  };
}
