/** The page with its pretended host in one Chromium per test file; every problem the browser reports is kept. */

import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../../main/bench/find-chromium.ts';
import { type ServedPage, servePage } from '../serve-page.ts';

export interface Shell {
  /** A fresh page; `query` goes to the pretended host. */
  open(query?: string, size?: { width: number; height: number }): Promise<Page>;
  /** Console errors, violations of the content policy and uncaught exceptions so far. */
  problems: string[];
  close(): Promise<void>;
}

export async function openShell(): Promise<Shell> {
  const served: ServedPage = await servePage('test/renderer/shell-page');
  const browser: Browser = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArguments] });
  const problems: string[] = [];
  return {
    problems,
    open: async (query = '', size = { width: 1440, height: 900 }) => {
      const page = await browser.newPage({ viewport: size, reducedMotion: 'reduce' });
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(`${served.url}${query}`);
      await page.getByRole('heading', { name: 'Tangent', exact: true }).waitFor();
      return page;
    },
    close: async () => {
      await browser.close();
      await served.close();
    },
  };
}

/** What the pretended host was asked, by name of the call. */
export const callsOf = (page: Page, name: string): Promise<unknown[]> =>
  page.evaluate(
    (wanted) =>
      (globalThis as unknown as { fake: { calls: { name: string; input: unknown }[] } }).fake.calls
        .filter((call) => call.name === wanted)
        .map((call) => call.input),
    name,
  );
