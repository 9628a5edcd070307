/** Trainings that run or ended in this session, each with its curves as they grow. */
import type { JobRecord } from '../../main/host/api/job.ts';
import { host, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { CurvePlot } from './curve-plot.tsx';

function Run({ job }: { job: JobRecord }) {
  const active = ['queued', 'running', 'paused'].includes(job.state);
  const act = (call: 'jobs.pause' | 'jobs.resume') => () => {
    host().call(call, { id: job.id }).catch(toastError);
  };
  return (
    <li className="prior">
      <header className="prior-head">
        <h3>{job.title}</h3>
        <span className="field-help">{job.state}</span>
      </header>
      {active && (
        <ProgressBar
          label={job.stage || 'Training'}
          value={job.fraction}
          {...(job.step === null ? {} : { detail: `step ${job.step.index} of ${job.step.count}` })}
        />
      )}
      {Object.entries(job.curves).map(([name, points]) => (
        <CurvePlot key={name} name={name} points={points} />
      ))}
      {job.error !== null && (
        <Notice tone="danger" title={job.error.message}>
          {job.error.hint}
        </Notice>
      )}
      {active && (
        <div className="prior-actions">
          {job.state === 'running' && <Button onPress={act('jobs.pause')}>Pause</Button>}
          {job.state === 'paused' && <Button onPress={act('jobs.resume')}>Go on</Button>}
          <Button
            variant="danger"
            onPress={() => {
              host().call('jobs.cancel', { id: job.id }).catch(toastError);
            }}
          >
            Stop
          </Button>
        </div>
      )}
    </li>
  );
}

export function TrainingRuns() {
  const jobs = useSession((state) => state.jobs);
  const runs = [...jobs.values()].filter(({ kind }) => kind === 'prior-train');
  if (runs.length === 0) return null;
  return (
    <ul className="prior-list" aria-label="Trainings">
      {runs.map((job) => (
        <Run key={job.id} job={job} />
      ))}
    </ul>
  );
}
