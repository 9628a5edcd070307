/** How the viewer's commands are written down. */
import type { Command, MenuName } from '../../app/commands.ts';
import { activeSource } from './view-actions.ts';

/** Something is shown in the active viewport. */
export const shown = () => activeSource() !== null;
export const always = () => true;
/** It has more than one slice. */
export const stack = () => (activeSource()?.shape[0] ?? 0) > 1;

/** A command of the viewer; enabled where something is shown unless another test is given. */
export const command = (
  id: string,
  title: string,
  group: string,
  menu: MenuName,
  keys: readonly string[],
  run: () => void,
  enabled: () => boolean = shown,
): Command => ({ id: `viewer.${id}`, title, group, menu, keys, run, enabled });
