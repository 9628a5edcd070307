/** The attributes of the slice in view, or of the selected item; two items side by side with what differs marked. */
import { useEffect, useMemo, useState } from 'react';
import type { TagNode } from '../../main/host/api/item.ts';
import { host, useSession } from '../app/session.ts';
import { useWorkspace } from '../app/workspace.ts';
import { Checkbox } from '../components/checkbox.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { Notice } from '../components/notice.tsx';
import { NumberField } from '../components/number-field.tsx';
import { Panel } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { Select } from '../components/select.tsx';
import { copyText } from './copy-text.ts';
import { originText } from './item-title.ts';
import { compareRows, filterRows, flatten, type TagRow } from './tag-rows.ts';
import { TagTree } from './tag-tree.tsx';
import { useViewedSlice } from './viewed-slice.ts';
import './tag-browser.css';

/** Attributes of one slice; null while they are read. */
function useTags(id: string | null, slice: number): { file: string; tags: TagNode[] } | { problem: string } | null {
  const [state, setState] = useState<{ file: string; tags: TagNode[] } | { problem: string } | null>(null);
  useEffect(() => {
    setState(null);
    if (id === null) return;
    let current = true;
    // While slices are scrolled through, only the one that stays is asked for.
    const timer = setTimeout(() => {
      host()
        .call('library.tags', { id, slice })
        .then(
          (answer) => {
            if (current) setState(answer);
          },
          (thrown: unknown) => {
            if (current) setState({ problem: thrown instanceof Error ? thrown.message : String(thrown) });
          },
        );
    }, 120);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [id, slice]);
  return state;
}

const institutions = /^\(0008,(0050|0080|0081|0082|0092|0094|1010|1040|1041)\)$|^\(0020,0010\)$/;

/** Names of people, the patient's group, institutions and their numbers. */
const identifies = ({ tag, vr }: TagRow) => vr === 'PN' || tag.startsWith('(0010,') || institutions.test(tag);

const hidden = (row: TagRow): TagRow =>
  identifies(row) && row.value !== ''
    ? { ...row, value: 'hidden', ...(row.other == null ? {} : { other: 'hidden' }) }
    : row;

const rowText = (row: TagRow) => `${'  '.repeat(row.depth)}${row.tag} ${row.vr} ${row.name} ${row.value}`.trimEnd();

export function TagBrowser() {
  const items = useSession((state) => state.items);
  const selected = useSession((state) => state.selected);
  const hideIdentity = useSession((state) => state.settings.hideIdentity);
  const active = useWorkspace((state) => state.contents[state.active]);
  const viewed = active !== null && 'item' in active ? active.item : null;
  const [chosen, setChosen] = useState<string | null>(null);
  const [against, setAgainst] = useState<string>('none');
  const [offset, setOffset] = useState<number | null>(null);
  const [search, setSearch] = useState('');
  const [showPrivate, setShowPrivate] = useState(false);
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());

  const withTags = [...items.values()].filter(
    ({ kind, problem }) => (kind === 'series' || kind === 'result') && problem === null,
  );
  const id = [chosen, selected, viewed].find((one) => one !== null && withTags.some((item) => item.id === one)) ?? null;
  const slices = id === null ? 1 : (items.get(id)?.slices ?? 1);
  const followed = useViewedSlice(id);
  const slice = Math.max(0, Math.min(slices - 1, offset ?? followed ?? 0));
  const left = useTags(id, slice);
  const comparing = against !== 'none' && items.has(against);
  const right = useTags(comparing ? against : null, Math.min(slice, (items.get(against)?.slices ?? 1) - 1));

  const rows = useMemo(() => {
    const one = left !== null && 'tags' in left ? flatten(left.tags) : [];
    const both = right !== null && 'tags' in right ? compareRows(one, flatten(right.tags)) : one;
    return hideIdentity ? both.map(hidden) : both;
  }, [left, right, hideIdentity]);
  const shown = filterRows(rows, { search, showPrivate, onlyDifferent: onlyDifferent && comparing });
  const differing = rows.filter(({ difference }) => difference !== undefined && difference !== 'same').length;

  if (withTags.length === 0)
    return (
      <Panel title="Tags">
        <p className="library-empty">Open a DICOM series to read its attributes.</p>
      </Panel>
    );
  const options = withTags.map((item) => ({ id: item.id, title: item.title, summary: originText(item.origin) }));
  return (
    <Panel
      title="Tags"
      summary={left !== null && 'file' in left ? left.file : ' '}
      actions={
        <IconButton label="Copy the lines shown" icon="copy" onPress={() => copyText(shown.map(rowText).join('\n'))} />
      }
    >
      <div className="tag-choice">
        <Select label="Item" options={options} value={id} onChange={setChosen} placeholder="Choose an item" />
        <Select
          label="Compare with"
          options={[{ id: 'none', title: 'Nothing' }, ...options.filter((option) => option.id !== id)]}
          value={against}
          onChange={setAgainst}
        />
      </div>
      <div className="tag-choice">
        <NumberField
          label="Slice"
          value={slice + 1}
          minValue={1}
          maxValue={slices}
          unit={`of ${slices}`}
          onChange={(value) => setOffset(Number.isFinite(value) ? value - 1 : null)}
        />
        <div className="tag-switches">
          <Checkbox
            label="Follow the viewport"
            isSelected={offset === null}
            onChange={(on) => setOffset(on ? null : slice)}
          />
          <Checkbox label="Private groups" isSelected={showPrivate} onChange={setShowPrivate} />
          {comparing && <Checkbox label="Only what differs" isSelected={onlyDifferent} onChange={setOnlyDifferent} />}
        </div>
      </div>
      <SearchField label="Search tags, names and values" value={search} onChange={setSearch} />
      {[left, right].map((state) =>
        state !== null && 'problem' in state ? (
          <Notice key={state.problem} tone="warning" live>
            {state.problem}
          </Notice>
        ) : null,
      )}
      {comparing && (
        <p className="tag-count" role="status">
          {differing === 0
            ? 'No attribute differs.'
            : `${differing} ${differing === 1 ? 'attribute differs' : 'attributes differ'}.`}
        </p>
      )}
      {id === null ? (
        <p className="library-empty">Choose an item.</p>
      ) : left === null ? (
        <p className="library-empty">Reading…</p>
      ) : 'problem' in left ? null : (
        <TagTree rows={shown} folded={folded} onFold={setFolded} />
      )}
    </Panel>
  );
}
