/** What is open and what was made: searches that run, groups of items, and the ways to open more. */
import { useMemo, useState } from 'react';
import { GridList, GridListHeader, GridListSection } from 'react-aria-components';
import type { ItemSummary } from '../../main/host/api/item.ts';
import { useSession } from '../app/session.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { Panel } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { ItemRow } from './item-row.tsx';
import { openGroups } from './open-menu.ts';
import { OpeningList } from './opening-list.tsx';
import { showItem } from './show-item.ts';
import './library.css';

interface Group {
  key: string;
  title: string;
  items: ItemSummary[];
}

const words = (item: ItemSummary, identity: boolean) =>
  [
    item.title,
    item.groupTitle,
    item.modality,
    item.origin,
    ...item.badges,
    item.study?.description ?? '',
    item.study?.date ?? '',
    ...(identity && item.patient !== null ? [item.patient.name, item.patient.id] : []),
  ]
    .join(' ')
    .toLowerCase();

/** Items whose words hold every word sought, by group; results newest first. */
export function groupItems(items: Iterable<ItemSummary>, search: string, hideIdentity: boolean): Group[] {
  const sought = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const groups = new Map<string, Group>();
  for (const item of items) {
    const text = words(item, !hideIdentity);
    if (!sought.every((word) => text.includes(word))) continue;
    const group = groups.get(item.group) ?? { key: item.group, title: item.groupTitle, items: [] };
    // A heading made from patient text gives way to the study's own words while identity is hidden.
    if (hideIdentity && item.patient !== null) group.title = item.study?.description || `Study ${groups.size + 1}`;
    group.items.push(item);
    groups.set(item.group, group);
  }
  for (const group of groups.values())
    group.items.sort(
      (a, b) =>
        (b.created ?? '').localeCompare(a.created ?? '') ||
        (a.seriesNumber ?? 0) - (b.seriesNumber ?? 0) ||
        a.title.localeCompare(b.title),
    );
  return [...groups.values()];
}

export function LibraryPanel() {
  const items = useSession((state) => state.items);
  const selected = useSession((state) => state.selected);
  const hideIdentity = useSession((state) => state.settings.hideIdentity);
  const [search, setSearch] = useState('');
  const groups = useMemo(() => groupItems(items.values(), search, hideIdentity), [items, search, hideIdentity]);
  const shown = groups.reduce((sum, group) => sum + group.items.length, 0);
  return (
    <Panel
      title="Library"
      summary={
        search === '' ? `${items.size} ${items.size === 1 ? 'item' : 'items'}` : `${shown} of ${items.size} items`
      }
      actions={
        <Menu label="Open" groups={openGroups()}>
          <Button icon={<Icon name="open" size={16} />}>Open…</Button>
        </Menu>
      }
    >
      <OpeningList />
      {items.size > 0 && (
        <SearchField label="Search the library" placeholder="Search" value={search} onChange={setSearch} />
      )}
      {groups.length > 0 ? (
        <GridList
          aria-label="Items"
          className="library-list"
          selectionMode="single"
          selectionBehavior="replace"
          disallowTypeAhead
          selectedKeys={selected === null ? [] : [selected]}
          onSelectionChange={(keys) => {
            const [first] = keys === 'all' ? [] : [...keys];
            if (first !== undefined) useSession.setState({ selected: String(first) });
          }}
          onAction={(key) => void showItem(String(key))}
        >
          {groups.map((group) => (
            <GridListSection key={group.key} id={`group-${group.key}`} className="library-group">
              <GridListHeader className="library-group-title">
                {group.title} <span className="library-group-count">{group.items.length}</span>
              </GridListHeader>
              {group.items.map((item) => (
                <ItemRow key={item.id} item={item} />
              ))}
            </GridListSection>
          ))}
        </GridList>
      ) : (
        <p className="library-empty">
          {items.size === 0
            ? 'Nothing is open. Drop files or a folder anywhere in the window, or press Open.'
            : 'No item matches the search.'}
        </p>
      )}
    </Panel>
  );
}
