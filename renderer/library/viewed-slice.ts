/** The slice the active viewport shows of an item; null when it shows another or nothing. */
import { useWorkspace } from '../app/workspace.ts';

export function useViewedSlice(item: string | null): number | null {
  const shown = useWorkspace((state) => {
    const content = state.contents[state.active];
    return content !== null && 'item' in content && content.item === item;
  });
  return shown ? 0 : null;
}
