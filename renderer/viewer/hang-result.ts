/**
 * The first look at a result: zero-filled | reconstruction over reference or CG-SENSE | difference where there is a
 * reference, else uncertainty, else evidence. Fewer viewports when parts are missing.
 */
import type { ItemDescription } from '../../main/host/api/item.ts';
import { describeItem } from '../app/session.ts';
import { type Content, useWorkspace } from '../app/workspace.ts';

/** The contents in order, reading from the top left. */
export function hangingOf({ id, components }: Pick<ItemDescription, 'id' | 'components'>): NonNullable<Content>[] {
  const named = (...names: string[]) => names.map((name) => components.find((one) => one.name === name)).find(Boolean);
  const reconstruction = named('image') ?? components.find(({ role }) => role === 'image') ?? components[0];
  if (reconstruction === undefined) return [];
  const shown = (component: { name: string } | undefined): NonNullable<Content>[] =>
    component === undefined || component === reconstruction ? [] : [{ item: id, component: component.name }];
  const reference = named('reference');
  const start = named('zero-filled', 'fbp', 'fdk');
  const second =
    reference ??
    named('cg-sense') ??
    components.find(
      (one) => one.role === 'image' && one !== reconstruction && one !== start && !/^(real|imaginary)$/.test(one.name),
    );
  const map =
    reference === undefined
      ? shown(named('std') ?? components.find(({ role }) => role === 'uncertainty') ?? named('evidence'))
      : [
          {
            item: id,
            component: reconstruction.name,
            difference: { against: { item: id, component: reference.name }, absolute: false, gain: 5 as const },
          },
        ];
  return [...shown(start), { item: id, component: reconstruction.name }, ...shown(second), ...map];
}

export async function hangResult(id: string): Promise<void> {
  const contents = hangingOf(await describeItem(id));
  const layout = contents.length > 2 ? '2x2' : contents.length === 2 ? '1x2' : '1x1';
  useWorkspace.getState().hang(layout, contents);
  const at = contents.findIndex((one) => 'item' in one && one.difference === undefined && one.component === 'image');
  if (at > 0) useWorkspace.getState().setActive(at);
}
