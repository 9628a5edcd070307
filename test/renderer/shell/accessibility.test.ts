/** Automated audit of every panel and dialog in both themes, and of what it cannot see: sizes, zoom, focus. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShell, type Shell } from './open-shell.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let shell: Shell;
beforeAll(async () => {
  shell = await openShell();
});
afterAll(async () => {
  await shell.close();
});

interface Audit {
  violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
}

async function audit(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: unknown): Promise<Audit> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary.split('\n')[1]?.trim()}`),
  );
}

const panels: [name: string, key: string][] = [
  ['library', 'Alt+l'],
  ['reconstruct', 'Alt+r'],
  ['jobs', 'Alt+j'],
  ['export', 'Alt+x'],
  ['tags', 'Control+i'],
  ['batch', 'Alt+b'],
  ['solvers', 'Alt+v'],
  ['priors', 'Alt+p'],
  ['settings', 'Control+,'],
];

describe.each(['dark', 'light'])('in the %s theme', (theme) => {
  it('the first screen has no violation', async () => {
    const page = await shell.open(`?items=none&theme=${theme}`);
    expect(await audit(page)).toEqual([]);
    await page.close();
  });

  it('no panel has a violation', async () => {
    const page = await shell.open(`?job=running&theme=${theme}`);
    await page.getByRole('row', { name: 'T1 axial', exact: true }).click();
    const found: string[] = [];
    for (const [name, key] of panels) {
      await page.keyboard.press(key);
      await page.waitForTimeout(300);
      found.push(...(await audit(page)).map((line) => `${name}: ${line}`));
    }
    expect(found).toEqual([]);
    await page.close();
  });

  it('no menu and no dialog has a violation', async () => {
    const page = await shell.open(`?theme=${theme}`);
    await page.getByRole('button', { name: 'File', exact: true }).click();
    const found = (await audit(page)).map((line) => `menu: ${line}`);
    await page.keyboard.press('Escape');
    for (const key of ['Control+k', '?']) {
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      found.push(...(await audit(page)).map((line) => `${key}: ${line}`));
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    expect(found).toEqual([]);
    await page.close();
  });
});

describe('the page', () => {
  it('has targets of 24 px at least', async () => {
    const page = await shell.open('?job=running');
    const small: string[] = [];
    for (const key of ['Alt+l', 'Control+i', 'Alt+p', 'Control+,']) {
      await page.keyboard.press(key);
      await page.waitForTimeout(200);
      small.push(
        ...(await page
          .locator('button:visible, [role=tab]:visible, [role=separator]:visible, [role=row]:visible')
          .evaluateAll((nodes) =>
            nodes
              .map((node) => {
                const box = (
                  node as unknown as { getBoundingClientRect(): { width: number; height: number } }
                ).getBoundingClientRect();
                return {
                  ...box,
                  width: box.width,
                  height: box.height,
                  html: (node as { outerHTML: string }).outerHTML,
                };
              })
              // The edge of the panel is moved with keys and by a drag along its whole height.
              .filter(({ html, width, height }) => (width < 24 || height < 24) && !html.includes('side-edge'))
              .map(({ html, width, height }) => `${width} × ${height} ${html.slice(0, 80)}`),
          )),
      );
    }
    expect(small).toEqual([]);
    await page.close();
  });

  it('can be used at 200 % zoom of a 1440 × 900 screen', async () => {
    const page = await shell.open('', { width: 720, height: 450 });
    expect(
      await page.locator('html').evaluate((root) => (root as unknown as { scrollWidth: number }).scrollWidth),
    ).toBeLessThanOrEqual(720);
    for (const name of ['Library', 'Settings']) {
      const button = page.getByRole('button', { name, exact: true }).first();
      await button.scrollIntoViewIfNeeded();
      expect(await button.isVisible()).toBe(true);
    }
    await page.close();
  });

  it('goes through the frame with Tab and never gets stuck', async () => {
    const page = await shell.open();
    const seen = new Set<string>();
    let left = false;
    for (let n = 0; n < 60 && !left; n += 1) {
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      left = (await focused.count()) === 0;
      if (!left)
        seen.add(
          await focused.evaluate((active) => {
            const node = active as unknown as { getAttribute(name: string): string | null; textContent: string };
            return node.getAttribute('aria-label') || node.textContent;
          }),
        );
    }
    // Behind the last stop the focus goes on to the browser's own controls.
    expect(left).toBe(true);
    for (const name of [
      'File',
      'Library',
      'Search the library',
      'Width of the panel',
      'Window and level',
      'Image, slice',
    ])
      expect(
        [...seen].some((text) => text.startsWith(name)),
        name,
      ).toBe(true);
    await page.close();
  });

  it('is without messages of the browser', () => {
    expect(shell.problems).toEqual([]);
  });
});
