/** Pictures of every screen with pretended data, in both themes and two sizes: `node scripts/screenshots.ts FOLDER [NAME…]`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../main/bench/find-chromium.ts';
import { servePage } from '../test/renderer/serve-page.ts';

interface Screen {
  name: string;
  query: string;
  /** What is done before the picture is taken. */
  act?: (page: Page) => Promise<unknown>;
}

const show = (page: Page) => page.getByRole('row', { name: 'T1 axial', exact: true }).press('Enter');
const panel = (name: string, key: string): Screen => ({
  name,
  query: '?job=running',
  act: async (page) => {
    await show(page);
    await page.waitForTimeout(400);
    await page.keyboard.press(key);
  },
});

const screens: readonly Screen[] = [
  { name: 'start', query: '?items=none' },
  { name: 'start-recent', query: '' },
  {
    name: 'opened',
    query: '?items=none',
    act: (page) => page.getByRole('button', { name: 'Open the demo scan' }).click(),
  },
  panel('reconstruct', 'Alt+r'),
  panel('jobs', 'Alt+j'),
  panel('export', 'Alt+x'),
  panel('tags', 'Control+i'),
  panel('batch', 'Alt+b'),
  panel('solvers', 'Alt+v'),
  panel('priors', 'Alt+p'),
  panel('settings', 'Control+,'),
  {
    name: 'layout',
    query: '',
    act: async (page) => {
      await show(page);
      await page.keyboard.press('Control+4');
    },
  },
  { name: 'palette', query: '', act: (page) => page.keyboard.press('Control+k') },
  { name: 'keys', query: '', act: (page) => page.keyboard.press('?') },
  { name: 'menu', query: '', act: (page) => page.getByRole('button', { name: 'View', exact: true }).first().click() },
];

const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
] as const;

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node scripts/screenshots.ts FOLDER [NAME…]');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const served = await servePage('test/renderer/shell-page');
const browser = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArguments] });
try {
  for (const theme of ['dark', 'light'])
    for (const viewport of sizes)
      for (const { name, query, act } of screens) {
        const label = `${name}-${theme}-${viewport.width}`;
        if (only.length > 0 && !only.some((wanted) => label.startsWith(wanted))) continue;
        const page = await browser.newPage({ viewport });
        page.on('console', (message) => {
          if (message.type() === 'error') console.error(`${label}: ${message.text()}`);
        });
        page.on('pageerror', (error) => console.error(`${label}: ${error.message}`));
        await page.goto(`${served.url}${query === '' ? '?' : `${query}&`}theme=${theme}`);
        await page.getByRole('heading', { name: 'Tangent', exact: true }).waitFor();
        await act?.(page);
        await page.waitForTimeout(700);
        await page.screenshot({ path: join(folder, `${label}.png`) });
        await page.close();
      }
} finally {
  await browser.close();
  await served.close();
}
console.log(`screenshots in ${folder}`);
