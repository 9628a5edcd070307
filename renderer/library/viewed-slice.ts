/** The slice the active viewport shows of an item; null when it shows another, a running job or nothing. */
import { useWorkspace } from '../app/workspace.ts';
import { useViewState } from '../viewer/view-state.ts';

export function useViewedSlice(item: string | null): number | null {
  const active = useWorkspace((state) => state.active);
  const shows = useWorkspace((state) => {
    const content = state.contents[state.active];
    return content !== null && 'item' in content && content.item === item;
  });
  const slice = useViewState((state) => state.views[active].shown);
  return shows && slice >= 0 ? slice : null;
}
