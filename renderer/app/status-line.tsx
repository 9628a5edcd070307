/** The bottom line: running jobs, the way to the host, and the notice that is always there. */
import { Button as AriaButton } from 'react-aria-components';
import { Icon } from '../components/icon.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { openPanel } from './frame-state.ts';
import { useSession } from './session.ts';
import './status-line.css';

export const notice = 'Research use only – not for diagnostic use';

function left(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 90) return `, ${Math.max(1, Math.round(seconds))} s left`;
  return `, ${Math.round(seconds / 60)} min left`;
}

function Jobs() {
  const jobs = useSession((state) => state.jobs);
  const running = [...jobs.values()].filter((job) => job.state === 'running' || job.state === 'cancelling');
  const queued = [...jobs.values()].filter((job) => job.state === 'queued').length;
  const [first] = running;
  if (first === undefined)
    return <span className="status-quiet">{queued === 0 ? 'No job runs' : `${queued} waiting`}</span>;
  const others = running.length - 1 + queued;
  return (
    <AriaButton className="status-job" onPress={() => openPanel('jobs')}>
      <span className="status-title">{first.title}</span>
      <ProgressBar label={`Progress of ${first.title}`} hideLabel value={first.fraction} />
      <span className="status-quiet">
        {Math.round(first.fraction * 100)} %{left(first.remainingSeconds)}
        {others > 0 ? ` · ${others} more` : ''}
      </span>
    </AriaButton>
  );
}

export function StatusLine() {
  const connected = useSession((state) => state.connected);
  const app = useSession((state) => state.app);
  return (
    <footer className="status">
      <Jobs />
      <span className="status-space" />
      <strong className="status-notice">{app?.notice || notice}</strong>
      <span className={connected ? 'status-connection' : 'status-connection status-lost'} role="status">
        <Icon name={connected ? 'ok' : 'warning'} size={14} />
        {connected ? (app?.host === 'electron' ? 'This computer' : 'Connected') : 'Connection lost, trying again…'}
      </span>
    </footer>
  );
}
