/** The Chromium that tests drive: CHROMIUM_PATH, or one that the system has. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const places = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Undefined when there is none. Throws when CHROMIUM_PATH names nothing that runs. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { CHROMIUM_PATH: stated, PATH = '' } = env;
  if (stated !== undefined && stated !== '') {
    if (runs(stated)) return stated;
    throw new Error(`CHROMIUM_PATH is ${stated}, which cannot be run`);
  }
  const folders = [...places, ...PATH.split(delimiter).filter((folder) => folder !== '')];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(runs);
}

/** For `describe.skipIf`: true with the reason printed when there is no browser. */
export function withoutChromium(what: string): boolean {
  if (findChromium() !== undefined) return false;
  console.log(`${what}: skipped, because no Chromium was found (set CHROMIUM_PATH or run scripts/install-chromium.ts)`);
  return true;
}
