/** From an open scan to a hung result in Chromium, with the real host; cancelling, failing, and an audit of every panel. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenedPage, openPage, withoutChromium } from '../../browser/open-page.ts';
import { writeTinyScan } from '../../cli/tiny-scan.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Audit {
  violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
}

async function audit(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<Audit> } }).axe.run('.panel', {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary.split('\n')[1]?.trim()}`),
  );
}

describe.skipIf(withoutChromium('the panels of reconstruction'))('the panels', () => {
  let folder: string;
  let opened: OpenedPage;
  const row = (name: string) => opened.page.getByRole('row', { name: new RegExp(name) }).first();
  const panel = (key: string) => opened.page.keyboard.press(key);

  /** Chooses a scan and shows its form. */
  async function choose(name: string): Promise<void> {
    await panel('Alt+l');
    await row(name).click();
    await panel('Alt+r');
    await opened.page.getByRole('region', { name: 'Scan' }).waitFor();
  }
  const start = () => opened.page.locator('.panel-footer').getByRole('button', { name: 'Reconstruct' }).click();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tangent-panels-'));
    const paths = ['small', 'long', 'gone'].map((name) => join(folder, `${name}.npz`));
    for (const path of paths) await writeTinyScan(path, { slices: 1, seed: paths.indexOf(path) });
    opened = await openPage({ paths });
    await panel('Alt+l');
    await row('gone').waitFor();
  }, 60_000);
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes from an open scan to a hung result with one click', async () => {
    const { page } = opened;
    await choose('small');
    await start();
    await page.getByRole('region', { name: 'Data fit' }).waitFor({ timeout: 60_000 });
    const table = page.getByRole('table', { name: 'Methods compared' });
    expect(await table.getByRole('rowheader').allInnerTexts()).toEqual(['DDS', 'Zero-filled', 'CG-SENSE']);
    expect(await page.getByRole('group', { name: /^Zero-filled/ }).count()).toBeGreaterThan(0);
    expect(await page.getByText(/of this image’s signal was measured/).count()).toBe(1);
  }, 90_000);

  it('lays the evidence over the reconstruction and takes it away', async () => {
    const { page } = opened;
    const region = page.getByRole('region', { name: 'Evidence', exact: true });
    const toggle = region.getByRole('switch', { name: 'Show on the image' });
    await region.getByText('Show on the image').click();
    expect(await toggle.isChecked()).toBe(true);
    await region.getByText('Show on the image').click();
    expect(await toggle.isChecked()).toBe(false);
  });

  it('replays the result and finds the same bytes', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: /^Provenance/ }).click();
    await page.getByRole('button', { name: 'Replay this result' }).click();
    await page
      .locator('.panel')
      .getByText(/The hashes agree/)
      .waitFor({ timeout: 60_000 });
  }, 90_000);

  it('cancels a running job when told, leaving nothing', async () => {
    const { page } = opened;
    await choose('long');
    await page.getByRole('button', { name: /^Advanced/ }).click();
    const steps = page.getByRole('textbox', { name: 'Steps', exact: true });
    await steps.fill('1000');
    await steps.blur();
    await start();
    const running = page.getByRole('region', { name: 'Running reconstruction' });
    await running.getByRole('button', { name: 'Pause' }).waitFor({ timeout: 30_000 });
    await running.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel', exact: true }).click();
    await running.waitFor({ state: 'detached', timeout: 20_000 });
    await panel('Alt+j');
    await page.getByRole('listitem', { name: /cancelled$/ }).waitFor();
  }, 90_000);

  it('shows a failure with its hint and a report to copy', async () => {
    const { page } = opened;
    await choose('gone');
    await rm(join(folder, 'gone.npz'));
    await start();
    const failure = page.locator('.notice-danger', { hasText: 'The job failed' });
    await failure.getByRole('button', { name: 'Copy report' }).waitFor({ timeout: 30_000 });
    expect(await failure.getByText(/^Code:/).innerText()).toMatch(/Code: \S+/);
    expect(await failure.innerText()).not.toContain(folder);
  }, 60_000);

  it.each(['dark', 'light'])('has no violation in the %s theme', async (theme) => {
    const { page } = opened;
    await page.evaluate((name) => {
      (
        globalThis as unknown as { document: { documentElement: { dataset: Record<string, string> } } }
      ).document.documentElement.dataset.theme = name;
    }, theme);
    const found: string[] = [];
    const look = async (name: string) => {
      await page.waitForTimeout(400);
      found.push(...(await audit(page)).map((line) => `${name}: ${line}`));
    };
    await choose('small');
    for (const part of ['Simulated scan', 'Comparison', 'Uncertainty', 'Advanced']) {
      const button = page.getByRole('button', { name: new RegExp(`^${part}`) });
      if ((await button.count()) > 0 && (await button.getAttribute('aria-expanded')) === 'false') await button.click();
    }
    await look('form');
    await panel('Alt+l');
    await page.getByRole('row', { name: /DDS/i }).first().click();
    await panel('Alt+r');
    await page.getByRole('region', { name: 'Data fit' }).waitFor();
    for (const part of ['Consistency', 'Convergence', 'Provenance'])
      await page.getByRole('button', { name: new RegExp(`^${part}`) }).click();
    await look('result');
    for (const [name, key] of [
      ['jobs', 'Alt+j'],
      ['batch', 'Alt+b'],
      ['solvers', 'Alt+v'],
    ] as const) {
      await panel(key);
      await look(name);
    }
    await page.locator('.solver-entry').last().click();
    await look('solver');
    await page.getByRole('button', { name: 'All solvers' }).click();
    expect(found).toEqual([]);
  }, 60_000);

  it('made the browser complain of nothing', () => {
    expect(opened.problems).toEqual([]);
  });
});
