/** Which keys run which command, with the user's changes, and which keys are claimed twice. */
import type { Command } from './commands.ts';
import { keyLabel, normaliseKey } from './key-names.ts';

type Chosen = Readonly<Record<string, readonly string[]>>;

/** Keys of a command: the user's where there are any (none is a choice too), else its own. */
export function keysOf(command: Command, chosen: Chosen): readonly string[] {
  return (chosen[command.id] ?? command.keys).map(normaliseKey);
}

/** The first key of a command as shown in menus; empty without one. */
export function shownKey(command: Command, chosen: Chosen): string {
  const [first] = keysOf(command, chosen);
  return first === undefined ? '' : keyLabel(first);
}

/** Key → commands that answer to it, in the order they were registered. */
export function keyTable(commands: Iterable<Command>, chosen: Chosen): ReadonlyMap<string, readonly Command[]> {
  const table = new Map<string, Command[]>();
  for (const command of commands) {
    for (const key of keysOf(command, chosen)) {
      const list = table.get(key);
      if (list === undefined) table.set(key, [command]);
      else if (!list.includes(command)) list.push(command);
    }
  }
  return table;
}

/** Command id → titles of the other commands that claim one of its keys. */
export function keyConflicts(
  commands: Iterable<Command>,
  chosen: Chosen,
): ReadonlyMap<string, { key: string; others: string[] }[]> {
  const conflicts = new Map<string, { key: string; others: string[] }[]>();
  for (const [key, claimants] of keyTable(commands, chosen)) {
    if (claimants.length < 2) continue;
    for (const command of claimants) {
      const others = claimants.filter((other) => other !== command).map((other) => other.title);
      conflicts.set(command.id, [...(conflicts.get(command.id) ?? []), { key, others }]);
    }
  }
  return conflicts;
}
