/** Names of keys, as commands and settings write them: modifiers in the order Ctrl, Alt, Shift, then the key. */

const aliases: Readonly<Record<string, string>> = {
  ' ': 'Space',
  Spacebar: 'Space',
  Del: 'Delete',
  Esc: 'Escape',
  Return: 'Enter',
  Up: 'ArrowUp',
  Down: 'ArrowDown',
  Left: 'ArrowLeft',
  Right: 'ArrowRight',
  '−': '-',
};

const modifierKeys = new Set(['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Fn']);

export const onMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** The letter or digit of a physical key, for layouts whose letters are not Latin and for Alt on a Mac. */
function physical(code: string): string | undefined {
  return /^Key([A-Z])$/.exec(code)?.[1] ?? /^Digit(\d)$/.exec(code)?.[1];
}

/** What is read of a keyboard event. */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** What was pressed, for example "Ctrl+Shift+Z"; null for a modifier alone. Characters that need Shift stand alone: "?". */
export function keyOf(event: KeyPress, mac = onMac): string | null {
  if (modifierKeys.has(event.key)) return null;
  let key = aliases[event.key] ?? event.key;
  const plain = /^[\x21-\x7e]$/.test(key);
  if (!plain && [...key].length === 1) key = physical(event.code) ?? key;
  else if (event.altKey && plain) key = physical(event.code) ?? key;
  if (/^[a-z]$/i.test(key)) key = key.toUpperCase();
  const control = mac ? event.metaKey : event.ctrlKey;
  // Shift is part of a character such as "?"; of letters and named keys it is a modifier.
  const shift = event.shiftKey && !/^[^A-Z0-9]$/.test(key);
  return `${control ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

/** The same combination in the order and spelling of `keyOf`. */
export function normaliseKey(text: string): string {
  const parts = text === '+' ? ['+'] : text.endsWith('++') ? [...text.slice(0, -2).split('+'), '+'] : text.split('+');
  const last = parts.at(-1) ?? '';
  const key = aliases[last] ?? (/^[a-z]$/.test(last) ? last.toUpperCase() : last);
  const modifiers = new Set(parts.slice(0, -1).map((part) => (part === 'Cmd' || part === 'Meta' ? 'Ctrl' : part)));
  const shift = modifiers.has('Shift') && !/^[^A-Z0-9]$/.test(key);
  return `${modifiers.has('Ctrl') ? 'Ctrl+' : ''}${modifiers.has('Alt') ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

const labels: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'Page up',
  PageDown: 'Page down',
  Delete: 'Del',
  Escape: 'Esc',
  '-': '−',
};

/** How a combination is shown: "Ctrl+K", on a Mac "⌘K". */
export function keyLabel(text: string, mac = onMac): string {
  const normal = normaliseKey(text);
  const key = /([^+]+|\+)$/.exec(normal)?.[0] ?? normal;
  const modifiers = normal.slice(0, normal.length - key.length);
  const shown = labels[key] ?? key;
  if (!mac) return `${modifiers}${shown}`;
  return `${modifiers.replace('Ctrl+', '⌘').replace('Alt+', '⌥').replace('Shift+', '⇧')}${shown}`;
}
