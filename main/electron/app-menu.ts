/** The native menu: its entries are commands of the page, which has the keys. */
import type { MenuItemConstructorOptions } from 'electron';

type Entry = MenuItemConstructorOptions;

/** Documents the Help menu leads to; nothing else is ever opened outside. */
export const outsideLinks: readonly { title: string; url: string }[] = [
  { title: 'DDS: the paper', url: 'https://arxiv.org/abs/2303.05754' },
  { title: 'DICOM standard', url: 'https://www.dicomstandard.org/current' },
];

export interface MenuActions {
  /** Runs a command of the page. */
  command(id: string): void;
  openOutside(url: string): void;
}

export function appMenu({ command, openOutside }: MenuActions, platform = process.platform): Entry[] {
  const entry = (label: string, id: string): Entry => ({ label, click: () => command(id) });
  const line: Entry = { type: 'separator' };
  // The keys are the page's, and can be changed there: native ones would take them away.
  const role = (name: NonNullable<Entry['role']>): Entry => ({ role: name, registerAccelerator: false });
  const mac = platform === 'darwin';
  return [
    ...(mac ? [{ role: 'appMenu' } satisfies Entry] : []),
    {
      label: '&File',
      submenu: [
        entry('Open files…', 'library.open-files'),
        entry('Open folder…', 'library.open-folder'),
        entry('Open the demo scan', 'library.open-demo'),
        line,
        entry('Export…', 'panel.export'),
        entry('Close the selected item', 'library.close-selected'),
        line,
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [role('cut'), role('copy'), role('paste'), role('selectAll'), line, entry('Settings', 'panel.settings')],
    },
    {
      label: '&View',
      submenu: [
        entry('All commands…', 'app.palette'),
        line,
        entry('Library', 'panel.library'),
        entry('Jobs', 'panel.jobs'),
        entry('Tags', 'panel.tags'),
        entry('Priors', 'panel.priors'),
        line,
        entry('Fold the side panel', 'app.toggle-side'),
        entry('Dark or light', 'app.theme'),
        entry('Hide identity', 'app.hide-identity'),
        line,
        { role: 'togglefullscreen' },
      ],
    },
    {
      label: '&Reconstruct',
      submenu: [
        entry('Reconstruct…', 'panel.reconstruct'),
        entry('Batch…', 'panel.batch'),
        entry('Solvers…', 'panel.solvers'),
      ],
    },
    {
      role: 'help',
      label: '&Help',
      submenu: [
        entry('All keys', 'app.keys'),
        ...outsideLinks.map(({ title, url }): Entry => ({ label: title, click: () => openOutside(url) })),
        line,
        entry('About Tangent', 'app.about'),
      ],
    },
  ];
}
