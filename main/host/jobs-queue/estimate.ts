/** Time and memory a request would take here. */
import { EngineError } from '../../../engine/errors.ts';
import type { CallOutput, CallRequest } from '../api/api.ts';
import type { JobSurroundings } from './job-run.ts';

export interface Estimator {
  estimate(request: CallRequest<'jobs.estimate'>): Promise<CallOutput<'jobs.estimate'>>;
  dispose(): Promise<void>;
}

export function createEstimator(_around: JobSurroundings): Estimator {
  return {
    estimate: async () => {
      throw new EngineError('unsupported', 'not estimated');
    },
    dispose: async () => {},
  };
}
