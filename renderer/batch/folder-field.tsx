/** A folder of the host: native dialog, a folder given with --root, or an upload from the browser. */
import { useState } from 'react';
import { host, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { pickInPage } from '../library/pick-in-page.ts';
import type { Folder } from './folder.ts';
import { FolderPicker } from './folder-picker.tsx';

interface FolderFieldProps {
  label: string;
  help: string;
  value: Folder | null;
  onChange: (folder: Folder | null) => void;
  /** To be read from: a browser may hand it over. To be written to: a native dialog asks for a place to save. */
  purpose: 'read' | 'write';
  /** What stands there while nothing is chosen. */
  empty: string;
}

async function nativeFolder(purpose: FolderFieldProps['purpose']): Promise<Folder | null> {
  const asked = purpose === 'read' ? 'open-folder' : 'save-folder';
  const { chosen } = await host().call('files.choose', { purpose: asked });
  return chosen[0] ?? null;
}

async function uploadedFolder(): Promise<Folder | null> {
  const files = await pickInPage(true);
  const [first] = files;
  if (first === undefined) return null;
  const [handed] = await host().upload(files);
  return handed === undefined ? null : { handle: handed.handle, name: first.webkitRelativePath.split('/')[0] };
}

export function FolderField({ label, help, value, onChange, purpose, empty }: FolderFieldProps) {
  const app = useSession((state) => state.app);
  const [picking, setPicking] = useState(false);
  const [busy, setBusy] = useState(false);
  const native = app?.host === 'electron';
  const roots = app?.roots ?? [];
  const take = async (choose: () => Promise<Folder | null>) => {
    setBusy(true);
    try {
      const folder = await choose();
      if (folder !== null) onChange(folder);
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  return (
    <section className="folder-field" aria-label={label}>
      <span className="field-label">{label}</span>
      <p className="folder-name" data-empty={value === null || undefined}>
        <Icon name="library" size={16} />
        {busy ? 'Handing over…' : (value?.name ?? empty)}
      </p>
      <div className="button-row">
        {native && (
          <Button onPress={() => void take(() => nativeFolder(purpose))}>{`Choose ${label.toLowerCase()}…`}</Button>
        )}
        {!native && roots.length > 0 && (
          <Button onPress={() => setPicking(true)}>{`Choose ${label.toLowerCase()}…`}</Button>
        )}
        {!native && purpose === 'read' && (
          <Button isDisabled={busy} onPress={() => void take(uploadedFolder)}>
            Upload a folder…
          </Button>
        )}
        {value !== null && (
          <Button variant="quiet" onPress={() => onChange(null)}>
            Clear
          </Button>
        )}
      </div>
      <p className="field-help">{help}</p>
      <FolderPicker
        title={label}
        isOpen={picking}
        onClose={() => setPicking(false)}
        onChoose={(folder) => {
          onChange(folder);
          setPicking(false);
        }}
      />
    </section>
  );
}
