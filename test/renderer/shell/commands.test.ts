/** Keys, palette and menus run the commands of the registry, and only when they should. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShell, type Shell } from './open-shell.ts';

let shell: Shell;
beforeAll(async () => {
  shell = await openShell();
});
afterAll(async () => {
  await shell.close();
});

interface Registered {
  id: string;
  title: string;
  keys: string[];
}

/** Puts a recorder in place of every command's work; a command then always can run. */
const record = (page: Page): Promise<Registered[]> =>
  page.evaluate(() => {
    interface Entry extends Registered {
      run(): void;
      release?: () => void;
    }
    const scope = globalThis as unknown as {
      ran: string[];
      useCommands: { getState(): { commands: Map<string, Entry>; register(entries: Entry[]): void } };
    };
    scope.ran = [];
    const { commands, register } = scope.useCommands.getState();
    const entries = [...commands.values()];
    register(
      entries.map((entry) => ({
        ...entry,
        enabled: () => true,
        run: () => void scope.ran.push(entry.id),
        ...(entry.release === undefined ? {} : { release: () => void scope.ran.push(`${entry.id} released`) }),
      })),
    );
    return entries.map(({ id, title, keys }) => ({ id, title, keys: [...keys] }));
  });
const ran = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { ran: string[] }).ran.splice(0));

/** Takes the focus from wherever it is. */
const blurAll = (root: unknown) => {
  const { ownerDocument } = root as { ownerDocument: { activeElement: { blur(): void } | null } };
  ownerDocument.activeElement?.blur();
};

/** A combination as Playwright presses it. */
const pressable = (key: string) => key.replace(/Ctrl\+/, 'Control+');

describe('commands', () => {
  it('are all reached by keyboard through the palette', async () => {
    const page = await shell.open();
    await page.waitForFunction(() =>
      (globalThis as unknown as { useCommands: { getState(): { commands: Map<string, unknown> } } }).useCommands
        .getState()
        .commands.has('solver.phantom-count'),
    );
    const commands = await record(page);
    expect(commands.length).toBeGreaterThan(20);
    const openPalette = () => page.getByRole('button', { name: /^Commands/ }).press('Enter');
    await openPalette();
    const input = page.getByRole('combobox', { name: 'Find a command' });
    const reached = new Set<string>();
    for (let n = 0; n < commands.length; n += 1) {
      reached.add((await input.getAttribute('aria-activedescendant')) ?? '');
      await page.keyboard.press('ArrowDown');
    }
    expect(commands.filter(({ id }) => !reached.has(`palette-${id}`))).toEqual([]);
    await page.keyboard.press('Escape');
    // One of every kind is run as well.
    const kinds = new Map(commands.map((command) => [command.id.split('.')[0], command]));
    for (const { id } of kinds.values()) {
      await openPalette();
      await page.keyboard.type(id);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.waitForFunction(() => (globalThis as unknown as { ran: string[] }).ran.length > 0);
      expect((await ran(page))[0]).toBe(id);
    }
    await page.close();
  });

  it('run by their default keys', async () => {
    const page = await shell.open();
    const commands = await record(page);
    const claims = commands.flatMap(({ id, keys }) => keys.map((key): [string, string] => [key, id]));
    const first = new Map(claims);
    expect(claims.length, 'no default key is claimed twice').toBe(first.size);
    expect(first.size).toBeGreaterThan(10);
    const wrong: string[] = [];
    for (const [key, id] of first) {
      await page.locator('html').evaluate(blurAll);
      await page.keyboard.press(pressable(key));
      const [got] = await ran(page);
      if (got !== id) wrong.push(`${key}: ${got ?? 'nothing'} instead of ${id}`);
    }
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('leave typing alone, but for the palette', async () => {
    const page = await shell.open();
    await record(page);
    await page.getByRole('searchbox').first().focus();
    await page.keyboard.type('i?w 0');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('ArrowLeft');
    expect(await ran(page)).toEqual([]);
    expect(await page.getByRole('searchbox').first().inputValue()).toBe('i?w 0');
    await page.keyboard.press('Control+k');
    expect(await ran(page)).toEqual(['app.palette']);
    await page.close();
  });

  it('held down are released when the key goes up, once', async () => {
    const page = await shell.open();
    await page.evaluate(() => {
      const scope = globalThis as unknown as {
        log: string[];
        useCommands: { getState(): { register(entries: unknown[]): void } };
      };
      scope.log = [];
      const entry = { title: 'Magnify', group: 'Test', keys: ['F8'] };
      scope.useCommands
        .getState()
        .register([
          { ...entry, id: 'test.hold', run: () => scope.log.push('down'), release: () => scope.log.push('up') },
        ]);
    });
    await page.keyboard.down('F8');
    await page.keyboard.down('F8');
    await page.keyboard.up('F8');
    expect(await page.evaluate(() => (globalThis as unknown as { log: string[] }).log)).toEqual(['down', 'up']);
    await page.close();
  });

  it('that cannot run now are greyed and stay', async () => {
    const page = await shell.open('?items=none');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('close the selected');
    expect(await page.getByRole('option').first().getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.close();
  });

  it('stand in the menus, which are one Tab stop', async () => {
    const page = await shell.open();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('File');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('menuitem', { name: /Switch between dark and light/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toContain('Commands');
    await page.getByRole('button', { name: 'Solvers', exact: true }).first().press('Enter');
    await page
      .getByRole('menuitem', { name: /Counting phantom|Examples/ })
      .first()
      .waitFor();
    await page.close();
  });

  it('have keys that can be changed, with conflicts shown, and set back', async () => {
    const page = await shell.open();
    await page.keyboard.press('Control+,');
    await page.getByRole('searchbox', { name: 'Search commands' }).fill('fold the side');
    const row = page.locator('[data-command="app.toggle-side"]');
    await row.getByRole('button', { name: 'Add a key for Fold the side panel' }).press('Enter');
    await page.keyboard.press('Control+k');
    await row.getByText('also means: Find a command…').waitFor();
    await row.getByRole('button', { name: /Take Ctrl\+K/ }).press('Enter');
    await row.getByText('also means').waitFor({ state: 'detached' });
    await row.getByRole('button', { name: 'Add a key' }).press('Enter');
    await page.keyboard.press('Shift+F9');
    await row.getByText('Shift+F9').waitFor();
    const settings = () =>
      page.evaluate(
        () =>
          (
            globalThis as unknown as { useSession: { getState(): { settings: { keys: unknown } } } }
          ).useSession.getState().settings.keys,
      );
    await expect.poll(settings).toEqual({ 'app.toggle-side': ['Ctrl+B', 'Shift+F9'] });
    await page.keyboard.press('Shift+F9');
    await page.getByRole('complementary', { name: 'Panel' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Control+b');
    await page.getByRole('button', { name: 'All to default' }).press('Enter');
    await expect.poll(settings).toEqual({});
    await page.close();
  });

  it('move the focus between the parts of the window', async () => {
    const page = await shell.open();
    const part = () =>
      page.locator(':focus').evaluate((node) => {
        const { closest } = node as unknown as { closest(selector: string): { className: string } | null };
        return closest.call(node, '.top-bar,.rail,.side,.app-viewports,.status')?.className.split(' ')[0];
      });
    const visited: (string | undefined)[] = [];
    for (let n = 0; n < 5; n += 1) {
      await page.keyboard.press('F6');
      visited.push(await part());
    }
    expect(visited).toEqual(['top-bar', 'rail', 'side', 'app-viewports', 'top-bar']);
    await page.keyboard.press('Shift+F6');
    expect(await part()).toBe('app-viewports');
    await page.keyboard.press('Alt+p');
    await page.locator('section:focus').getByRole('heading', { name: 'Priors' }).waitFor();
    await page.close();
  });

  it('of the native shell run here too', async () => {
    const page = await shell.open();
    await page.evaluate(() =>
      (globalThis as unknown as { fake: { emit(event: unknown): void } }).fake.emit({
        type: 'command',
        command: 'panel.settings',
      }),
    );
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.close();
  });

  it('work without a message of the browser', () => {
    expect(shell.problems).toEqual([]);
  });
});
