/**
 * The workstation in a real browser: a host and its server in this process, Chromium on their link. Everything the
 * browser complains about is kept in `problems`: errors on the console, uncaught exceptions, violations of the content
 * policy. A test ends with `expect(studio.problems).toEqual([])`.
 */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../main/bench/find-chromium.ts';
import { type Studio, type StudioOptions, startStudio } from './start-studio.ts';

export { findChromium, withoutChromium } from './find-chromium.ts';

export interface OpenedPage {
  page: Page;
  browser: Browser;
  studio: Studio;
  problems: string[];
  /** One more page on the same session. */
  another(): Promise<Page>;
  close(): Promise<void>;
}

export interface PageOptions extends StudioOptions {
  /** Of the browser context; default 1440 × 900 without motion. */
  context?: BrowserContextOptions;
}

/** Runs in the page, where the types of this file do not reach. */
const tellViolations = `document.addEventListener('securitypolicyviolation', (event) =>
  reportViolation(event.violatedDirective + ' blocked ' + event.blockedURI + ' in ' + event.sourceFile));`;

/** Throws when there is no Chromium: guard with `describe.skipIf(withoutChromium('what'))`. */
export async function openPage({ context: wanted = {}, ...options }: PageOptions = {}): Promise<OpenedPage> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium was found; set CHROMIUM_PATH');
  const studio = await startStudio(options);
  const problems: string[] = [];
  const browser = await chromium.launch({
    executablePath,
    args: [...chromiumArguments],
  });
  try {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...wanted,
    });
    await context.exposeBinding('reportViolation', (_source, text: string) => {
      problems.push(`content policy: ${text}`);
    });
    await context.addInitScript({ content: tellViolations });
    const open = async (url: string): Promise<Page> => {
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(url);
      await page.getByRole('heading', { name: 'Tangent', exact: true }).waitFor();
      return page;
    };
    return {
      page: await open(studio.link),
      browser,
      studio,
      problems,
      another: () => open(studio.origin),
      close: async () => {
        await browser.close();
        await studio.stop();
      },
    };
  } catch (thrown) {
    await browser.close();
    await studio.stop();
    throw thrown;
  }
}
