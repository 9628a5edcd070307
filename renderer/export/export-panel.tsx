/** From what is on the screen to files: a format, what goes with it, a look at the pixels, and the result. */
import { useEffect, useState } from 'react';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { describeItem, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { useWorkspace } from '../app/workspace.ts';
import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { Panel } from '../components/panel.tsx';
import { Select } from '../components/select.tsx';
import { ContentsList } from './contents-list.tsx';
import { exportContents } from './export-contents.ts';
import { type ExportFormat, type FormatCard, formatCards } from './export-formats.ts';
import { useMeasurementsOn, useShownSlice } from './export-inputs.ts';
import { ExportOutcome, isUnderWay } from './export-outcome.tsx';
import { FormatChoice } from './format-choice.tsx';
import { PixelReview } from './pixel-review.tsx';
import { startExport } from './start-export.ts';
import './export.css';

/** Pictures of these kinds are refused by the host until somebody has looked. */
const drawnModalities = ['US', 'IVUS', 'SC', 'XC', 'ES', 'GM', 'DOC', 'OP', 'OT', 'HC'];

/** The description of the selected item, once it is there. */
function useDescription(id: string | null): { item: ItemDescription | undefined; failed: string | null } {
  const item = useSession((state) => (id === null ? undefined : state.descriptions.get(id)));
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    setFailed(null);
    if (id === null || item !== undefined) return;
    describeItem(id).catch((thrown: unknown) => setFailed(thrown instanceof Error ? thrown.message : String(thrown)));
  }, [id, item]);
  return { item, failed };
}

/** What the active viewport shows of the item, else its first component. */
function firstComponent(item: ItemDescription): string {
  const { contents, active } = useWorkspace.getState();
  const content = contents[active];
  const shown = content !== null && 'item' in content && content.item === item.id ? content.component : undefined;
  const names = item.components.map(({ name }) => name);
  return shown !== undefined && names.includes(shown) ? shown : (names[0] ?? 'image');
}

function ExportForm({ item }: { item: ItemDescription }) {
  const measurements = useMeasurementsOn(item.id);
  const jobs = useSession((state) => state.jobs);
  const electron = useSession((state) => state.app?.host === 'electron');
  const cards = formatCards(item, measurements.length);
  const [format, setFormat] = useState<ExportFormat>(
    () => cards.find((card) => card.unavailable === null)?.id ?? 'npy',
  );
  const [component, setComponent] = useState(() => firstComponent(item));
  const [shiftDates, setShiftDates] = useState(false);
  const [reviewed, setReviewed] = useState(false);
  const [oneSlice, setOneSlice] = useState(true);
  const [reviewOpen, setReviewOpen] = useState(false);
  const [started, setStarted] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const card = cards.find(({ id }) => id === format) as FormatCard;
  const slice = useShownSlice(item.id, component);
  const job = started === null ? undefined : jobs.get(started);
  const held = job?.error?.code === 'untrusted';
  const suspicious = card.needsReview && item.kind === 'series' && drawnModalities.includes(item.modality);
  const contents = exportContents(item, format);
  const busy = asking || (job !== undefined && isUnderWay(job));
  useEffect(() => {
    if (held || suspicious) setReviewOpen(true);
  }, [held, suspicious]);

  const start = async () => {
    setAsking(true);
    try {
      const choice = { item, format, component, shiftDates, pixelsReviewed: reviewed, measurements };
      const id = await startExport({ ...choice, slice: oneSlice ? slice : null });
      if (id !== null) setStarted(id);
    } catch (thrown) {
      toastError(thrown);
    } finally {
      setAsking(false);
    }
  };

  return (
    <Panel
      title="Export"
      summary={item.title}
      footer={
        <>
          {job !== undefined && <ExportOutcome job={job} known={contents.warnings} />}
          <Button
            variant="primary"
            size="large"
            icon={<Icon name={electron ? 'export' : 'download'} size={18} />}
            isDisabled={busy || card.unavailable !== null || (suspicious && !reviewed)}
            onPress={() => void start()}
          >
            {electron ? 'Choose a folder and save' : 'Make the files'}
          </Button>
          {suspicious && !reviewed && <p className="field-help">Look at the pixels first.</p>}
        </>
      }
    >
      <FormatChoice cards={cards} value={format} onChange={setFormat} />
      {card.takesComponent && item.components.length > 1 && (
        <Select
          label="What to export"
          options={item.components.map(({ name, title, unit }) => ({ id: name, title, summary: unit }))}
          value={component}
          onChange={setComponent}
        />
      )}
      {format === 'png' && (
        <Checkbox
          label="Only the slice shown, through its window"
          help={
            slice === null
              ? 'Show the item in a viewport to export one slice; until then all slices go on one sheet.'
              : `Slice ${slice.slice + 1}`
          }
          isDisabled={slice === null}
          isSelected={oneSlice && slice !== null}
          onChange={setOneSlice}
        />
      )}
      {format === 'dicom-sr' && measurements.length > 0 && (
        <p className="field-help">
          {measurements.length === 1 ? 'One measurement' : `${measurements.length} measurements`} on this item.
        </p>
      )}
      {format === 'dicom-deidentified' && (
        <Checkbox
          label="Keep dates, shifted"
          help="Every date moves by one random number of days per patient, so the time between scans stays true. Otherwise dates are removed."
          isSelected={shiftDates}
          onChange={setShiftDates}
        />
      )}
      {card.needsReview && item.kind !== 'scan' && (
        <Disclosure
          title="Check the pixels for text"
          detail={reviewed ? 'looked at' : suspicious || held ? 'needed' : 'if in doubt'}
          isOpen={reviewOpen}
          onOpenChange={setReviewOpen}
        >
          {reviewOpen && <PixelReview item={item} component={component} reviewed={reviewed} onReviewed={setReviewed} />}
        </Disclosure>
      )}
      <ContentsList contents={contents} />
    </Panel>
  );
}

export function ExportPanel() {
  const selected = useSession((state) => state.selected);
  const known = useSession((state) => selected !== null && state.items.has(selected));
  const { item, failed } = useDescription(known ? selected : null);
  if (item !== undefined && item.problem === null) return <ExportForm key={item.id} item={item} />;
  return (
    <Panel title="Export">
      {failed !== null ? (
        <Notice tone="danger" title="The item cannot be read">
          {failed}
        </Notice>
      ) : item?.problem != null ? (
        <Notice tone="warning" title="This item cannot be exported">
          {item.problem}
        </Notice>
      ) : (
        <p className="field-help">
          {known ? 'Reading the item…' : 'Choose an item in the library, or show a result, to export it.'}
        </p>
      )}
    </Panel>
  );
}
