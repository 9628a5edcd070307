/** A box to tick, with an optional line of explanation. */
import {
  CheckboxField as AriaField,
  type CheckboxFieldProps as AriaProps,
  CheckboxButton,
  Text,
} from 'react-aria-components';
import { Icon } from './icon.tsx';
import './checkbox.css';

export interface CheckboxProps extends Omit<AriaProps, 'className' | 'children'> {
  label: string;
  help?: string;
}

export function Checkbox({ label, help, ...rest }: CheckboxProps) {
  return (
    <AriaField {...rest} className="check">
      <CheckboxButton className="check-button">
        {({ isSelected, isIndeterminate }) => (
          <>
            <span className="check-box">
              {isIndeterminate ? <Icon name="minus" size={14} /> : isSelected && <Icon name="check" size={14} />}
            </span>
            {label}
          </>
        )}
      </CheckboxButton>
      {help !== undefined && (
        <Text slot="description" className="field-help check-help">
          {help}
        </Text>
      )}
    </AriaField>
  );
}
