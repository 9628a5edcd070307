/** Stands in until the room is built: the result's image in the active viewport. */
import { useWorkspace } from '../app/workspace.ts';

export async function hangResult(id: string): Promise<void> {
  useWorkspace.getState().show({ item: id, component: 'image' });
}
