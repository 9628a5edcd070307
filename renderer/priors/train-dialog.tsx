/** Starts the training of a prior on a folder of images. */
import { useState } from 'react';
import { openPanel } from '../app/frame-state.ts';
import { host } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { NumberField } from '../components/number-field.tsx';
import { Select } from '../components/select.tsx';
import { TextField } from '../components/text-field.tsx';
import { chooseHandle } from './choose-handle.ts';
import { nameProblem } from './prior-name.ts';

interface Props {
  isOpen: boolean;
  onClose: () => void;
  priors: readonly { id: string; title: string }[];
}

const modalities = [
  { id: 'mri', title: 'MR' },
  { id: 'ct', title: 'CT' },
];

export function TrainDialog({ isOpen, onClose, priors }: Props) {
  const [data, setData] = useState<{ handle: string; name: string } | null>(null);
  const [name, setName] = useState('');
  const [licence, setLicence] = useState('');
  const [modality, setModality] = useState('mri');
  const [init, setInit] = useState('none');
  const [steps, setSteps] = useState(2000);
  const [size, setSize] = useState(64);
  const problem = nameProblem(name);
  const whole = Number.isInteger(steps) && Number.isInteger(size);
  const choose = async () => {
    const chosen = await chooseHandle(true);
    const [handle] = chosen?.handles ?? [];
    if (chosen !== null && handle !== undefined) setData({ handle, name: chosen.name });
  };
  const start = () => {
    if (data === null) return;
    const config = { title: name, modality, steps, size, ...(licence === '' ? {} : { licence }) };
    host()
      .call('jobs.start', {
        kind: 'prior-train',
        data: data.handle,
        name,
        config,
        ...(init === 'none' ? {} : { init }),
      })
      .then(() => {
        toast('The training has started; its curves are in this panel.', 'ok');
        openPanel('priors');
        onClose();
      }, toastError);
  };
  return (
    <Dialog
      title="Train a prior"
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isDisabled={data === null || problem !== null || !whole} onPress={start}>
            Start training
          </Button>
        </>
      }
    >
      <div className="prior-file">
        <Button onPress={() => void choose().catch(toastError)}>Choose a folder…</Button>
        <span>{data?.name ?? 'DICOM, NIfTI or .npy images'}</span>
      </div>
      <TextField
        label="Name"
        help="Small letters, digits and hyphens."
        value={name}
        onChange={setName}
        isInvalid={name !== '' && problem !== null}
        error={problem ?? ''}
      />
      <TextField label="Licence of the trained weights" value={licence} onChange={setLicence} />
      <div className="prior-two">
        <Select label="Images are" options={modalities} value={modality} onChange={setModality} />
        <Select
          label="Start from"
          options={[{ id: 'none', title: 'Nothing' }, ...priors]}
          value={init}
          onChange={setInit}
        />
        <NumberField label="Steps" value={steps} onChange={setSteps} minValue={1} maxValue={100_000_000} step={1} />
        <NumberField
          label="Image side"
          unit="pixels"
          value={size}
          onChange={setSize}
          minValue={16}
          maxValue={1024}
          step={1}
        />
      </div>
    </Dialog>
  );
}
