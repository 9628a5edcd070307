/** From the selected scan or image to a result: settings, cost, progress, and what came out. */
import { useEffect, useState } from 'react';
import { openPanel } from '../app/frame-state.ts';
import { useSession } from '../app/session.ts';
import { useWorkspace } from '../app/workspace.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { Panel } from '../components/panel.tsx';
import { Tabs } from '../components/tabs.tsx';
import { FailedJob } from '../jobs/failed-job.tsx';
import { buildRequest } from './draft.ts';
import { loadDraft, useDrafts } from './drafts.ts';
import { EstimateLine } from './estimate-line.tsx';
import { registerResultCommands } from './panel-commands.ts';
import { ReconstructForm } from './reconstruct-form.tsx';
import { ResultSummary } from './result-summary.tsx';
import { RunningJob } from './running-job.tsx';
import { startReconstruction, useStarted } from './start-reconstruction.ts';
import { useEstimate } from './use-estimate.ts';
import './reconstruct.css';

registerResultCommands();

const waiting = ['queued', 'running', 'paused', 'cancelling'];

/** Jobs of reconstructions under way; those of the item first. */
function useRunning(item: string | null) {
  const jobs = useSession((state) => state.jobs);
  const started = useStarted((state) => state.items);
  return [...jobs.values()]
    .filter(({ kind, state }) => kind === 'reconstruct' && waiting.includes(state))
    .sort((a, b) => Number(started.get(b.id) === item) - Number(started.get(a.id) === item));
}

function Running({ item }: { item: string | null }) {
  const [job, ...others] = useRunning(item);
  const shown = useWorkspace((state) =>
    state.contents.some((content) => content !== null && 'job' in content && content.job === job?.id),
  );
  if (job === undefined) return null;
  return (
    <section className="running-card" aria-label="Running reconstruction">
      <h3>{job.title}</h3>
      <RunningJob job={job} />
      <div className="button-row">
        {!shown && job.state === 'running' && (
          <Button variant="quiet" onPress={() => useWorkspace.getState().show({ job: job.id })}>
            Show the running estimate
          </Button>
        )}
        {others.length > 0 && (
          <Button variant="quiet" onPress={() => openPanel('jobs')}>
            {`${others.length} more in the queue`}
          </Button>
        )}
      </div>
    </section>
  );
}

/** The last failed job that was started on the item in this page. */
function useFailure(jobId: string | null) {
  const job = useSession((state) => (jobId === null ? undefined : state.jobs.get(jobId)));
  return job?.state === 'failed' ? job : undefined;
}

function Nothing() {
  return (
    <Panel title="Reconstruct">
      <Running item={null} />
      <Notice tone="info" title="Nothing is selected">
        Choose a scan or an image in the library. Measured data are reconstructed as they are; from an image an
        undersampled scan is simulated first.
      </Notice>
      <Button onPress={() => openPanel('library')}>Open the library</Button>
    </Panel>
  );
}

function NewReconstruction({ item }: { item: string }) {
  const entry = useDrafts((state) => state.entries.get(item));
  const summary = useSession((state) => state.items.get(item));
  const device = useSession((state) => state.settings.device);
  const reference = useSession((state) => state.reference);
  const [problem, setProblem] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const [last, setLast] = useState<string | null>(null);
  const failed = useFailure(last);
  const revision = summary?.revision;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is described anew
  useEffect(() => {
    let current = true;
    setProblem(null);
    setLast(null);
    loadDraft(item).catch((thrown: unknown) => {
      if (current) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
    });
    return () => {
      current = false;
    };
  }, [item, revision]);
  const request =
    entry === undefined ? null : buildRequest(entry.description, entry.draft, entry.methods, { device, reference });
  const estimate = useEstimate(request);
  const refused = estimate.state === 'known' && !estimate.estimate.fits;
  const start = async () => {
    setStarting(true);
    setLast(await startReconstruction(item));
    setStarting(false);
  };
  return (
    <div className="reconstruct-body">
      <Running item={item} />
      <div className="reconstruct-scroll">
        {failed !== undefined && <FailedJob job={failed} />}
        {problem !== null && (
          <Notice tone="danger" title="This cannot be reconstructed" live>
            {problem}
          </Notice>
        )}
        {entry === undefined || request === null ? (
          problem === null && <p className="field-help">Reading…</p>
        ) : (
          <ReconstructForm item={entry.description} draft={entry.draft} methods={entry.methods} request={request} />
        )}
      </div>
      {request !== null && (
        <footer className="panel-footer">
          <EstimateLine state={estimate} />
          <Button
            variant="primary"
            size="large"
            icon={<Icon name="reconstruct" />}
            isDisabled={refused || starting || summary?.problem != null}
            onPress={() => void start()}
          >
            Reconstruct
          </Button>
        </footer>
      )}
    </div>
  );
}

export function ReconstructPanel() {
  const selected = useSession((state) => state.selected);
  const kind = useSession((state) => (state.selected === null ? undefined : state.items.get(state.selected)?.kind));
  if (selected === null || kind === undefined) return <Nothing />;
  if (kind === 'result')
    return (
      <Panel title="Reconstruct">
        <Tabs
          label="Result"
          pages={[
            {
              id: 'result',
              title: 'Result',
              content: (
                <>
                  <Running item={selected} />
                  <ResultSummary key={selected} />
                </>
              ),
            },
            { id: 'again', title: 'Use as source', content: <NewReconstruction key={selected} item={selected} /> },
          ]}
        />
      </Panel>
    );
  if (kind === 'solution')
    return (
      <Panel title="Reconstruct">
        <Notice tone="info" title="This is the result of a solver">
          Choose a scan or an image to reconstruct it.
        </Notice>
        <Button onPress={() => openPanel('solvers')}>Show it in the solvers panel</Button>
      </Panel>
    );
  return (
    <section className="panel" aria-label="Reconstruct">
      <header className="panel-head">
        <div className="panel-title">
          <h2>Reconstruct</h2>
        </div>
      </header>
      <NewReconstruction key={selected} item={selected} />
    </section>
  );
}
