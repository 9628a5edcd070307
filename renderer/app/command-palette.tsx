/** Every command by name: type, move with the arrows, press Enter. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Dialog as AriaDialog, Modal, ModalOverlay } from 'react-aria-components';
import { type Command, useCommands } from './commands.ts';
import { shownKey } from './key-map.ts';
import { rankCommands } from './rank-commands.ts';
import { useSession } from './session.ts';
import './command-palette.css';

function Palette({ onClose }: { onClose: () => void }) {
  const commands = useCommands((state) => state.commands);
  const keys = useSession((state) => state.settings.keys);
  const [typed, setTyped] = useState('');
  const [index, setIndex] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => rankCommands(commands.values(), typed), [commands, typed]);
  const chosen = found[Math.min(index, found.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });

  const run = (command: Command | undefined) => {
    if (command === undefined || command.enabled?.() === false) return;
    onClose();
    // After the dialog has given the focus back: a command may move it.
    setTimeout(() => {
      command.run();
      command.release?.();
    }, 0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      const wrap = Math.abs(step) === 1;
      const next = index + step;
      setIndex(wrap ? (next + found.length) % found.length : Math.max(0, Math.min(found.length - 1, next)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(chosen);
    }
  };
  return (
    <>
      <input
        className="palette-input"
        role="combobox"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={chosen === undefined ? undefined : `palette-${chosen.id}`}
        placeholder="Find a command"
        value={typed}
        // biome-ignore lint/a11y/noAutofocus: the palette is opened to be typed into
        autoFocus
        onChange={(event) => {
          setTyped(event.target.value);
          setIndex(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" role="listbox" id="palette-list" aria-label="Commands" ref={list} tabIndex={-1}>
        {found.map((command) => {
          const enabled = command.enabled?.() !== false;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input above has the keys
            <div
              key={command.id}
              id={`palette-${command.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={command === chosen}
              aria-disabled={!enabled}
              className="palette-option"
              onClick={() => run(command)}
            >
              <span className="palette-title">{command.title}</span>
              <span className="palette-group">{command.group}</span>
              <kbd className="palette-key">{shownKey(command, keys)}</kbd>
            </div>
          );
        })}
      </div>
      {found.length === 0 && (
        <p className="palette-none" role="status">
          No command matches.
        </p>
      )}
    </>
  );
}

export function CommandPalette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <ModalOverlay
      className="dialog-backdrop palette-backdrop"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="dialog palette">
        <AriaDialog className="dialog-body" aria-label="Commands">
          <Palette onClose={onClose} />
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
