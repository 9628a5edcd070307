/** A job while it runs: how far, how long, how much memory; pause, go on, cancel. */
import { useState } from 'react';
import type { JobRecord } from '../../main/host/api/job.ts';
import { host } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { jobFacts, stageText } from '../jobs/job-words.ts';

/** Calls that change a job; failures become toasts. */
export function jobCall(name: 'jobs.pause' | 'jobs.resume' | 'jobs.remove', id: string): void {
  host().call(name, { id }).catch(toastError);
}

function CancelDialog({ job, isOpen, onClose }: { job: JobRecord; isOpen: boolean; onClose: () => void }) {
  const cancel = (keepPartial: boolean) => {
    host().call('jobs.cancel', { id: job.id, keepPartial }).catch(toastError);
    onClose();
  };
  return (
    <Dialog
      title="Cancel this job?"
      isOpen={isOpen}
      onClose={onClose}
      role="alertdialog"
      width="narrow"
      actions={
        <>
          <Button autoFocus onPress={onClose}>
            Go on
          </Button>
          <Button onPress={() => cancel(true)}>Cancel, keep what there is</Button>
          <Button variant="danger" onPress={() => cancel(false)}>
            Cancel
          </Button>
        </>
      }
    >
      <p>It stops within two seconds. Unless you keep what there is so far, nothing is left of it.</p>
    </Dialog>
  );
}

export function JobControls({ job }: { job: JobRecord }) {
  const [asking, setAsking] = useState(false);
  const active = job.state === 'running' || job.state === 'queued' || job.state === 'paused';
  // An export leaves nothing behind that could be kept.
  const asks = job.kind === 'reconstruct' && job.state !== 'queued';
  return (
    <div className="job-controls">
      {job.state === 'running' && (
        <Button icon={<Icon name="pause" size={16} />} onPress={() => jobCall('jobs.pause', job.id)}>
          Pause
        </Button>
      )}
      {job.state === 'paused' && (
        <Button icon={<Icon name="play" size={16} />} onPress={() => jobCall('jobs.resume', job.id)}>
          Resume
        </Button>
      )}
      {active && (
        <Button
          icon={<Icon name="stop" size={16} />}
          onPress={() => {
            if (asks) setAsking(true);
            else host().call('jobs.cancel', { id: job.id }).catch(toastError);
          }}
        >
          Cancel
        </Button>
      )}
      <CancelDialog job={job} isOpen={asking && active} onClose={() => setAsking(false)} />
    </div>
  );
}

export function RunningJob({ job }: { job: JobRecord }) {
  return (
    <div className="running-job">
      <ProgressBar
        label={stageText(job)}
        value={job.state === 'queued' ? 0 : job.fraction}
        detail={`${Math.round(100 * job.fraction)} %`}
      />
      <dl className="fact-grid">
        {jobFacts(job).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {job.note !== null && <p className="field-help">{job.note}</p>}
      <JobControls job={job} />
    </div>
  );
}
