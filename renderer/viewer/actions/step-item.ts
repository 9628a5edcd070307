/** The next or previous item of the library in the active viewport. */
import { announce } from '../../app/announce.ts';
import { describeItem, useSession } from '../../app/session.ts';
import { toastError } from '../../app/toasts.ts';
import { useWorkspace } from '../../app/workspace.ts';

export function stepItem(by: number): void {
  const { active, contents } = useWorkspace.getState();
  const content = contents[active];
  const { items, selected } = useSession.getState();
  const list = [...items.values()].filter(({ problem, slices }) => problem === null && slices > 0);
  if (list.length === 0) return;
  const current = content !== null && 'item' in content ? content.item : selected;
  const at = list.findIndex(({ id }) => id === current);
  const next = list[(at === -1 ? 0 : at + by + list.length) % list.length];
  describeItem(next.id).then(({ components, title }) => {
    const component = components.find(({ role }) => role === 'image') ?? components[0];
    if (component === undefined) return;
    useSession.setState({ selected: next.id });
    useWorkspace.getState().show({ item: next.id, component: component.name }, active);
    announce(title);
  }, toastError);
}
