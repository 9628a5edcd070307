/**
 * The one place where keys become commands. Keys belong first to what has the focus: text to fields, arrows to lists,
 * sliders and tabs, Space and Enter to buttons, everything to dialogs and open menus.
 */
import { type Command, useCommands } from './commands.ts';
import { keyTable } from './key-map.ts';
import { keyOf } from './key-names.ts';
import { useSession } from './session.ts';

const editing = new Set(['A', 'C', 'V', 'X', 'Z', 'Y', 'Shift+Z'].map((key) => `Ctrl+${key}`));
const moving = /^(Shift\+)?(Arrow(Up|Down|Left|Right)|Home|End|PageUp|PageDown)$/;
/** Keys that make sense again and again while held; others run once per press. */
const repeating = /(Arrow(Up|Down|Left|Right)|PageUp|PageDown|[+\-,.=])$/;

const textField =
  'input:not([type=checkbox],[type=radio],[type=range],[type=button],[type=file]),textarea,select,[contenteditable=true]';
const ownsAll = '[role=dialog],[role=alertdialog],[role=menu],[role=listbox],[data-key-capture]';
const ownsMoves =
  '[role=grid],[role=treegrid],[role=tree],[role=tablist],[role=toolbar],[role=radiogroup],[role=slider],[role=separator],[data-key-moves],input[type=range],input[type=radio]';
const ownsPress = 'button,a[href],summary,[role=button],[role=row],[role=tab],input[type=checkbox],input[type=radio]';

/** Whether the focused element wants the key for itself. */
export function belongsToFocus(target: Element, key: string): boolean {
  if (target.closest(ownsAll) !== null) return true;
  if (target.closest(textField) !== null)
    return !/^(Ctrl\+|F\d)/.test(key) || editing.has(key) || /^Ctrl\+(Shift\+)?Arrow/.test(key);
  if (moving.test(key) && target.closest(ownsMoves) !== null) return true;
  return /^(Space|Enter)$/.test(key) && target.closest(ownsPress) !== null;
}

/** Listens on the window. Returns the way to stop. */
export function listenToKeys(): () => void {
  /** Physical key → command to release when it goes up. */
  const held = new Map<string, Command>();
  const releaseAll = () => {
    for (const command of held.values()) command.release?.();
    held.clear();
  };
  const down = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    const key = keyOf(event);
    // Tab always moves the focus: no part of the page may trap it.
    if (key === null || /(^|\+)Tab$/.test(key)) return;
    if (event.target instanceof Element && belongsToFocus(event.target, key)) return;
    const claimants = keyTable(useCommands.getState().commands.values(), useSession.getState().settings.keys).get(key);
    const command = claimants?.find((one) => one.enabled?.() !== false);
    if (command === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat && (command.release !== undefined || !repeating.test(key))) return;
    if (command.release !== undefined) held.set(event.code, command);
    command.run();
  };
  const up = (event: KeyboardEvent) => {
    const command = held.get(event.code);
    if (command === undefined) return;
    held.delete(event.code);
    command.release?.();
  };
  addEventListener('keydown', down, true);
  addEventListener('keyup', up, true);
  addEventListener('blur', releaseAll);
  return () => {
    removeEventListener('keydown', down, true);
    removeEventListener('keyup', up, true);
    removeEventListener('blur', releaseAll);
    releaseAll();
  };
}
