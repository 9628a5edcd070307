/** A batch under way or over: progress, its scans, and what can be done about those that failed. */
import type { JobRecord } from '../../main/host/api/job.ts';
import { host } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { FailedJob } from '../jobs/failed-job.tsx';
import { stateTones, stateWords } from '../jobs/job-words.ts';
import { jobCall, RunningJob } from '../reconstruct/running-job.tsx';
import { useBatch } from './batch-draft.ts';
import { BatchRows, rowsSummary } from './batch-rows.tsx';

export function BatchRun({ job }: { job: JobRecord }) {
  const over = job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
  const failed = job.rows.filter(({ state }) => state === 'failed').length;
  const retry = () => {
    host()
      .call('jobs.retry', { id: job.id })
      .then(({ id }) => useBatch.setState({ job: id }), toastError);
  };
  return (
    <section className="batch-run" aria-label="Batch">
      <div className="job-head">
        <div className="job-title">
          <h3>{job.title}</h3>
          <p className="field-help" role="status">
            {rowsSummary(job.rows)}
          </p>
        </div>
        <Badge tone={stateTones[job.state]}>{stateWords[job.state]}</Badge>
      </div>
      {!over && <RunningJob job={job} />}
      <FailedJob job={job} />
      <div className="job-controls">
        {over && failed > 0 && (
          <Button variant="primary" icon={<Icon name="reset" size={16} />} onPress={retry}>
            {`Retry ${failed} failed`}
          </Button>
        )}
        {over && job.resumable && (
          <Button icon={<Icon name="play" size={16} />} onPress={() => jobCall('jobs.resume', job.id)}>
            Resume
          </Button>
        )}
      </div>
      <BatchRows job={job} />
    </section>
  );
}
