/** A number with label, unit and steps; NaN while it is empty. */
import {
  NumberField as AriaNumberField,
  type NumberFieldProps as AriaProps,
  Button,
  FieldError,
  Group,
  Input,
  Label,
  Text,
} from 'react-aria-components';
import { Icon } from './icon.tsx';
import './field.css';

export interface NumberFieldProps extends Omit<AriaProps, 'className' | 'children'> {
  label: string;
  help?: string;
  unit?: string;
  placeholder?: string;
  error?: string;
}

// The page writes numbers as the command line takes them: no grouping, up to twelve digits behind the point.
const format = { maximumFractionDigits: 12, useGrouping: false } as const;

export function NumberField({ label, help, unit, placeholder, error, formatOptions, ...rest }: NumberFieldProps) {
  return (
    <AriaNumberField {...rest} formatOptions={{ ...format, ...formatOptions }} className="field">
      <Label className="field-label">{label}</Label>
      <Group className="field-group">
        <Input className="field-input" {...(placeholder === undefined ? {} : { placeholder })} />
        {unit !== undefined && unit !== '' && <span className="field-unit">{unit}</span>}
        <Button slot="decrement" className="field-step">
          <Icon name="minus" size={14} />
        </Button>
        <Button slot="increment" className="field-step">
          <Icon name="plus" size={14} />
        </Button>
      </Group>
      {help !== undefined && (
        <Text slot="description" className="field-help">
          {help}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </AriaNumberField>
  );
}
