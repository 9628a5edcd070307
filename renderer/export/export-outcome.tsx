/** How an export goes and what came of it. */
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { JobRecord } from '../../main/host/api/job.ts';
import { host } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { sizeText } from '../library/size-text.ts';

export const isUnderWay = ({ state }: JobRecord): boolean =>
  ['queued', 'running', 'paused', 'cancelling'].includes(state);

/** Warnings of the export itself; those of the result stand above already. */
function ownWarnings(job: JobRecord, known: readonly { code: string }[]): JobRecord['warnings'] {
  return job.warnings.filter(({ code }) => !known.some((each) => each.code === code));
}

export function ExportOutcome({ job, known }: { job: JobRecord; known: readonly { code: string }[] }) {
  if (isUnderWay(job))
    return (
      <div className="export-running">
        <ProgressBar label="Exporting" value={job.state === 'queued' ? null : job.fraction} detail={job.stage} />
        <Button
          isDisabled={job.state === 'cancelling'}
          onPress={() => void host().call('jobs.cancel', { id: job.id }).catch(toastError)}
        >
          Cancel
        </Button>
      </div>
    );
  if (job.state === 'cancelled') return <Notice tone="info">The export was cancelled. Nothing was kept.</Notice>;
  if (job.error !== null)
    return (
      <Notice tone="danger" live title={job.error.code === 'untrusted' ? 'Held back' : 'Not exported'}>
        <p>
          {job.error.message}. {job.error.hint}
        </p>
      </Notice>
    );
  return (
    <Notice tone="ok" live title={job.saved === null ? 'Ready to download' : `Saved in “${job.saved}”`}>
      {job.downloads.length > 0 && (
        <ul className="export-downloads">
          {job.downloads.map(({ key, name, bytes }) => (
            <li key={key}>
              <a className="export-download" href={dataRoutes.download(key)} download={name.split('/').at(-1)}>
                <Icon name="download" size={16} />
                {name} <span>{sizeText(bytes)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {ownWarnings(job, known).map(({ code, message }) => (
        <p key={code}>{message}</p>
      ))}
    </Notice>
  );
}
