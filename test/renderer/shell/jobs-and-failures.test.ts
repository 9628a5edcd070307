/** What the frame does when jobs end and when a part of the page breaks. */
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

interface Scope {
  fake: { emit(event: unknown): void; job(change: object): object };
  useSession: { setState(state: object): void; getState(): { app: object } };
  useWorkspace: { getState(): { contents: unknown[]; show(content: unknown): void } };
}

const emitJob = (page: Page, change: object) =>
  page.evaluate((changed) => {
    const { fake } = globalThis as unknown as Scope;
    fake.emit({ type: 'job', job: fake.job(changed) });
  }, change);

describe('a job', () => {
  it('that fails says why and what to do', async () => {
    const page = await shell.open('?job=running');
    await emitJob(page, {
      state: 'failed',
      error: { code: 'no-memory', message: 'The scan needs 9 GB.', hint: 'Take fewer slices.', path: null },
    });
    await page.getByText('The scan needs 9 GB.').first().waitFor();
    await page.getByText('Take fewer slices.').first().waitFor();
    expect(await page.getByTestId('announcements').textContent()).toContain('Take fewer slices.');
    await page.getByRole('button', { name: 'Show jobs' }).click();
    await page.getByRole('button', { name: /^Jobs/, pressed: true }).waitFor();
    await page.close();
  });

  it('that is done puts its result where its running estimate was', async () => {
    const page = await shell.open('?job=running');
    await page.evaluate(() => (globalThis as unknown as Scope).useWorkspace.getState().show({ job: 'j00000001' }));
    await emitJob(page, { state: 'done', fraction: 1, result: 'result0001' });
    await expect
      .poll(() => page.evaluate(() => (globalThis as unknown as Scope).useWorkspace.getState().contents))
      .toContainEqual(expect.objectContaining({ item: 'result0001' }));
    await page.getByRole('banner').getByRole('button', { name: 'Export' }).waitFor();
    await page.close();
  });

  it('that warns is never announced as simply done', async () => {
    const page = await shell.open('?job=running');
    await emitJob(page, {
      state: 'done',
      warnings: [{ code: 'residual', message: 'The result does not explain its data.' }],
    });
    await page.getByText('DDS of T1 axial: done, with warnings.').first().waitFor();
    await page.getByText('The result does not explain its data.').first().waitFor();
    await page.close();
  });
});

describe('what breaks', () => {
  it('takes only its own part along, and reports without patient data', async () => {
    const page = await shell.open();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('Control+,');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    const before = shell.problems.length;
    await page.evaluate(() => {
      const { useSession } = globalThis as unknown as Scope;
      useSession.setState({ app: { ...useSession.getState().app, devices: 5 } });
    });
    const alert = page.getByRole('alert').first();
    await alert.getByText('The panel “Settings” stopped working').waitFor();
    await alert.getByRole('button', { name: 'Copy report' }).click();
    const report = await page.evaluate(() =>
      (
        globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
      ).navigator.clipboard.readText(),
    );
    expect(report).toMatch(/^Tangent 0\.1\.0 \(browser\)/);
    expect(report).toContain('TypeError');
    expect(report).not.toMatch(/Doe|Jane|\b4711\b|T1 axial/);
    await page.keyboard.press('Alt+l');
    await page.getByRole('grid', { name: 'Items' }).waitFor();
    shell.problems.splice(before);
    await page.close();
  });

  it('on the way to the host becomes a note with a hint', async () => {
    const page = await shell.open();
    await page.evaluate(() =>
      (globalThis as unknown as { useSession: { setState(state: object): void } }).useSession.setState({
        items: new Map([
          [
            'gone00001',
            {
              id: 'gone00001',
              kind: 'series',
              title: 'Gone',
              group: 'g',
              groupTitle: 'g',
              modality: 'MR',
              slices: 1,
              rows: 1,
              columns: 1,
              bytes: 1,
              badges: [],
              thumbnail: false,
              patient: null,
              study: null,
              seriesNumber: null,
              origin: '',
              created: null,
              revision: 1,
              problem: null,
            },
          ],
        ]),
      }),
    );
    await page.getByRole('row', { name: 'Gone' }).press('Enter');
    await page.getByText('no item gone00001').first().waitFor();
    await page.getByText('Open it again.').first().waitFor();
    expect(await callsOf(page, 'library.describe')).toContainEqual({ id: 'gone00001' });
    await page.close();
  });

  it('is nothing else', () => {
    expect(shell.problems).toEqual([]);
  });
});
