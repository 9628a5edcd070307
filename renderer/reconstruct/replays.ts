/** Results computed again, to see whether their bytes agree. */
import { z } from 'zod';
import { create } from 'zustand';
import type { JobRecord } from '../../main/host/api/job.ts';
import { host } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { replaySentence } from './result-sentences.ts';
import { whenOver } from './start-reconstruction.ts';

const found = z.looseObject({
  equal: z.boolean(),
  sameInput: z.boolean(),
  files: z.array(z.looseObject({ name: z.string(), equal: z.boolean() })),
});
export type ReplayFound = z.output<typeof found>;

/** Result → the job that computes it again. */
export const useReplays = create<{ jobs: ReadonlyMap<string, string> }>(() => ({ jobs: new Map() }));

/** What a finished replay found; undefined for anything else. */
export function replayFound(job: JobRecord | undefined): ReplayFound | undefined {
  const parsed = found.safeParse(job?.output);
  return parsed.success ? parsed.data : undefined;
}

export async function replayResult(result: string): Promise<void> {
  try {
    const { id } = await host().call('results.replay', { id: result });
    useReplays.setState((state) => ({ jobs: new Map([...state.jobs, [result, id]]) }));
    toast('Replaying this result; it will be compared with what is here.', 'info');
    whenOver(id, (job) => {
      const outcome = replayFound(job);
      if (outcome !== undefined) toast(replaySentence(outcome), outcome.equal ? 'ok' : 'warning');
      else if (job?.state === 'failed') toast(`The replay failed: ${job.error?.message ?? 'unknown'}`, 'danger');
    });
  } catch (thrown) {
    toastError(thrown);
  }
}
