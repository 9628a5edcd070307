/** Settings of one item's next reconstruction. */
import type { ItemDescription } from '../../main/host/api/item.ts';
import { Button } from '../components/button.tsx';
import { CommandButton } from './command-button.tsx';
import { ReferencePicker } from './comparison-fields.tsx';
import { type Draft, isCt, type MethodList, type ReconstructInput } from './draft.ts';
import { changeDraft, resetDraft } from './drafts.ts';
import { SliceChoice } from './extent-fields.tsx';
import { scanSummary } from './scan-summary.ts';
import { SettingsForm } from './settings-form.tsx';

export interface ReconstructFormProps {
  item: ItemDescription;
  draft: Draft;
  methods: MethodList;
  request: ReconstructInput;
}

export function ScanFacts({ item }: { item: ItemDescription }) {
  const { sentence, facts } = scanSummary(item);
  return (
    <section className="scan-facts" aria-label="Scan">
      <p className="scan-title">{item.title}</p>
      <p>{sentence}</p>
      <dl className="fact-list">
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function ReconstructForm({ item, draft, methods, request }: ReconstructFormProps) {
  const change = (part: Partial<Draft>) => changeDraft(item.id, part);
  return (
    <>
      <ScanFacts item={item} />
      <SettingsForm draft={draft} methods={methods} change={change} ct={isCt(item)}>
        {methods.needsSimulation ? (
          <p className="field-help">The image itself is the reference: errors are measured against it.</p>
        ) : (
          <ReferencePicker item={item.id} rows={item.rows} columns={item.columns} />
        )}
      </SettingsForm>
      <SliceChoice draft={draft} change={change} slices={item.slices} />
      <div className="button-row">
        <CommandButton request={request} />
        <Button variant="quiet" onPress={() => resetDraft(item.id)}>
          Reset all
        </Button>
      </div>
    </>
  );
}
