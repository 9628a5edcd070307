/** The priors installed: what each is, how it fits a scan; importing and training more. */
import { useCallback, useEffect, useState } from 'react';
import type { CallOutput } from '../../main/host/api/api.ts';
import { host, useSession } from '../app/session.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { Panel } from '../components/panel.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { PriorCardView } from './prior-card.tsx';
import { TrainDialog } from './train-dialog.tsx';
import { TrainingRuns } from './training-runs.tsx';
import './priors.css';

type Card = CallOutput<'catalogue.priors'>['priors'][number];

export function PriorsPanel() {
  const [priors, setPriors] = useState<readonly Card[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [dialog, setDialog] = useState<'import' | 'train' | null>(null);
  // A finished import or training adds a prior: the list is read again when their number changes.
  const finished = useSession(
    (state) =>
      [...state.jobs.values()].filter(({ kind, state: now }) => /^prior-(import|train)$/.test(kind) && now === 'done')
        .length,
  );
  const read = useCallback(() => {
    host()
      .call('catalogue.priors', {})
      .then(
        (answer) => {
          setPriors(answer.priors);
          setProblem(null);
        },
        (thrown: unknown) => setProblem(thrown instanceof Error ? thrown.message : String(thrown)),
      );
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `finished` is why it runs again
  useEffect(read, [read, finished]);
  return (
    <Panel
      title="Priors"
      summary="What a reconstruction may know of images before it sees the data"
      footer={
        <div className="prior-actions">
          <Button icon={<Icon name="download" size={16} />} onPress={() => setDialog('import')}>
            Import…
          </Button>
          <Button icon={<Icon name="flask" size={16} />} onPress={() => setDialog('train')}>
            Train…
          </Button>
        </div>
      }
    >
      {problem !== null && (
        <Notice tone="danger" live>
          {problem}
        </Notice>
      )}
      <TrainingRuns />
      {priors === null && problem === null && <p className="library-empty">Reading…</p>}
      {priors?.length === 0 && <p className="library-empty">No prior is installed. Import one to begin.</p>}
      <ul className="prior-list" aria-label="Installed priors">
        {priors?.map((prior) => (
          <PriorCardView key={prior.name} prior={prior} />
        ))}
      </ul>
      <ImportDialog isOpen={dialog === 'import'} onClose={() => setDialog(null)} />
      <TrainDialog
        isOpen={dialog === 'train'}
        onClose={() => setDialog(null)}
        priors={priors?.map(({ name, title }) => ({ id: name, title })) ?? []}
      />
    </Panel>
  );
}
