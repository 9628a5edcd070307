/**
 * Gets the browser that tests drive, where there is none: Debian's package, when this runs as root on a system with apt.
 * Elsewhere it says what to install. Exit code 0 either way; the tests of the page are skipped without a browser.
 */
import { spawnSync } from 'node:child_process';
import { findChromium } from '../test/browser/find-chromium.ts';

const limitMs = 600_000;

function apt(...words: string[]): boolean {
  console.log(`  apt-get ${words.join(' ')}`);
  const { status } = spawnSync('apt-get', words, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: limitMs,
  });
  return status === 0;
}

/** Its path, or undefined with the reason printed. */
export function ensureChromium(): string | undefined {
  const there = findChromium();
  if (there !== undefined) return there;
  const hasApt = process.platform === 'linux' && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!hasApt || process.getuid?.() !== 0) {
    console.log(
      `No Chromium was found; tests of the page are skipped. ${hasApt ? 'Run "apt-get install chromium" as root' : 'Install Chromium or Chrome'}, or set CHROMIUM_PATH.`,
    );
    return undefined;
  }
  console.log('No Chromium was found; installing the package of this system:');
  // The lists of a fresh image are empty; a stale list is no reason to fail before the install itself does.
  apt('update', '-qq');
  const ok =
    apt('install', '-y', '-qq', '--no-install-recommends', 'chromium') ||
    apt('install', '-y', '-qq', '--no-install-recommends', 'chromium-browser');
  const found = findChromium();
  console.log(
    found === undefined || !ok ? 'It could not be installed; tests of the page are skipped.' : `Installed ${found}.`,
  );
  return found;
}

if (import.meta.main) ensureChromium();
