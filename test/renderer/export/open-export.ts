/** The export panel alone, in one Chromium per test file. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../browser/find-chromium.ts';
import { servePage } from '../serve-page.ts';

export interface ExportPage {
  /** A fresh page with an item selected; `query` goes to the pretended host. */
  open(item: string, query?: string): Promise<Page>;
  problems: string[];
  close(): Promise<void>;
}

interface Scope {
  useSession: { setState(state: object): void; getState(): { client: unknown } };
}

export async function openExportPage(): Promise<ExportPage> {
  const served = await servePage('test/renderer/export-page');
  const browser: Browser = await chromium.launch({
    executablePath: findChromium() ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const problems: string[] = [];
  return {
    problems,
    open: async (item, query = '') => {
      const page = await browser.newPage({ viewport: { width: 420, height: 900 }, reducedMotion: 'reduce' });
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(`${served.url}${query}`);
      await page.waitForFunction(() => (globalThis as unknown as Scope).useSession.getState().client !== null);
      await page.evaluate((id) => (globalThis as unknown as Scope).useSession.setState({ selected: id }), item);
      return page;
    },
    close: async () => {
      await browser.close();
      await served.close();
    },
  };
}
