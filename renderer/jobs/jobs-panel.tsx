/** The queue: what runs, what waits, what came out and what failed. */
import { useSession } from '../app/session.ts';
import { Notice } from '../components/notice.tsx';
import { Panel } from '../components/panel.tsx';
import { JobCard } from './job-card.tsx';
import './jobs.css';

const order = ['running', 'cancelling', 'paused', 'queued', 'failed', 'done', 'cancelled'];

export function JobsPanel() {
  const jobs = useSession((state) => state.jobs);
  const sorted = [...jobs.values()].sort(
    (a, b) =>
      Number(order.indexOf(a.state) > 3) - Number(order.indexOf(b.state) > 3) ||
      (order.indexOf(a.state) > 3
        ? b.created.localeCompare(a.created)
        : order.indexOf(a.state) - order.indexOf(b.state)) ||
      a.created.localeCompare(b.created),
  );
  const running = sorted.filter(({ state }) => state === 'running').length;
  const queued = sorted.filter(({ state }) => state === 'queued').length;
  return (
    <Panel title="Jobs" summary={`${running} running, ${queued} waiting`}>
      {sorted.length === 0 && (
        <Notice tone="info" title="No jobs yet">
          Reconstructions, exports, batches and solvers appear here with their progress.
        </Notice>
      )}
      <ul className="job-list" aria-label="Jobs">
        {sorted.map((job) => (
          <JobCard key={job.id} job={job} />
        ))}
      </ul>
    </Panel>
  );
}
