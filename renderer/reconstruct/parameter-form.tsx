/** A form made from a JSON Schema: of a method's parameters, or of a solver's. */
import { useMemo, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { SearchField } from '../components/search-field.tsx';
import { formModel, isChanged, type Values, withValue } from './form-model.ts';
import { ParameterField } from './parameter-field.tsx';
import './parameter-form.css';

export interface ParameterFormProps {
  /** Read aloud as the name of the group. */
  label: string;
  schema: Values;
  /** Only what was given; an absent member takes its default. */
  values: Values;
  onChange: (values: Values) => void;
  leaveOut?: readonly string[];
  /** What an untouched control says where something else than the default decides, for example a preset. */
  unset?: string;
}

/** Beyond so many fields a search is offered. */
const many = 8;

export function ParameterForm({ label, schema, values, onChange, leaveOut, unset }: ParameterFormProps) {
  const [search, setSearch] = useState('');
  const fields = useMemo(() => formModel(schema, leaveOut), [schema, leaveOut]);
  const changed = fields.filter((field) => isChanged(field, values, unset !== undefined));
  const wanted = search.trim().toLowerCase();
  const found = fields.filter(
    ({ title, name, help }) => wanted === '' || `${title} ${name} ${help}`.toLowerCase().includes(wanted),
  );
  if (fields.length === 0) return <p className="field-help">There is nothing to set.</p>;
  return (
    <fieldset className="parameter-form" aria-label={label}>
      <div className="parameter-head">
        {fields.length > many && (
          <SearchField label={`Search ${label.toLowerCase()}`} value={search} onChange={setSearch} />
        )}
        {changed.length > 0 && (
          <Button icon={<Icon name="reset" size={16} />} onPress={() => onChange({})}>
            {`Reset all (${changed.length})`}
          </Button>
        )}
      </div>
      {found.map((field) => (
        <ParameterField
          key={field.name}
          field={field}
          value={values[field.name]}
          changed={changed.includes(field)}
          unset={unset}
          onChange={(value) => onChange(withValue(values, field.name, value))}
        />
      ))}
      {found.length === 0 && <p className="field-help">No parameter is called that.</p>}
    </fieldset>
  );
}
