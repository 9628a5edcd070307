/** Whether the tests that drive a browser can run. */
import { findChromium } from '../../main/bench/find-chromium.ts';

export { findChromium } from '../../main/bench/find-chromium.ts';

/** For `describe.skipIf`: true with the reason printed when there is no browser. */
export function withoutChromium(what: string): boolean {
  if (findChromium() !== undefined) return false;
  console.log(`${what}: skipped, because no Chromium was found (set CHROMIUM_PATH or run scripts/install-chromium.ts)`);
  return true;
}
