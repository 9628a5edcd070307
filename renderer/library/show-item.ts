/** Puts an item on the screen: a result as its hanging, anything else as its image. */
import type { Component } from '../../main/host/api/item.ts';
import { openPanel } from '../app/frame-state.ts';
import { describeItem, useSession } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { useWorkspace } from '../app/workspace.ts';
import { hangResult } from '../viewer/hang-result.ts';

/** What to look at first: an image, else a map, else whatever there is. */
function firstToShow(components: readonly Component[]): Component | undefined {
  return (
    components.find((one) => one.role === 'image') ?? components.find((one) => one.role === 'map') ?? components[0]
  );
}

/** Selects the item and shows it, in the active viewport unless an index is given. Failures become toasts. */
export async function showItem(id: string, index?: number): Promise<void> {
  const item = useSession.getState().items.get(id);
  useSession.setState({ selected: id });
  if (item?.problem != null) {
    toast(item.problem, 'warning');
    return;
  }
  try {
    if (item?.kind === 'result' && index === undefined) {
      await hangResult(id);
      return;
    }
    const { components } = await describeItem(id);
    const component = firstToShow(components);
    if (component !== undefined) useWorkspace.getState().show({ item: id, component: component.name }, index);
    else if (item?.kind === 'solution') openPanel('solvers');
    else toast('This item holds no picture.', 'info');
  } catch (thrown) {
    toastError(thrown);
  }
}
