import { describe, expect, it } from 'vitest';
import type { Command } from '../../../renderer/app/commands.ts';
import { keyConflicts, keysOf, keyTable } from '../../../renderer/app/key-map.ts';
import { keyLabel, keyOf, normaliseKey } from '../../../renderer/app/key-names.ts';
import { rankCommands } from '../../../renderer/app/rank-commands.ts';

const press = (key: string, more: Partial<Parameters<typeof keyOf>[0]> = {}) => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe('names of keys', () => {
  it('puts modifiers in one order and drops Shift where the character holds it', () => {
    expect(keyOf(press('z', { ctrlKey: true, shiftKey: true }), false)).toBe('Ctrl+Shift+Z');
    expect(keyOf(press('?', { shiftKey: true }), false)).toBe('?');
    expect(keyOf(press('+', { shiftKey: true }), false)).toBe('+');
    expect(keyOf(press(' '), false)).toBe('Space');
    expect(keyOf(press('ArrowUp', { altKey: true, shiftKey: true }), false)).toBe('Alt+Shift+ArrowUp');
    expect(keyOf(press('Shift', { shiftKey: true }), false)).toBeNull();
  });

  it('takes Cmd for Ctrl on a Mac, and Ctrl there for nothing', () => {
    expect(keyOf(press('k', { metaKey: true }), true)).toBe('Ctrl+K');
    expect(keyOf(press('k', { ctrlKey: true }), true)).toBe('K');
    expect(keyLabel('Ctrl+Shift+Z', true)).toBe('⌘⇧Z');
    expect(keyLabel('Alt+ArrowUp', false)).toBe('Alt+↑');
  });

  it('reads the physical key where the layout has no Latin letter', () => {
    expect(keyOf(press('ш', { code: 'KeyI' }), false)).toBe('I');
    expect(keyOf(press('®', { code: 'KeyR', altKey: true }), true)).toBe('Alt+R');
  });

  it('spells what commands and settings say as keyOf does', () => {
    expect(normaliseKey('Shift+w')).toBe('Shift+W');
    expect(normaliseKey('Del')).toBe('Delete');
    expect(normaliseKey('+')).toBe('+');
    expect(normaliseKey('Ctrl++')).toBe('Ctrl++');
    expect(normaliseKey('Shift+Ctrl+z')).toBe('Ctrl+Shift+Z');
    expect(normaliseKey('Shift+?')).toBe('?');
  });
});

const command = (id: string, title: string, keys: string[]): Command => ({
  id,
  title,
  group: 'View',
  keys,
  run: () => {},
});

describe('the key map', () => {
  const invert = command('viewer.invert', 'Invert', ['I']);
  const info = command('viewer.info', 'Information', ['Ctrl+I']);

  it('prefers what the user chose, also no key at all', () => {
    expect(keysOf(invert, {})).toEqual(['I']);
    expect(keysOf(invert, { 'viewer.invert': [] })).toEqual([]);
    expect([...keyTable([invert, info], { 'viewer.info': ['i'] }).keys()]).toEqual(['I']);
  });

  it('names both sides of a conflict', () => {
    expect(keyConflicts([invert, info], {}).size).toBe(0);
    const conflicts = keyConflicts([invert, info], { 'viewer.info': ['I'] });
    expect(conflicts.get('viewer.invert')).toEqual([{ key: 'I', others: ['Information'] }]);
    expect(conflicts.get('viewer.info')).toEqual([{ key: 'I', others: ['Invert'] }]);
  });
});

describe('the search for commands', () => {
  it('wants every word and puts beginnings of titles first', () => {
    const all = [command('a.zoom', 'Reset the zoom', []), command('b.zoom', 'Zoom in', []), command('c', 'Pan', [])];
    expect(rankCommands(all, 'zoom').map(({ id }) => id)).toEqual(['b.zoom', 'a.zoom']);
    expect(rankCommands(all, 'zoom reset').map(({ id }) => id)).toEqual(['a.zoom']);
    expect(rankCommands(all, 'view').length).toBe(3);
    expect(rankCommands(all, 'nothing')).toEqual([]);
  });
});
