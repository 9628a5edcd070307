/** Gives a solver's input an item and a part of it, among those whose type it takes. */
import { useEffect, useState } from 'react';
import type { SolverForm } from '../../main/host/api/catalogue.ts';
import { describeItem, useSession } from '../app/session.ts';
import { Select } from '../components/select.tsx';
import { titleOf } from '../reconstruct/form-model.ts';
import { accepts, type ItemPart, partsOf } from './item-parts.ts';
import { type ChosenInput, chooseInput } from './send-to-solver.ts';

interface InputPickerProps {
  solver: string;
  input: SolverForm['inputs'][number];
  chosen: ChosenInput | undefined;
}

const none = ':none';

/** Parts of an item that the input takes; null while they are not known. */
function useParts(item: string | undefined, input: InputPickerProps['input']): readonly ItemPart[] | null {
  const [parts, setParts] = useState<readonly ItemPart[] | null>(null);
  useEffect(() => {
    let current = true;
    setParts(null);
    if (item === undefined) return;
    describeItem(item).then(
      (found) => {
        if (current) setParts(partsOf(found).filter((part) => accepts(input, part)));
      },
      () => {
        if (current) setParts([]);
      },
    );
    return () => {
      current = false;
    };
  }, [item, input]);
  return parts;
}

export function InputPicker({ solver, input, chosen }: InputPickerProps) {
  const items = useSession((state) => state.items);
  const parts = useParts(chosen?.item, input);
  // The first part that is taken stands in when an item was chosen without one.
  const first = parts?.[0]?.part;
  const named = parts?.some(({ part }) => part === chosen?.part) ?? true;
  const item = chosen?.item;
  useEffect(() => {
    if (item !== undefined && !named && first !== undefined) chooseInput(solver, input.name, { item, part: first });
  }, [solver, input.name, item, named, first]);
  const title = `${titleOf(input.name)}${input.required ? '' : ' (optional)'}`;
  const accepted = `${input.types.join(' or ')}${input.shape === undefined ? '' : ` ${input.shape}`}`;
  return (
    <div className="solver-input">
      <Select
        label={title}
        help={`${input.description} Takes ${accepted}.`}
        options={[
          { id: none, title: 'Nothing' },
          ...[...items.values()]
            .filter(({ problem }) => problem === null)
            .map(({ id, title: name, origin, kind }) => ({ id, title: name, summary: origin === '' ? kind : origin })),
        ]}
        value={chosen?.item ?? none}
        onChange={(id) => chooseInput(solver, input.name, id === none ? null : { item: id, part: '' })}
        {...(chosen !== undefined && parts?.length === 0
          ? { isInvalid: true, error: `This item has nothing of that kind (${accepted}).` }
          : {})}
      />
      {chosen !== undefined && parts !== null && parts.length > 1 && (
        <Select
          label={`Part for ${input.name}`}
          options={parts.map(({ part, title: name }) => ({ id: part, title: name }))}
          value={chosen.part}
          onChange={(part) => chooseInput(solver, input.name, { item: chosen.item, part })}
        />
      )}
    </div>
  );
}
