/** Opening, the library and its actions, tags, and what is seen of the connection. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOf, openShell, type Shell } from './open-shell.ts';

let shell: Shell;
beforeAll(async () => {
  shell = await openShell();
});
afterAll(async () => {
  await shell.close();
});

const shown = (page: Page): Promise<unknown> =>
  page.evaluate(() => {
    interface Workspace {
      contents: unknown[];
      active: number;
    }
    const { contents, active } = (
      globalThis as unknown as { useWorkspace: { getState(): Workspace } }
    ).useWorkspace.getState();
    return contents[active];
  });

describe('opening', () => {
  it('goes from the first screen to an image and the next step in one click', async () => {
    const page = await shell.open('?items=none');
    await page.getByRole('button', { name: 'Open the demo scan' }).click();
    await expect.poll(() => shown(page)).toMatchObject({ item: 'series0001', component: 'image' });
    await page.getByText('480 image files, 20 other files skipped, 1 unreadable').first().waitFor();
    await page.getByRole('button', { name: '1 unreadable' }).click();
    await page.getByText('ends inside the pixel data').waitFor();
    await page.getByRole('banner').getByRole('button', { name: 'Reconstruct' }).last().click();
    await expect
      .poll(() =>
        page.evaluate(
          () =>
            (globalThis as unknown as { useSession: { getState(): { panel: string } } }).useSession.getState().panel,
        ),
      )
      .toBe('reconstruct');
    await page.close();
  });

  it('takes dropped files', async () => {
    const page = await shell.open('?items=none');
    const transfer = await page.evaluateHandle(() => {
      const { DataTransfer: Transfer } = globalThis as unknown as {
        DataTransfer: new () => { items: { add(file: File): void } };
      };
      const data = new Transfer();
      data.items.add(new File(['x'], 'one.dcm'));
      data.items.add(new File(['y'], 'two.dcm'));
      return data;
    });
    const area = page.locator('.drop-area');
    await area.dispatchEvent('dragenter', { dataTransfer: transfer });
    await page.getByText('Drop to open').waitFor();
    await area.dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByText('Drop to open').waitFor({ state: 'detached' });
    await expect.poll(() => callsOf(page, 'library.open')).toEqual([{ handles: ['hupload000', 'hupload100'] }]);
    expect(await callsOf(page, 'upload')).toEqual([['one.dcm', 'two.dcm']]);
    await page.close();
  });

  it('walks a dropped folder, as the desktop hands it over', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tangent-drop-'));
    await mkdir(join(folder, 'study', 'deep'), { recursive: true });
    const names = Array.from({ length: 130 }, (_, n) => join('study', `${n}.dcm`));
    for (const name of [...names, join('study', 'deep', 'scan.h5')]) await writeFile(join(folder, name), name);
    const page = await shell.open('?items=none');
    const tools = await page.context().newCDPSession(page);
    const data = { items: [], files: [join(folder, 'study')], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await tools.send('Input.dispatchDragEvent', { type, x: 800, y: 300, data });
    await expect.poll(async () => (await callsOf(page, 'upload')).length).toBe(1);
    const [handed] = (await callsOf(page, 'upload')) as string[][];
    // More than one portion of the reader, and folders in folders.
    expect(handed.length).toBe(131);
    expect(handed).toContain('study/deep/scan.h5');
    await page.close();
    await rm(folder, { recursive: true });
  });

  it('browses the folders given with --root by keyboard', async () => {
    const page = await shell.open('?items=none');
    await page.getByRole('button', { name: 'Shared folders' }).press('Enter');
    await page.getByRole('row', { name: 'scan.h5' }).press('Enter');
    await expect.poll(() => callsOf(page, 'library.open')).toEqual([{ handles: ['hfile00001'] }]);
    await page.close();
  });
});

describe('the library', () => {
  it('is searched, and shows an item on Enter', async () => {
    const page = await shell.open();
    await page.getByRole('searchbox', { name: 'Search the library' }).fill('flair');
    await expect.poll(() => page.locator('.item-row').count()).toBe(1);
    await page.getByRole('row', { name: /FLAIR/ }).press('Enter');
    await expect.poll(() => shown(page)).toMatchObject({ item: 'series0002' });
    await page.close();
  });

  it('hides names, also from its headings and its search', async () => {
    const page = await shell.open();
    // In the list and in the corner of the image.
    await page.getByText('Doe, Jane').first().waitFor();
    await page.keyboard.press('Shift+J');
    await expect.poll(() => page.getByText('Doe, Jane').count()).toBe(0);
    await page.getByRole('searchbox').fill('4711');
    await page.getByText('No item matches the search.').waitFor();
    await page.close();
  });

  it('asks before a result is deleted, and does not when the answer is no', async () => {
    const page = await shell.open();
    const remove = async () => {
      await page.getByRole('button', { name: 'Actions for T1 axial, 4× uniform' }).click();
      await page.getByRole('menuitem', { name: 'Delete from disk…' }).click();
      await page.getByRole('alertdialog').waitFor();
    };
    await remove();
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await callsOf(page, 'library.remove')).toEqual([]);
    await remove();
    await page.getByRole('button', { name: 'Delete from disk' }).click();
    await expect.poll(() => callsOf(page, 'library.remove')).toEqual([{ id: 'result0001' }]);
    await page.getByRole('row', { name: /4× uniform/ }).waitFor({ state: 'detached' });
    await page.close();
  });

  it('opens the menu of a row from the keyboard', async () => {
    const page = await shell.open();
    await page.getByRole('row', { name: 'brain_4x.h5' }).press('ContextMenu');
    await page.getByRole('menuitem', { name: 'Reconstruct…' }).waitFor();
    await page.keyboard.press('Escape');
    await page.close();
  });

  it('makes an item the reference', async () => {
    const page = await shell.open();
    await page.getByRole('button', { name: 'Actions for T1 axial', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Use as reference' }).click();
    expect(
      await page.evaluate(
        () =>
          (globalThis as unknown as { useSession: { getState(): { reference: string } } }).useSession.getState()
            .reference,
      ),
    ).toBe('series0001');
    await page.close();
  });
});

describe('tags', () => {
  it('are searched, unfolded and compared', async () => {
    const page = await shell.open();
    await page.getByRole('row', { name: 'T1 axial', exact: true }).press('Enter');
    await page.keyboard.press('Control+i');
    // They are of the slice in the active viewport, and follow it.
    const slice = page.getByRole('textbox', { name: 'Slice', exact: true }).first();
    await expect.poll(() => slice.inputValue()).toBe('15');
    await page.locator('[data-viewport="0"]').focus();
    await page.keyboard.press('End');
    await expect.poll(() => slice.inputValue()).toBe('30');
    const tree = page.getByRole('treegrid', { name: 'Attributes' });
    await tree.getByText('SliceThickness').waitFor();
    expect(await tree.getByText('vendor text').count()).toBe(0);
    await page.getByText('Private groups').click();
    await tree.getByText('vendor text').waitFor();
    await page.getByRole('button', { name: /Compare with/ }).press('Enter');
    await page.getByRole('option', { name: /4× uniform/ }).click();
    await page.getByText('3 attributes differ.').waitFor();
    await page.getByText('Only what differs').click();
    await tree.getByText('DERIVED\\SECONDARY\\OTHER\\DDS').waitFor();
    await tree.getByText('Modality', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('searchbox', { name: /Search tags/ }).fill('ReferencedSOP');
    await tree.getByText('1.2.3.4').waitFor();
    await page.close();
  });
});

describe('the connection', () => {
  it('is shown when it is lost, and the page catches up when it is back', async () => {
    const page = await shell.open();
    const set = (connected: boolean) =>
      page.evaluate(
        (value) => (globalThis as unknown as { fake: { setConnected(on: boolean): void } }).fake.setConnected(value),
        connected,
      );
    await set(false);
    await page.getByText('Connection lost, trying again…').waitFor();
    await set(true);
    await page.getByText('Connected', { exact: true }).waitFor();
    expect((await callsOf(page, 'library.list')).length).toBe(2);
    await page.close();
  });

  it('never lets the notice go', async () => {
    const page = await shell.open('?job=running');
    for (const key of ['Alt+l', 'Alt+r', 'Alt+j', 'Alt+x', 'Alt+b', 'Alt+v', 'Alt+p', 'Control+,', 'Control+i']) {
      await page.keyboard.press(key);
      expect(await page.getByText('Research use only – not for diagnostic use').first().isVisible()).toBe(true);
    }
    await page.getByRole('button', { name: /DDS of T1 axial/ }).waitFor();
    await page.close();
  });

  it('works without a message of the browser', () => {
    expect(shell.problems).toEqual([]);
  });
});
