/** What the result is held against: other methods on the same data, and a reference. */
import { useSession } from '../app/session.ts';
import { Checkbox } from '../components/checkbox.tsx';
import { Select } from '../components/select.tsx';
import type { ChoiceProps } from './method-choice.tsx';

export function CompareList({ draft, methods, change }: ChoiceProps) {
  const others = methods.methods.filter(({ id }) => id !== draft.method);
  return (
    <fieldset className="plain-fieldset">
      <legend className="field-label">Compare with</legend>
      {others.map(({ id, title }) => (
        <Checkbox
          key={id}
          label={title}
          isSelected={draft.compare.includes(id)}
          onChange={(wanted) =>
            change({ compare: wanted ? [...draft.compare, id] : draft.compare.filter((other) => other !== id) })
          }
        />
      ))}
    </fieldset>
  );
}

/** Items with an image of the same size. */
export function ReferencePicker({ item, rows, columns }: { item: string; rows: number; columns: number }) {
  const items = useSession((state) => state.items);
  const reference = useSession((state) => state.reference);
  const fitting = [...items.values()].filter(
    (one) =>
      one.id !== item &&
      (one.kind === 'series' || one.kind === 'result') &&
      one.problem === null &&
      one.rows === rows &&
      one.columns === columns,
  );
  const chosen = reference === null ? undefined : items.get(reference);
  const odd = chosen !== undefined && !fitting.includes(chosen) && chosen.id !== item;
  return (
    <Select
      label="Reference"
      options={[
        { id: 'none', title: 'None' },
        ...(odd ? [chosen, ...fitting] : fitting).map(({ id, title, origin }) => ({ id, title, summary: origin })),
      ]}
      value={reference !== null && reference !== item ? reference : 'none'}
      onChange={(id) => useSession.setState({ reference: id === 'none' ? null : id })}
      {...(odd
        ? { isInvalid: true, error: `It has ${chosen.rows} × ${chosen.columns} pixels, the scan ${rows} × ${columns}.` }
        : { help: 'A fully sampled image of the same slices, to measure errors against.' })}
    />
  );
}
