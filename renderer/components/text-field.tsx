/** One line of text with a label. */
import {
  type TextFieldProps as AriaProps,
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  Text,
} from 'react-aria-components';
import './field.css';

export interface TextFieldProps extends Omit<AriaProps, 'className' | 'children'> {
  label: string;
  help?: string;
  placeholder?: string;
  /** Why the value cannot be taken; shown when `isInvalid`. */
  error?: string;
}

export function TextField({ label, help, placeholder, error, ...rest }: TextFieldProps) {
  return (
    <AriaTextField {...rest} className="field">
      <Label className="field-label">{label}</Label>
      <Input className="field-input" {...(placeholder === undefined ? {} : { placeholder })} />
      {help !== undefined && (
        <Text slot="description" className="field-help">
          {help}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  );
}
