/** Every command with its keys: add by pressing them, take away, go back to the defaults; keys claimed twice are shown. */
import { useState } from 'react';
import { changeSettings } from '../app/change-settings.ts';
import { type Command, useCommands } from '../app/commands.ts';
import { commandGroups } from '../app/key-list.tsx';
import { keyConflicts, keysOf } from '../app/key-map.ts';
import { keyLabel } from '../app/key-names.ts';
import { rankCommands } from '../app/rank-commands.ts';
import { useSession } from '../app/session.ts';
import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Icon } from '../components/icon.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { SearchField } from '../components/search-field.tsx';
import { KeyRecorder } from './key-recorder.tsx';

type Chosen = Readonly<Record<string, readonly string[]>>;

/** Keys of a command as they are to be stored; equal to the defaults, nothing is stored. */
function withKeys(chosen: Chosen, command: Command, keys: readonly string[]): Record<string, string[]> {
  const { [command.id]: _, ...others } = chosen;
  const plain = Object.fromEntries(Object.entries(others).map(([id, list]) => [id, [...list]]));
  const same = keysOf(command, {}).join(' ') === keys.join(' ');
  return same ? plain : { ...plain, [command.id]: keys.slice(0, 4) };
}

function Row({ command, conflicts }: { command: Command; conflicts: { key: string; others: string[] }[] }) {
  const chosen = useSession((state) => state.settings.keys);
  const keys = keysOf(command, chosen);
  const changed = chosen[command.id] !== undefined;
  const set = (next: readonly string[]) => changeSettings({ keys: withKeys(chosen, command, next) });
  return (
    <li className="key-row" data-command={command.id}>
      <div className="key-row-head">
        <span className="key-row-title">{command.title}</span>
        <span className="key-row-keys">
          {keys.map((key) => (
            <span key={key} className="key-chip">
              {keyLabel(key)}
              <button
                type="button"
                className="key-chip-remove"
                aria-label={`Take ${keyLabel(key)} from ${command.title}`}
                onClick={() => set(keys.filter((one) => one !== key))}
              >
                <Icon name="close" size={12} />
              </button>
            </span>
          ))}
          <KeyRecorder
            label={`Add a key for ${command.title}`}
            disabled={keys.length >= 4}
            onKey={(key) => set([...keys.filter((one) => one !== key), key])}
          />
          {changed && (
            <IconButton
              label={`Default keys for ${command.title}`}
              icon="reset"
              onPress={() => set(keysOf(command, {}))}
            />
          )}
        </span>
      </div>
      {conflicts.map(({ key, others }) => (
        <p key={key} className="key-conflict">
          <Icon name="warning" size={14} /> {keyLabel(key)} also means: {others.join(', ')}
        </p>
      ))}
    </li>
  );
}

export function KeyEditor() {
  const commands = useCommands((state) => state.commands);
  const chosen = useSession((state) => state.settings.keys);
  const [search, setSearch] = useState('');
  const [onlyConflicts, setOnlyConflicts] = useState(false);
  const conflicts = keyConflicts(commands.values(), chosen);
  const shown = rankCommands(commands.values(), search).filter(({ id }) => !onlyConflicts || conflicts.has(id));
  const searching = search !== '' || onlyConflicts;
  return (
    <section className="settings-part" aria-label="Keys">
      <div className="settings-head">
        <h3>Keys</h3>
        <Button isDisabled={Object.keys(chosen).length === 0} onPress={() => changeSettings({ keys: {} })}>
          All to default
        </Button>
      </div>
      <SearchField label="Search commands" value={search} onChange={setSearch} />
      {conflicts.size > 0 && (
        <Checkbox
          label={`Only keys claimed twice (${conflicts.size} commands)`}
          isSelected={onlyConflicts}
          onChange={setOnlyConflicts}
        />
      )}
      {commandGroups(shown).map(([group, entries]) => (
        <Disclosure key={`${group} ${searching}`} title={group} detail={String(entries.length)} defaultOpen={searching}>
          <ul className="key-rows" aria-label={group}>
            {entries.map((command) => (
              <Row key={command.id} command={command} conflicts={conflicts.get(command.id) ?? []} />
            ))}
          </ul>
        </Disclosure>
      ))}
      {shown.length === 0 && <p className="library-empty">No command matches.</p>}
    </section>
  );
}
