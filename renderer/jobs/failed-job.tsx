/** Why a job failed, what to do, and a report to send that names no patient. */
import type { JobRecord } from '../../main/host/api/job.ts';
import { useSession } from '../app/session.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { copyText } from '../library/copy-text.ts';
import { failureReport } from './job-words.ts';

export function FailedJob({ job }: { job: JobRecord }) {
  const version = useSession((state) => state.app?.version ?? '');
  if (job.error === null) return null;
  const { code, message, hint } = job.error;
  return (
    <Notice tone="danger" title="The job failed" live>
      <p>{message}</p>
      {hint !== null && <p>{hint}</p>}
      <p className="field-help">
        Code: <code>{code}</code>
      </p>
      <div className="button-row">
        <Button icon={<Icon name="copy" size={16} />} onPress={() => copyText(failureReport(job, version))}>
          Copy report
        </Button>
      </div>
    </Notice>
  );
}
