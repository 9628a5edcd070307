/** One parameter: its control, what it does, and the way back to its default. */
import { IconButton } from '../components/icon-button.tsx';
import { NumberField } from '../components/number-field.tsx';
import { Select } from '../components/select.tsx';
import { Switch } from '../components/switch.tsx';
import { TextField } from '../components/text-field.tsx';
import { type FormField, type Json, type NumberInput, numberProblem, parseList, rangeText } from './form-model.ts';

export interface ParameterFieldProps {
  field: FormField;
  /** Undefined: not given. */
  value: Json | undefined;
  changed: boolean;
  onChange: (value: Json | undefined) => void;
  /** What stands in a control that was not touched, for example "by the preset"; absent: the default. */
  unset: string | undefined;
}

const shown = (value: Json | undefined) => (value === undefined ? '' : String(value));
const helpOf = (help: string, range: string) =>
  [help, range === '' ? '' : `Range: ${range}.`].filter((part) => part !== '').join(' ');

function bounds(input: NumberInput) {
  return {
    ...(input.min === undefined ? {} : { minValue: input.min }),
    ...(input.max === undefined ? {} : { maxValue: input.max }),
    ...(input.integer ? { step: 1 } : {}),
  };
}

function NumberControl({ field, input, value, onChange, unset }: ParameterFieldProps & { input: NumberInput }) {
  const number = typeof value === 'number' ? value : unset === undefined ? Number(field.default ?? Number.NaN) : NaN;
  const problem = typeof value === 'number' ? numberProblem(input, value) : null;
  return (
    <NumberField
      label={field.title}
      help={helpOf(field.help, rangeText(input))}
      unit={field.unit}
      {...bounds(input)}
      value={number}
      placeholder={unset ?? (field.default === undefined ? 'not set' : shown(field.default))}
      onChange={(next) => onChange(Number.isNaN(next) ? undefined : next)}
      isInvalid={problem !== null}
      {...(problem === null ? {} : { error: problem })}
    />
  );
}

const unsetKey = ':unset';
const wordTitle = (word: string | number | boolean) => (word === true ? 'yes' : word === false ? 'no' : String(word));

function ChoiceControl({
  field,
  options,
  value,
  onChange,
  unset,
}: ParameterFieldProps & { options: readonly (string | number | boolean)[] }) {
  const untouched = unset ?? (field.default === undefined ? 'not set' : undefined);
  const current = value ?? (unset === undefined ? field.default : undefined);
  return (
    <Select
      label={field.title}
      help={field.help}
      options={[
        ...(untouched === undefined ? [] : [{ id: unsetKey, title: untouched }]),
        ...options.map((option) => ({ id: String(option), title: wordTitle(option) })),
      ]}
      value={current === undefined ? unsetKey : String(current)}
      onChange={(id) => onChange(id === unsetKey ? undefined : options.find((option) => String(option) === id))}
    />
  );
}

function NumberOrWord(props: ParameterFieldProps & { words: readonly string[]; input: NumberInput }) {
  const { field, words, input, value, onChange, unset } = props;
  const current = value ?? (unset === undefined ? field.default : undefined);
  const numeric = typeof current === 'number';
  return (
    <div className="parameter-pair">
      <Select
        label={field.title}
        help={field.help}
        options={[
          ...(unset === undefined ? [] : [{ id: unsetKey, title: unset }]),
          ...words.map((word) => ({ id: word, title: word })),
          { id: ':number', title: 'a number' },
        ]}
        value={numeric ? ':number' : current === undefined ? unsetKey : String(current)}
        onChange={(id) =>
          onChange(
            id === unsetKey
              ? undefined
              : id === ':number'
                ? typeof field.default === 'number'
                  ? field.default
                  : (input.min ?? 1)
                : id,
          )
        }
      />
      {numeric && <NumberControl {...props} field={{ ...field, title: `${field.title}, value`, help: '' }} />}
    </div>
  );
}

function TextControl({ field, value, onChange, list }: ParameterFieldProps & { list: 'number' | 'text' | null }) {
  const current = value ?? field.default;
  const text = Array.isArray(current) ? current.join(', ') : shown(current);
  return (
    <TextField
      // Typed text is taken when the field is left, so that "1, " can be typed.
      key={text}
      label={field.title}
      help={helpOf(field.help, list === null ? '' : 'values separated by commas')}
      defaultValue={text}
      onBlur={(event) => {
        const typed = event.target.value.trim();
        if (typed === text) return;
        if (typed === '') onChange(undefined);
        else onChange(list === null ? typed : parseList(typed, list));
      }}
    />
  );
}

function Control(props: ParameterFieldProps) {
  const { field, value, onChange, unset } = props;
  const { input } = field;
  switch (input.type) {
    case 'number':
      return <NumberControl {...props} input={input} />;
    case 'number-or-word':
      return <NumberOrWord {...props} words={input.words} input={input.number} />;
    case 'choice':
      return <ChoiceControl {...props} options={input.options} />;
    case 'boolean':
      if (unset !== undefined) return <ChoiceControl {...props} options={[true, false]} />;
      return (
        <Switch
          label={field.title}
          help={field.help}
          isSelected={(value ?? field.default) === true}
          onChange={(next) => onChange(next)}
        />
      );
    case 'list':
      return <TextControl {...props} list={input.of} />;
    default:
      return <TextControl {...props} list={null} />;
  }
}

export function ParameterField(props: ParameterFieldProps) {
  const { field, changed, onChange } = props;
  return (
    <div className="parameter" data-changed={changed || undefined}>
      <Control {...props} />
      {changed && (
        <span className="parameter-changed">
          changed
          <IconButton label={`Reset ${field.title}`} icon="reset" onPress={() => onChange(undefined)} />
        </span>
      )}
    </div>
  );
}
