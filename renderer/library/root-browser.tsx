/** Looks through the folders given with --root and opens what is picked. */
import { useEffect, useState } from 'react';
import { GridList, GridListItem } from 'react-aria-components';
import type { CallOutput } from '../../main/host/api/api.ts';
import { host, useSession } from '../app/session.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { openHandle } from './open-files.ts';
import { sizeText } from './size-text.ts';

type Entry = CallOutput<'files.browse'>['entries'][number];
interface Place {
  handle: string;
  name: string;
}

export function RootBrowser({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const roots = useSession((state) => state.app?.roots);
  /** Folders from a root down to the one shown; empty: the list of roots. */
  const [path, setPath] = useState<readonly Place[]>([]);
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const here = path.at(-1);

  // One folder alone needs no list to choose it from.
  useEffect(() => {
    if (isOpen && roots?.length === 1) setPath((now) => (now.length === 0 ? roots : now));
  }, [isOpen, roots]);

  useEffect(() => {
    if (!isOpen || here === undefined) return;
    let current = true;
    setEntries(null);
    setProblem(null);
    host()
      .call('files.browse', { handle: here.handle })
      .then(
        (answer) => {
          if (current) setEntries(answer.entries);
        },
        (thrown: unknown) => {
          if (current) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
        },
      );
    return () => {
      current = false;
    };
  }, [isOpen, here]);

  const shown: readonly Entry[] =
    here === undefined
      ? (roots ?? []).map((root) => ({ ...root, kind: 'folder' as const, bytes: 0 }))
      : (entries ?? []);
  return (
    <Dialog
      title="Shared folders"
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={() => setPath(path.slice(0, -1))} isDisabled={path.length <= (roots?.length === 1 ? 1 : 0)}>
            Up
          </Button>
          <Button
            variant="primary"
            isDisabled={here === undefined}
            onPress={() => {
              if (here !== undefined) void openHandle(here.handle);
            }}
          >
            {here === undefined ? 'Open this folder' : `Open “${here.name}”`}
          </Button>
        </>
      }
    >
      <p className="root-path">
        {path.length === 0 ? 'Folders shared with this page' : path.map(({ name }) => name).join(' / ')}
      </p>
      {problem !== null && (
        <Notice tone="danger" live>
          {problem}
        </Notice>
      )}
      <GridList
        aria-label="Entries"
        className="root-list"
        onAction={(key) => {
          const entry = shown.find(({ handle }) => handle === key);
          if (entry?.kind === 'folder') setPath([...path, entry]);
          else if (entry !== undefined) void openHandle(entry.handle);
        }}
        renderEmptyState={() => (
          <p className="library-empty">{entries === null ? 'Reading…' : 'This folder is empty.'}</p>
        )}
      >
        {shown.map((entry) => (
          <GridListItem key={entry.handle} id={entry.handle} textValue={entry.name} className="item-row">
            <span className="root-entry">
              <Icon name={entry.kind === 'folder' ? 'library' : 'file'} />
              <span className="root-name">{entry.name}</span>
              <span className="item-facts">{entry.kind === 'file' ? sizeText(entry.bytes) : ''}</span>
            </span>
          </GridListItem>
        ))}
      </GridList>
    </Dialog>
  );
}
