/** Takes a checkpoint (.pt, .safetensors, .onnx) into the installed priors. */
import { useState } from 'react';
import { openPanel } from '../app/frame-state.ts';
import { host } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/text-field.tsx';
import { chooseHandle } from './choose-handle.ts';
import { nameProblem } from './prior-name.ts';

export function ImportDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [file, setFile] = useState<{ handle: string; name: string } | null>(null);
  const [name, setName] = useState('');
  const [licence, setLicence] = useState('');
  const [source, setSource] = useState('');
  const problem = nameProblem(name);
  const choose = async () => {
    const chosen = await chooseHandle(false);
    const [handle] = chosen?.handles ?? [];
    if (chosen === null || handle === undefined) return;
    setFile({ handle, name: chosen.name });
    if (name === '')
      setName(
        chosen.name
          .replace(/\.[^.]+$/, '')
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-+|-+$/g, ''),
      );
  };
  const start = () => {
    if (file === null) return;
    host()
      .call('jobs.start', { kind: 'prior-import', file: file.handle, name, licence, source })
      .then(() => {
        toast('The import has started.', 'info', { action: { title: 'Show jobs', run: () => openPanel('jobs') } });
        onClose();
      }, toastError);
  };
  return (
    <Dialog
      title="Import a prior"
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isDisabled={file === null || problem !== null} onPress={start}>
            Import
          </Button>
        </>
      }
    >
      <div className="prior-file">
        <Button onPress={() => void choose().catch(toastError)}>Choose a file…</Button>
        <span>{file?.name ?? 'A checkpoint: .pt, .safetensors or .onnx'}</span>
      </div>
      <TextField
        label="Name"
        help="Small letters, digits and hyphens."
        value={name}
        onChange={setName}
        isInvalid={name !== '' && problem !== null}
        error={problem ?? ''}
      />
      <TextField
        label="Licence"
        help="For example CC-BY-4.0. Left empty, every result says it is unknown."
        value={licence}
        onChange={setLicence}
      />
      <TextField label="Where it is from" value={source} onChange={setSource} />
    </Dialog>
  );
}
