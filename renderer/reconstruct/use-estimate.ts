/** The cost of a request while it is being put together. */
import { useEffect, useRef, useState } from 'react';
import { host } from '../app/session.ts';
import type { ReconstructInput } from './draft.ts';
import { createEstimator, type EstimateState, type Estimator } from './estimator.ts';

/** Null request: nothing is asked. */
export function useEstimate(request: ReconstructInput | null): EstimateState {
  const [state, setState] = useState<EstimateState>({ state: 'waiting' });
  const estimator = useRef<Estimator | null>(null);
  const key = request === null ? '' : JSON.stringify(request);
  useEffect(() => {
    const made = createEstimator((asked) => host().call('jobs.estimate', asked), setState);
    estimator.current = made;
    return () => made.stop();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the request
  useEffect(() => {
    if (request !== null) estimator.current?.ask(request);
  }, [key]);
  return state;
}
