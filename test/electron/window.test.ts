/** The real window, where Electron's program is there to be driven. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { findElectron } from '../../main/cli/start-electron.ts';

// Fetching is not a test's business.
const found = findElectron(() => {}, process.env, false);
if ('reason' in found) console.log(`the window: skipped, because Electron cannot be used here: ${found.reason}`);

describe.skipIf('reason' in found)('the window', () => {
  test('opens on the page, caged and connected', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tangent-window-'));
    execFileSync(process.execPath, [join('scripts', 'build-app.ts')], { stdio: 'inherit' });
    const app = await _electron.launch({
      executablePath: 'program' in found ? found.program : '',
      args: [join('dist', 'app'), `--data=${folder}`],
    });
    try {
      const page = await app.firstWindow();
      const problems: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.getByText('Connected').waitFor();
      expect(page.url()).toBe('tangent-app://app/');
      expect(await page.evaluate('crossOriginIsolated')).toBe(true);
      expect(await page.evaluate('[typeof require, typeof process, Object.keys(tangent).sort().join()]')).toEqual([
        'undefined',
        'undefined',
        'call,onEvent',
      ]);
      expect(problems).toEqual([]);
    } finally {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
