/** The workstation in Chromium for `tangent bench ui`: a host and server in this process, on folders of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { EngineError } from '../../engine/errors.ts';
import { ensurePage } from '../browser/ensure-page.ts';
import { startServer } from '../browser/start-server.ts';
import type { CallInput, CallName, CallOutput } from '../host/api/api.ts';
import { createHost } from '../host/create-host.ts';
import type { Host } from '../host/host.ts';
import { chromiumArguments, findChromium } from './find-chromium.ts';

export interface BenchPage {
  page: Page;
  host: Host;
  /** A call as the page makes it; throws what the host reports. */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  close(): Promise<void>;
}

/** Throws `not-found` without Chromium. */
export async function openBenchPage(note: (text: string) => void): Promise<BenchPage> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new EngineError('not-found', 'no Chromium was found', { path: 'chromium', hint: 'Set CHROMIUM_PATH.' });
  const { chromium } = await import('playwright-core');
  const folder = await ensurePage(note);
  const dataFolder = await mkdtemp(join(tmpdir(), 'tangent-bench-ui-'));
  const host = await createHost({ kind: 'browser', dataFolder, roots: [], lookForDevices: false });
  const server = await startServer({ host, page: folder });
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server.stop();
    await host.dispose();
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    browser = await chromium.launch({ executablePath, args: [...chromiumArguments, '--js-flags=--expose-gc'] });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(server.link);
    await page.getByRole('heading', { name: 'Tangent', exact: true }).waitFor();
    return {
      page,
      host,
      close,
      call: async (name, input) => {
        const answer = await host.call(name, input);
        if (!answer.ok) throw new EngineError('internal', answer.error.message, { path: name });
        return answer.value as CallOutput<typeof name>;
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
