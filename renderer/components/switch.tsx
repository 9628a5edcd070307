/** On or off, at once. */
import {
  SwitchField as AriaField,
  type SwitchFieldProps as AriaProps,
  SwitchButton,
  Text,
} from 'react-aria-components';
import './checkbox.css';

export interface SwitchProps extends Omit<AriaProps, 'className' | 'children'> {
  label: string;
  help?: string;
}

export function Switch({ label, help, ...rest }: SwitchProps) {
  return (
    <AriaField {...rest} className="check switch">
      <SwitchButton className="check-button">
        <span className="switch-track" />
        {label}
      </SwitchButton>
      {help !== undefined && (
        <Text slot="description" className="field-help check-help">
          {help}
        </Text>
      )}
    </AriaField>
  );
}
