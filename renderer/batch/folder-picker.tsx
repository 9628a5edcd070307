/** Chooses a folder among those given with --root and below them. */
import { useEffect, useState } from 'react';
import { host, useSession } from '../app/session.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import type { Folder } from './folder.ts';

interface FolderPickerProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  onChoose: (folder: Folder) => void;
}

export function FolderPicker({ title, isOpen, onClose, onChoose }: FolderPickerProps) {
  const roots = useSession((state) => state.app?.roots);
  const [path, setPath] = useState<readonly Folder[]>([]);
  const [below, setBelow] = useState<readonly Folder[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const here = path.at(-1);
  useEffect(() => {
    if (!isOpen || here === undefined) return;
    let current = true;
    setBelow(null);
    setProblem(null);
    host()
      .call('files.browse', { handle: here.handle })
      .then(
        ({ entries }) => {
          if (current) setBelow(entries.filter(({ kind }) => kind === 'folder'));
        },
        (thrown: unknown) => {
          if (current) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
        },
      );
    return () => {
      current = false;
    };
  }, [isOpen, here]);
  const shown = here === undefined ? (roots ?? []) : (below ?? []);
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={() => setPath(path.slice(0, -1))} isDisabled={here === undefined}>
            Up
          </Button>
          <Button
            variant="primary"
            isDisabled={here === undefined}
            onPress={() => {
              if (here !== undefined) onChoose({ handle: here.handle, name: here.name });
            }}
          >
            {here === undefined ? 'Choose this folder' : `Choose “${here.name}”`}
          </Button>
        </>
      }
    >
      <p className="folder-path">
        {path.length === 0 ? 'Folders shared with this page' : path.map(({ name }) => name).join(' / ')}
      </p>
      {problem !== null && (
        <Notice tone="danger" live>
          {problem}
        </Notice>
      )}
      <ul className="folder-list" aria-label="Folders">
        {shown.map((folder) => (
          <li key={folder.handle}>
            <Button
              variant="quiet"
              icon={<Icon name="library" size={16} />}
              onPress={() => setPath([...path, { handle: folder.handle, name: folder.name }])}
            >
              {folder.name}
            </Button>
          </li>
        ))}
      </ul>
      {here !== undefined && below?.length === 0 && <p className="field-help">There are no folders in this one.</p>}
    </Dialog>
  );
}
