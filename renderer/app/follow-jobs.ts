/** Says when a job ends, and puts its result in place of the running estimate the viewports show. */
import type { JobRecord } from '../../main/host/api/job.ts';
import { showItem } from '../library/show-item.ts';
import { announce } from './announce.ts';
import { openPanel, useFrame } from './frame-state.ts';
import { type Panel, useSession } from './session.ts';
import { toast } from './toasts.ts';
import { useWorkspace } from './workspace.ts';

const ended = (state: JobRecord['state'] | undefined) =>
  state === 'done' || state === 'failed' || state === 'cancelled';

const panelOf: Readonly<Record<JobRecord['kind'], Panel>> = {
  reconstruct: 'reconstruct',
  solve: 'solvers',
  batch: 'batch',
  export: 'export',
  'prior-check': 'priors',
  'prior-import': 'priors',
  'prior-train': 'priors',
};

/** The open panel already says how the job ended, warnings and all; a note would only cover the images. */
function shownInPanel({ kind }: JobRecord): boolean {
  const { panel } = useSession.getState();
  return useFrame.getState().sideOpen && (panel === panelOf[kind] || panel === 'jobs');
}

function tell(job: JobRecord): void {
  const { result } = job;
  const jobs = { title: 'Show jobs', run: () => openPanel('jobs') };
  if (job.state === 'failed') {
    toast(job.error?.message ?? `${job.title} failed.`, 'danger', {
      action: jobs,
      ...(job.error?.hint == null ? {} : { hint: job.error.hint }),
    });
  } else if (job.state === 'done') {
    const warned = job.warnings.length > 0;
    const text = warned ? `${job.title}: done, with warnings.` : `${job.title}: done.`;
    if (shownInPanel(job)) {
      announce(text);
      return;
    }
    toast(text, warned ? 'warning' : 'ok', {
      action: result === null ? jobs : { title: 'Show', run: () => void showItem(result) },
      ...(warned ? { hint: job.warnings[0].message } : {}),
    });
  }
}

/** A viewport that shows the running job gets its result. */
function replaceLive(job: JobRecord): void {
  const { contents, forget } = useWorkspace.getState();
  if (!contents.some((content) => content !== null && 'job' in content && content.job === job.id)) return;
  if (job.state === 'done' && job.result !== null) void showItem(job.result);
  else forget(job.id);
}

/** Returns the way to stop. */
export function followJobs(): () => void {
  return useSession.subscribe((state, before) => {
    if (state.jobs === before.jobs) return;
    for (const job of state.jobs.values()) {
      const old = before.jobs.get(job.id);
      // Jobs that had ended before the page was opened are no news.
      if (old === undefined || ended(old.state) || !ended(job.state)) continue;
      tell(job);
      replaceLive(job);
    }
  });
}
