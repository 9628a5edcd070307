/** Name, menus made from the command registry, the search for commands, and the next step. */
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { Toolbar } from '../components/toolbar.tsx';
import { menuGroups } from './command-menus.ts';
import { type MenuName, menuNames, useCommands } from './commands.ts';
import { useFrame } from './frame-state.ts';
import { keyLabel } from './key-names.ts';
import { NextStep } from './next-step.tsx';
import { useSession } from './session.ts';
import './top-bar.css';

function BarMenu({ name }: { name: MenuName }) {
  const commands = useCommands((state) => state.commands);
  const keys = useSession((state) => state.settings.keys);
  const [open, setOpen] = useState(false);
  // Whether a command can run now is asked when its menu opens.
  const groups = open ? menuGroups(name, commands.values(), keys) : [];
  return (
    <Menu label={name} groups={groups} isOpen={open} onOpenChange={setOpen}>
      <AriaButton className="button button-quiet top-bar-menu">{name}</AriaButton>
    </Menu>
  );
}

export function TopBar() {
  return (
    <header className="top-bar">
      <h1 className="top-bar-name">
        <svg width="20" height="20" viewBox="0 0 20 20" fill="none" strokeWidth="1.8" aria-hidden="true">
          <circle cx="9" cy="11.5" r="5.5" stroke="var(--accent)" />
          <path d="M2.5 9 17.5 2.7" stroke="currentColor" strokeLinecap="round" />
        </svg>
        Tangent
      </h1>
      <Toolbar label="Menus" className="top-bar-menus">
        {menuNames.map((name) => (
          <BarMenu key={name} name={name} />
        ))}
      </Toolbar>
      <span className="top-bar-space" />
      <Button
        className="top-bar-search"
        icon={<Icon name="search" size={16} />}
        onPress={() => useFrame.setState({ dialog: 'palette' })}
      >
        <span className="top-bar-word">Commands</span>
        <kbd className="top-bar-key">{keyLabel('Ctrl+K')}</kbd>
      </Button>
      <NextStep />
    </header>
  );
}
