/** The viewer's test page in Chromium. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../../main/bench/find-chromium.ts';
import { type ServedPage, servePage } from '../serve-page.ts';
import { pixelsOf } from '../viewer-page/items.ts';

export interface Viewer {
  open(query?: string, size?: { width: number; height: number }): Promise<Page>;
  problems: string[];
  close(): Promise<void>;
}

export async function openViewer(): Promise<Viewer> {
  const served: ServedPage = await servePage('test/renderer/viewer-page', (path) => {
    const slice = /^\/data\/pixels\/([^/]+)\/\d+\/([^/]+)\/(\d+)$/.exec(path);
    const volume = /^\/data\/volume\/([^/]+)\/\d+\/([^/]+)$/.exec(path);
    if (slice !== null) {
      const pixels = pixelsOf(slice[1], slice[2], Number(slice[3]));
      return pixels === undefined ? undefined : Buffer.from(pixels.buffer);
    }
    if (volume === null) return undefined;
    const count = volume[1] === 'head000002' ? 24 : 30;
    const parts = Array.from({ length: count }, (_, z) => pixelsOf(volume[1], volume[2], z));
    return Buffer.concat(parts.flatMap((one) => (one === undefined ? [] : [Buffer.from(one.buffer)])));
  });
  const browser: Browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...chromiumArguments],
  });
  const problems: string[] = [];
  return {
    problems,
    open: async (query = '', size = { width: 1440, height: 900 }) => {
      const page = await browser.newPage({ viewport: size, reducedMotion: 'reduce' });
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
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

interface Workspace {
  getState(): {
    show(content: { item: string; component: string } | null, index?: number): void;
    setLayout(layout: string): void;
    setActive(index: number): void;
  };
}

/** Shows a part of an item and waits until its pixels are on the screen. */
export async function showPart(page: Page, item: string, component = 'image', index = 0): Promise<void> {
  await page.evaluate(
    ([id, part, at]) => {
      const { useWorkspace } = globalThis as unknown as { useWorkspace: Workspace };
      useWorkspace.getState().show({ item: id, component: part }, at);
    },
    [item, component, index] as const,
  );
  await page.locator(`[data-viewport="${index}"][data-source^="${item}/"][data-source$="/${component}"]`).waitFor();
}
