/** Commands of the frame: opening, panels, looks, help. Rooms register their own. */

import { closeItem } from '../library/item-actions.ts';
import { chooseAndOpen, openDemo } from '../library/open-files.ts';
import { showItem } from '../library/show-item.ts';
import { announce } from './announce.ts';
import { changeSettings } from './change-settings.ts';
import { type Command, useCommands } from './commands.ts';
import { openPanel, useFrame } from './frame-state.ts';
import { focusNextPart, focusPanel } from './move-focus.ts';
import { panelList } from './panel-list.tsx';
import { useSession } from './session.ts';

const selected = () => {
  const { items, selected: id } = useSession.getState();
  return id === null ? undefined : items.get(id);
};

const fileCommands: readonly Command[] = [
  {
    id: 'library.open-files',
    title: 'Open files…',
    group: 'File',
    keys: ['Ctrl+O'],
    run: () => void chooseAndOpen('open-files'),
  },
  {
    id: 'library.open-folder',
    title: 'Open a folder…',
    group: 'File',
    keys: ['Ctrl+Shift+O'],
    run: () => void chooseAndOpen('open-folder'),
  },
  {
    id: 'library.open-root',
    title: 'Open from shared folders…',
    group: 'File',
    keys: [],
    enabled: () => (useSession.getState().app?.roots.length ?? 0) > 0,
    run: () => useFrame.setState({ dialog: 'open-root' }),
  },
  {
    id: 'library.open-demo',
    title: 'Open the demo scan',
    group: 'File',
    keys: [],
    enabled: () => useSession.getState().app?.demo === true,
    run: () => void openDemo(),
  },
  {
    id: 'library.show-selected',
    title: 'Show the selected item',
    group: 'File',
    keys: [],
    enabled: () => selected() !== undefined,
    run: () => {
      const item = selected();
      if (item !== undefined) void showItem(item.id);
    },
  },
  {
    id: 'library.close-selected',
    title: 'Close the selected item',
    group: 'File',
    keys: [],
    enabled: () => selected() !== undefined,
    run: () => {
      const item = selected();
      if (item !== undefined) void closeItem(item.id);
    },
  },
];

const menuOfPanel = {
  export: 'File',
  batch: 'Reconstruct',
  jobs: 'Reconstruct',
  reconstruct: 'Reconstruct',
  solvers: 'Solvers',
} as const;

const panelCommands: readonly Command[] = panelList.map(({ id, title, key }) => ({
  id: `panel.${id}`,
  title: id === 'reconstruct' ? 'Reconstruct…' : id === 'export' ? 'Export…' : `${title} panel`,
  group: 'Panels',
  menu:
    menuOfPanel[id as keyof typeof menuOfPanel] ??
    (id === 'settings' || id === 'priors' || id === 'tags' ? 'Tools' : 'View'),
  keys: [key],
  run: () => {
    openPanel(id);
    focusPanel();
  },
}));

const lookCommands: readonly Command[] = [
  {
    id: 'app.toggle-side',
    title: 'Fold the side panel',
    group: 'Appearance',
    keys: ['Ctrl+B'],
    run: () => useFrame.setState((state) => ({ sideOpen: !state.sideOpen })),
  },
  {
    id: 'app.theme',
    title: 'Switch between dark and light',
    group: 'Appearance',
    keys: [],
    run: () => {
      const light = document.documentElement.dataset.theme === 'light';
      changeSettings({ theme: light ? 'dark' : 'light' });
      announce(light ? 'Dark theme' : 'Light theme');
    },
  },
  {
    id: 'app.hide-identity',
    title: 'Hide or show patient identity',
    group: 'Appearance',
    keys: ['Shift+J'],
    run: () => {
      const { hideIdentity } = useSession.getState().settings;
      changeSettings({ hideIdentity: !hideIdentity });
      announce(hideIdentity ? 'Patient identity shown' : 'Patient identity hidden');
    },
  },
];

const focusCommands: readonly Command[] = [
  {
    id: 'app.next-part',
    title: 'Focus the next part of the window',
    group: 'Panels',
    menu: 'View',
    keys: ['F6'],
    run: () => focusNextPart(1),
  },
  {
    id: 'app.previous-part',
    title: 'Focus the part before',
    group: 'Panels',
    menu: 'View',
    keys: ['Shift+F6'],
    run: () => focusNextPart(-1),
  },
];

const helpCommands: readonly Command[] = [
  {
    id: 'app.palette',
    title: 'Find a command…',
    group: 'Help',
    keys: ['Ctrl+K'],
    run: () => useFrame.setState({ dialog: 'palette' }),
  },
  { id: 'app.keys', title: 'All keys', group: 'Help', keys: ['?'], run: () => useFrame.setState({ dialog: 'keys' }) },
  {
    id: 'app.about',
    title: 'About Tangent',
    group: 'Help',
    keys: [],
    run: () => useFrame.setState({ dialog: 'about' }),
  },
];

/** Registers them and follows commands of the native shell. Returns the way to stop. */
export function registerAppCommands(): () => void {
  const { register, run } = useCommands.getState();
  const unregister = register([...fileCommands, ...panelCommands, ...focusCommands, ...lookCommands, ...helpCommands]);
  let stopEvents: (() => void) | undefined;
  const listen = () => {
    const { client } = useSession.getState();
    if (client === null || stopEvents !== undefined) return;
    stopEvents = client.onEvent((event) => {
      if (event.type === 'command') run(event.command);
    });
  };
  const stopWaiting = useSession.subscribe(listen);
  listen();
  return () => {
    unregister();
    stopWaiting();
    stopEvents?.();
  };
}
