import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostEvent } from '../../main/host/api/api.ts';
import { settings } from '../../main/host/api/settings.ts';
import { createSettingsStore } from '../../main/host/settings-store.ts';

let folder: string;
const events: HostEvent[] = [];
const open = () => createSettingsStore({ folder, emit: (event) => events.push(event) });
beforeEach(async () => {
  events.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'tangent-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('settings', () => {
  test('begin as the defaults, are kept, and are told to every page', async () => {
    const store = open();
    expect(store.read()).toEqual(settings.parse({}));
    const [first, second] = await Promise.all([
      store.write({ theme: 'light', hideIdentity: undefined }),
      store.write({ threads: 3 }),
    ]);
    expect(first).toEqual({ ...settings.parse({}), theme: 'light' });
    expect(second).toEqual({ ...settings.parse({}), theme: 'light', threads: 3 });
    expect(events).toEqual([first, second].map((one) => ({ type: 'settings', settings: one })));
    expect(open().read()).toEqual(second);
    expect(await readdir(folder)).toEqual(['settings.json']);
  });

  test('a damaged file is put aside and the defaults hold', async () => {
    await writeFile(join(folder, 'settings.json'), '{"theme":"plaid"}');
    const store = open();
    expect(store.read()).toEqual(settings.parse({}));
    expect(await readFile(join(folder, 'settings.json.damaged'), 'utf8')).toContain('plaid');
    await store.write({ theme: 'system' });
    expect(open().read().theme).toBe('system');
  });

  test('a change that is none is refused and changes nothing', async () => {
    const store = open();
    await expect(store.write({ threads: -1 })).rejects.toMatchObject({ code: 'bad-usage', path: 'threads' });
    expect(store.read()).toEqual(settings.parse({}));
    await expect(store.write({ threads: 2 })).resolves.toMatchObject({ threads: 2 });
  });
});
