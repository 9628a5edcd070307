/** One job of the queue. */
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { JobRecord } from '../../main/host/api/job.ts';
import { openPanel } from '../app/frame-state.ts';
import { host } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { Notice } from '../components/notice.tsx';
import { showItem } from '../library/show-item.ts';
import { sizeText } from '../library/size-text.ts';
import { jobCall, RunningJob } from '../reconstruct/running-job.tsx';
import { durationText } from './duration-text.ts';
import { FailedJob } from './failed-job.tsx';
import { stateTones, stateWords } from './job-words.ts';

const kindWords: Readonly<Record<JobRecord['kind'], string>> = {
  reconstruct: 'Reconstruction',
  solve: 'Solver',
  batch: 'Batch',
  export: 'Export',
  'prior-check': 'Check of a prior',
  'prior-import': 'Import of a prior',
  'prior-train': 'Training of a prior',
};

function openJobResult(job: JobRecord): void {
  if (job.result === null) return;
  if (job.kind === 'solve') openPanel('solvers');
  void showItem(job.result);
}

function Downloads({ job }: { job: JobRecord }) {
  if (job.downloads.length === 0) return null;
  return (
    <ul className="job-downloads" aria-label="Downloads">
      {job.downloads.map(({ key, name, bytes }) => (
        <li key={key}>
          <a className="job-download" href={dataRoutes.download(key)} download={name}>
            <Icon name="download" size={16} />
            {name}
          </a>
          <span className="field-help">{sizeText(bytes)}</span>
        </li>
      ))}
    </ul>
  );
}

function Ended({ job }: { job: JobRecord }) {
  const retry = () => {
    host()
      .call('jobs.retry', { id: job.id })
      .catch((thrown: unknown) => toastError(thrown));
  };
  return (
    <>
      {job.warnings.map(({ code, message }) => (
        <Notice key={`${code} ${message}`} tone="warning">
          {message}
        </Notice>
      ))}
      <FailedJob job={job} />
      {job.saved !== null && <p>{`Saved as ${job.saved}`}</p>}
      <Downloads job={job} />
      <div className="job-controls">
        {job.result !== null && (
          <Button icon={<Icon name="open" size={16} />} onPress={() => openJobResult(job)}>
            Open result
          </Button>
        )}
        {job.kind === 'batch' && (
          <Button icon={<Icon name="batch" size={16} />} onPress={() => openPanel('batch')}>
            Show the batch
          </Button>
        )}
        {(job.state === 'failed' || job.state === 'cancelled') && (
          <>
            {job.resumable && (
              <Button icon={<Icon name="play" size={16} />} onPress={() => jobCall('jobs.resume', job.id)}>
                Resume
              </Button>
            )}
            <Button icon={<Icon name="reset" size={16} />} onPress={retry}>
              Retry
            </Button>
          </>
        )}
      </div>
    </>
  );
}

export function JobCard({ job }: { job: JobRecord }) {
  const over = job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
  return (
    <li className="job-card" aria-label={`${job.title}, ${stateWords[job.state]}`}>
      <div className="job-head">
        <div className="job-title">
          <h3>{job.title}</h3>
          <p className="field-help">
            {kindWords[job.kind]}
            {over ? `, ${durationText(job.elapsedSeconds)}` : ''}
            {`, ${new Date(job.created).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}`}
          </p>
        </div>
        <Badge tone={stateTones[job.state]}>{stateWords[job.state]}</Badge>
        {over && (
          <IconButton
            label={`Remove ${job.title} from the list`}
            icon="close"
            onPress={() => jobCall('jobs.remove', job.id)}
          />
        )}
      </div>
      {over ? <Ended job={job} /> : <RunningJob job={job} />}
    </li>
  );
}
