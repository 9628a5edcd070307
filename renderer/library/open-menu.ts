/** The ways to open something, as a menu. */
import { useFrame } from '../app/frame-state.ts';
import { useSession } from '../app/session.ts';
import type { MenuGroup } from '../components/menu.tsx';
import { chooseAndOpen, openDemo } from './open-files.ts';

export function openGroups(): MenuGroup[] {
  const { app } = useSession.getState();
  const roots = app?.roots ?? [];
  return [
    {
      id: 'open',
      actions: [
        { id: 'files', title: 'Files…', run: () => void chooseAndOpen('open-files') },
        { id: 'folder', title: 'Folder…', run: () => void chooseAndOpen('open-folder') },
        ...(roots.length > 0
          ? [{ id: 'roots', title: 'Shared folders…', run: () => useFrame.setState({ dialog: 'open-root' }) }]
          : []),
      ],
    },
    {
      id: 'demo',
      actions: [{ id: 'demo', title: 'Demo scan', disabled: app?.demo !== true, run: () => void openDemo() }],
    },
  ];
}
