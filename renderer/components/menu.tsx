/** A list of actions behind a button; sections have headings, groups open to the side. */
import type { ReactElement } from 'react';
import {
  Menu as AriaMenu,
  Header,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  SubmenuTrigger,
} from 'react-aria-components';
import { Icon } from './icon.tsx';
import './select.css';

export interface MenuAction {
  id: string;
  title: string;
  keys?: string;
  disabled?: boolean;
  danger?: boolean;
  run: () => void;
}

export interface MenuGroup {
  id: string;
  /** A heading, or with `submenu` the entry that opens it. */
  title?: string;
  submenu?: boolean;
  actions: readonly MenuAction[];
}

// Name and key are one text, so that what is read aloud holds what is seen.
const entry = (action: MenuAction) => (
  <MenuItem
    key={action.id}
    id={action.id}
    textValue={action.title}
    isDisabled={action.disabled ?? false}
    onAction={action.run}
    className={`menu-item ${action.danger === true ? 'menu-item-danger' : ''}`}
  >
    <span className="menu-item-text">{action.title}</span>
    {action.keys !== undefined && action.keys !== '' && <kbd>{action.keys}</kbd>}
  </MenuItem>
);

const part = (group: MenuGroup) =>
  group.submenu === true ? (
    <SubmenuTrigger key={group.id}>
      <MenuItem id={group.id} textValue={group.title ?? group.id} className="menu-item">
        <span className="menu-item-text">{group.title}</span>
        <Icon name="chevronRight" size={14} />
      </MenuItem>
      <Popover className="popover" offset={-2}>
        <AriaMenu className="menu" aria-label={group.title ?? group.id}>
          {group.actions.map(entry)}
        </AriaMenu>
      </Popover>
    </SubmenuTrigger>
  ) : (
    <MenuSection key={group.id} aria-label={group.title ?? group.id}>
      {group.title !== undefined && <Header className="menu-heading">{group.title}</Header>}
      {group.actions.map(entry)}
    </MenuSection>
  );

export interface MenuProps {
  /** Read aloud as the name of the list. */
  label: string;
  groups: readonly MenuGroup[];
  /** The button. */
  children: ReactElement;
  isOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
}

export function Menu({ label, groups, children, isOpen, onOpenChange }: MenuProps) {
  return (
    <MenuTrigger
      {...(isOpen === undefined ? {} : { isOpen })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      {children}
      <Popover className="popover" offset={4} placement="bottom start">
        <AriaMenu className="menu" aria-label={label}>
          {groups.filter((group) => group.actions.length > 0).map(part)}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
