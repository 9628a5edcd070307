/** Every command that has a key, by group. */
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { type Command, useCommands } from './commands.ts';
import { openPanel } from './frame-state.ts';
import { keysOf } from './key-map.ts';
import { keyLabel } from './key-names.ts';
import { useSession } from './session.ts';
import './key-list.css';

export function commandGroups(commands: Iterable<Command>): [group: string, commands: Command[]][] {
  const groups = new Map<string, Command[]>();
  for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  return [...groups];
}

export function KeyList({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const commands = useCommands((state) => state.commands);
  const keys = useSession((state) => state.settings.keys);
  const withKeys = [...commands.values()].filter((command) => keysOf(command, keys).length > 0);
  return (
    <Dialog
      title="Keys"
      isOpen={isOpen}
      onClose={onClose}
      width="wide"
      reading
      actions={
        <Button
          onPress={() => {
            onClose();
            openPanel('settings');
          }}
        >
          Change keys
        </Button>
      }
    >
      <div className="key-list">
        {commandGroups(withKeys).map(([group, entries]) => (
          <section key={group} className="key-group" aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {entries.map((command) => (
                <div key={command.id} className="key-entry">
                  <dt>{command.title}</dt>
                  <dd>
                    {keysOf(command, keys).map((key) => (
                      <kbd key={key} className="key-cap">
                        {keyLabel(key)}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
