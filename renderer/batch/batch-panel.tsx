/** Many scans with the same settings: folder in, folder out. */
import { useEffect, useState } from 'react';
import { host, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { NumberField } from '../components/number-field.tsx';
import { Panel } from '../components/panel.tsx';
import { Select } from '../components/select.tsx';
import { Switch } from '../components/switch.tsx';
import { CommandButton } from '../reconstruct/command-button.tsx';
import { defaultDraft, type MethodList } from '../reconstruct/draft.ts';
import { SettingsForm } from '../reconstruct/settings-form.tsx';
import { batchRequest, drySummary, useBatch } from './batch-draft.ts';
import { BatchRun } from './batch-run.tsx';
import { FolderField } from './folder-field.tsx';
import './batch.css';

/** Methods for scans of the kind; the draft is made anew when they change. */
function useMethods(measured: 'MRI' | 'CT') {
  const [methods, setMethods] = useState<MethodList | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    host()
      .call('catalogue.methods', { measured })
      .then(
        (found) => {
          if (!current) return;
          setMethods(found);
          const { draft } = useBatch.getState();
          if (draft === null || !found.methods.some(({ id }) => id === draft.method))
            useBatch.setState({ draft: defaultDraft(found) });
        },
        (thrown: unknown) => {
          if (current) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
        },
      );
    return () => {
      current = false;
    };
  }, [measured]);
  return { methods, problem };
}

/** What lies at the top of a folder; null while that is not known. */
function useEntries(handle: string | null) {
  const [entries, setEntries] = useState<{ files: number; folders: number } | null>(null);
  useEffect(() => {
    let current = true;
    setEntries(null);
    if (handle === null) return;
    host()
      .call('files.browse', { handle })
      .then(
        ({ entries: found }) => {
          const files = found.filter(({ kind }) => kind === 'file').length;
          if (current) setEntries({ files, folders: found.length - files });
        },
        () => {},
      );
    return () => {
      current = false;
    };
  }, [handle]);
  return entries;
}

/** The batch looked at: the one started last, else the newest. */
function useJob() {
  const chosen = useBatch((state) => state.job);
  const jobs = useSession((state) => state.jobs);
  const batches = [...jobs.values()]
    .filter(({ kind }) => kind === 'batch')
    .sort((a, b) => b.created.localeCompare(a.created));
  return { batches, job: batches.find(({ id }) => id === chosen) ?? batches[0] };
}

function BatchSettings({ methods }: { methods: MethodList | null }) {
  const batch = useBatch();
  const ct = batch.measured === 'CT';
  return (
    <>
      <div className="field-grid">
        <Select
          label="Scans are"
          options={[
            { id: 'MRI', title: 'MRI' },
            { id: 'CT', title: 'CT' },
          ]}
          value={batch.measured}
          onChange={(id) => useBatch.setState({ measured: id === 'CT' ? 'CT' : 'MRI', draft: null })}
        />
        <NumberField
          label="At a time"
          minValue={1}
          maxValue={64}
          step={1}
          value={batch.concurrency}
          onChange={(concurrency) => {
            if (!Number.isNaN(concurrency)) useBatch.setState({ concurrency });
          }}
        />
      </div>
      <Switch
        label="Simulate scans from images"
        help="For folders of DICOM or NIfTI images, which hold no measured data."
        isSelected={batch.simulate}
        onChange={(simulate) => useBatch.setState({ simulate })}
      />
      <Switch
        label="Watch the folder"
        help="Take scans that arrive later, until the batch is cancelled."
        isSelected={batch.watch}
        onChange={(watch) => useBatch.setState({ watch })}
      />
      {methods !== null && batch.draft !== null && (
        <SettingsForm
          draft={batch.draft}
          methods={{ ...methods, needsSimulation: batch.simulate }}
          ct={ct}
          change={(part) =>
            useBatch.setState((state) => (state.draft === null ? {} : { draft: { ...state.draft, ...part } }))
          }
        />
      )}
    </>
  );
}

export function BatchPanel() {
  const batch = useBatch();
  const device = useSession((state) => state.settings.device);
  const { methods, problem } = useMethods(batch.measured);
  const entries = useEntries(batch.folder?.handle ?? null);
  const { batches, job } = useJob();
  const [starting, setStarting] = useState(false);
  const request = methods === null ? null : batchRequest(batch, methods, device);
  const start = async () => {
    if (request === null) return;
    setStarting(true);
    try {
      const { id } = await host().call('jobs.start', request);
      useBatch.setState({ job: id });
    } catch (thrown) {
      toastError(thrown);
    }
    setStarting(false);
  };
  return (
    <Panel
      title="Batch"
      summary="The same settings for every scan of a folder"
      footer={
        <>
          <p className="estimate">
            {request === null ? 'Choose the folder with the scans.' : drySummary(batch, entries)}
          </p>
          <div className="button-row">
            <Button
              variant="primary"
              size="large"
              icon={<Icon name="batch" />}
              isDisabled={request === null || starting}
              onPress={() => void start()}
            >
              Start the batch
            </Button>
            {request !== null && <CommandButton request={request} />}
          </div>
        </>
      }
    >
      {problem !== null && (
        <Notice tone="danger" live>
          {problem}
        </Notice>
      )}
      {batches.length > 1 && job !== undefined && (
        <Select
          label="Batch shown"
          options={batches.map(({ id, title, created }) => ({
            id,
            title,
            summary: new Date(created).toLocaleString(),
          }))}
          value={job.id}
          onChange={(id) => useBatch.setState({ job: id })}
        />
      )}
      {job !== undefined && <BatchRun job={job} />}
      <Disclosure title="New batch" defaultOpen={job === undefined}>
        <FolderField
          label="Folder in"
          help="Searched with everything below it."
          empty="not chosen"
          purpose="read"
          value={batch.folder}
          onChange={(folder) => useBatch.setState({ folder })}
        />
        <FolderField
          label="Folder out"
          help="One folder per scan is written here."
          empty="results of the library"
          purpose="write"
          value={batch.out}
          onChange={(out) => useBatch.setState({ out })}
        />
        <BatchSettings methods={methods} />
      </Disclosure>
    </Panel>
  );
}
