/** The running estimate of a job in a viewport: fetched at most as fast as it can be shown, and marked as unfinished. */
import { useEffect, useState } from 'react';
import type { JobRecord } from '../../main/host/api/job.ts';
import { useSession } from '../app/session.ts';
import { liveSource } from './source/live-source.ts';
import type { Resolved } from './source/resolve-source.ts';

const ended: readonly JobRecord['state'][] = ['done', 'failed', 'cancelled'];

export function useLivePreview(job: string | null): Resolved | null {
  const revision = useSession((state) => (job === null ? null : (state.jobs.get(job)?.preview?.revision ?? null)));
  const [resolved, setResolved] = useState<Resolved | null>(null);
  useEffect(() => {
    if (job === null) setResolved(null);
    const record = job === null || revision === null ? undefined : useSession.getState().jobs.get(job);
    if (record === undefined) return;
    let gone = false;
    liveSource(record).then(
      (source) => {
        if (!gone && source !== null) setResolved({ source, overlay: null });
      },
      // A revision that is already replaced is gone; the next one comes.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [job, revision]);
  return resolved;
}

/** How far the job is. */
export function LiveState({ job }: { job: string }) {
  const record = useSession((state) => state.jobs.get(job));
  if (record === undefined) return <span className="viewport-live">The job is no longer in the list</span>;
  const step = record.step === null ? '' : ` · step ${record.step.index}/${record.step.count}`;
  const over = ended.includes(record.state);
  return (
    <span className="viewport-live" data-state={record.state}>
      {over ? record.state : 'not finished'}
      {step}
      {over ? '' : ` · ${record.stage}`}
    </span>
  );
}
