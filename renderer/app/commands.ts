/**
 * Every action of the screen by id: menu, palette, toolbar and keys run the same entry. Rooms register theirs when they
 * are mounted; keys can be changed in the settings.
 */
import { create } from 'zustand';

export const menuNames = ['File', 'View', 'Tools', 'Reconstruct', 'Solvers', 'Help'] as const;
export type MenuName = (typeof menuNames)[number];

export interface Command {
  /** "viewer.invert", "library.open-demo". */
  id: string;
  title: string;
  /** Heading in the palette and the list of keys. */
  group: string;
  /** Default keys: "I", "Shift+W", "Ctrl+1", "ArrowUp", "Space"; Ctrl is Cmd on a Mac. */
  keys: readonly string[];
  /** Menu of the top bar it stands in; absent: chosen by its group. */
  menu?: MenuName;
  /** Held down: `run` on key down, `release` on key up. */
  release?(): void;
  run(): void;
  /** Absent: always. */
  enabled?(): boolean;
}

export interface CommandRegistry {
  commands: ReadonlyMap<string, Command>;
  /** Returns the way to take them away again. A later registration of an id replaces the earlier one. */
  register(commands: readonly Command[]): () => void;
  run(id: string): void;
}

export const useCommands = create<CommandRegistry>((set, get) => ({
  commands: new Map(),
  register: (added) => {
    set((state) => ({ commands: new Map([...state.commands, ...added.map((one) => [one.id, one] as const)]) }));
    return () =>
      set((state) => ({
        commands: new Map([...state.commands].filter(([, command]) => !added.includes(command))),
      }));
  },
  run: (id) => {
    const command = get().commands.get(id);
    if (command !== undefined && command.enabled?.() !== false) command.run();
  },
}));
