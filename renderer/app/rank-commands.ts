/** Orders commands by how well they match what was typed. */
import type { Command } from './commands.ts';

/** Lower is better; null when some word is found nowhere. */
function score(command: Command, words: readonly string[]): number | null {
  const title = command.title.toLowerCase();
  const all = `${title} ${command.group.toLowerCase()} ${command.id.toLowerCase()}`;
  let total = 0;
  for (const word of words) {
    if (title.startsWith(word)) total += 0;
    else if (title.includes(` ${word}`)) total += 1;
    else if (title.includes(word)) total += 2;
    else if (all.includes(word)) total += 4;
    else return null;
  }
  return total;
}

/** Every word typed must occur in title, group or id; the best match first, ties in order of registration. */
export function rankCommands(commands: Iterable<Command>, typed: string): Command[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return [...commands]
    .flatMap((command) => {
      const rank = score(command, words);
      return rank === null ? [] : [{ command, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
}
