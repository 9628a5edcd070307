/** A search box; Escape or the cross empties it. The label is read aloud only. */
import {
  type SearchFieldProps as AriaProps,
  SearchField as AriaSearchField,
  Button,
  Input,
} from 'react-aria-components';
import { Icon } from './icon.tsx';
import './field.css';

export interface SearchFieldProps extends Omit<AriaProps, 'className' | 'children' | 'aria-label'> {
  label: string;
  placeholder?: string;
}

export function SearchField({ label, placeholder, ...rest }: SearchFieldProps) {
  return (
    <AriaSearchField {...rest} aria-label={label} className="search-field">
      <Icon name="search" size={16} />
      <Input className="field-input" placeholder={placeholder ?? label} />
      <Button className="search-field-clear" aria-label="Clear the search">
        <Icon name="close" size={14} />
      </Button>
    </AriaSearchField>
  );
}
