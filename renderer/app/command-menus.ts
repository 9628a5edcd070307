/** Menus of the top bar, made from the registry: a menu's own group first, other groups behind entries of their own. */
import type { MenuAction, MenuGroup } from '../components/menu.tsx';
import { type Command, type MenuName, menuNames } from './commands.ts';
import { shownKey } from './key-map.ts';

const menuOfGroup: Readonly<Record<string, MenuName>> = {
  library: 'File',
  open: 'File',
  export: 'File',
  measure: 'Tools',
  measurements: 'Tools',
  annotate: 'Tools',
  tools: 'Tools',
  priors: 'Tools',
  settings: 'Tools',
  jobs: 'Reconstruct',
  batch: 'Reconstruct',
  compare: 'View',
  application: 'Help',
};

export function menuOf(command: Command): MenuName {
  if (command.menu !== undefined) return command.menu;
  const named = menuNames.find((name) => name.toLowerCase() === command.group.toLowerCase());
  return named ?? menuOfGroup[command.group.toLowerCase()] ?? 'View';
}

const action = (command: Command, chosen: Readonly<Record<string, readonly string[]>>): MenuAction => ({
  id: command.id,
  title: command.title,
  keys: shownKey(command, chosen),
  disabled: command.enabled?.() === false,
  run: () => command.run(),
});

export function menuGroups(
  name: MenuName,
  commands: Iterable<Command>,
  chosen: Readonly<Record<string, readonly string[]>>,
): MenuGroup[] {
  const groups = new Map<string, MenuAction[]>();
  for (const command of commands) {
    if (menuOf(command) !== name) continue;
    groups.set(command.group, [...(groups.get(command.group) ?? []), action(command, chosen)]);
  }
  const entries = [...groups].sort(([a], [b]) => Number(b === name) - Number(a === name));
  const own = entries.length > 0 && entries[0][0] === name;
  return entries.map(([title, actions], index) =>
    (own && index === 0) || entries.length === 1 || actions.length <= 3
      ? { id: `group-${title}`, actions }
      : { id: `group-${title}`, title, submenu: true, actions },
  );
}
