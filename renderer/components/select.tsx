/** Choice of one among few; options may carry a line of explanation. */
import {
  Select as AriaSelect,
  Button,
  FieldError,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from 'react-aria-components';
import { Icon } from './icon.tsx';
import './field.css';
import './select.css';

export interface SelectOption {
  id: string;
  title: string;
  summary?: string;
  /** Shown, but cannot be chosen. */
  disabled?: boolean;
}

export interface SelectProps {
  label: string;
  /** The label is read aloud only. */
  hideLabel?: boolean;
  options: readonly SelectOption[];
  value: string | null;
  onChange: (id: string) => void;
  help?: string;
  placeholder?: string;
  isDisabled?: boolean;
  isInvalid?: boolean;
  error?: string;
}

export function Select(props: SelectProps) {
  const { label, hideLabel = false, options, value, onChange, help, placeholder, isDisabled, isInvalid, error } = props;
  return (
    <AriaSelect
      className="field"
      value={value}
      onChange={(key) => {
        if (key !== null) onChange(String(key));
      }}
      placeholder={placeholder ?? 'Choose'}
      isDisabled={isDisabled ?? false}
      isInvalid={isInvalid ?? false}
      disabledKeys={options.filter((option) => option.disabled).map((option) => option.id)}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {!hideLabel && <Label className="field-label">{label}</Label>}
      <Button className="field-input select-button">
        <SelectValue className="select-value">
          {({ selectedText, defaultChildren }) => selectedText ?? defaultChildren}
        </SelectValue>
        <Icon name="chevronDown" size={16} />
      </Button>
      {help !== undefined && (
        <Text slot="description" className="field-help">
          {help}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
      <Popover className="popover select-popover" offset={4}>
        <ListBox className="select-list" items={options}>
          {(option) => (
            <ListBoxItem className="menu-item" id={option.id} textValue={option.title}>
              <span className="menu-item-text">
                <Text slot="label">{option.title}</Text>
                {option.summary !== undefined && option.summary !== '' && (
                  <Text slot="description" className="field-help">
                    {option.summary}
                  </Text>
                )}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
