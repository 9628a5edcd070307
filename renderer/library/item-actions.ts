/** What can be done with an item, for its menu. */
import type { ItemSummary } from '../../main/host/api/item.ts';
import { openPanel } from '../app/frame-state.ts';
import type { Panel } from '../app/session.ts';
import { host, useSession } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { useWorkspace, viewportCount } from '../app/workspace.ts';
import type { MenuGroup } from '../components/menu.tsx';
import { showItem } from './show-item.ts';

const onto = (item: ItemSummary, panel: Panel) => () => {
  useSession.setState({ selected: item.id });
  openPanel(panel);
};

export async function closeItem(id: string): Promise<void> {
  try {
    await host().call('library.close', { id });
    useWorkspace.getState().forget(id);
  } catch (thrown) {
    toastError(thrown);
  }
}

export async function deleteItem(id: string): Promise<void> {
  try {
    await host().call('library.remove', { id });
    useWorkspace.getState().forget(id);
    toast('The result was deleted.', 'ok');
  } catch (thrown) {
    toastError(thrown);
  }
}

/** `askDelete` shows the question before a result is deleted. */
export function itemActions(item: ItemSummary, askDelete: () => void): MenuGroup[] {
  const { layout } = useWorkspace.getState();
  const made = item.kind === 'result' || item.kind === 'solution';
  const places = Array.from({ length: viewportCount[layout] }, (_, index) => ({
    id: `place-${index}`,
    title: `Viewport ${index + 1}`,
    run: () => void showItem(item.id, index),
  }));
  return [
    {
      id: 'show',
      actions: [{ id: 'open', title: 'Show', keys: 'Enter', run: () => void showItem(item.id) }],
    },
    { id: 'places', title: 'Show in', submenu: true, actions: places.length > 1 ? places : [] },
    {
      id: 'use',
      actions: [
        ...(made ? [] : [{ id: 'reconstruct', title: 'Reconstruct…', run: onto(item, 'reconstruct') }]),
        ...(item.kind === 'solution'
          ? []
          : [
              {
                id: 'reference',
                title: 'Use as reference',
                run: () => {
                  useSession.setState({ reference: item.id });
                  openPanel('reconstruct');
                  toast('Set as the reference of the next reconstruction.', 'ok');
                },
              },
            ]),
        { id: 'solver', title: 'Send to solver…', run: onto(item, 'solvers') },
        { id: 'export', title: 'Export…', run: onto(item, 'export') },
        {
          id: 'tags',
          title: 'Tags',
          run: onto(item, 'tags'),
          disabled: item.kind !== 'series' && item.kind !== 'result',
        },
      ],
    },
    {
      id: 'end',
      actions: [
        { id: 'close', title: 'Close', run: () => void closeItem(item.id) },
        ...(made ? [{ id: 'delete', title: 'Delete from disk…', danger: true, run: askDelete }] : []),
      ],
    },
  ];
}
