/** The Chromium that benchmarks and tests drive: CHROMIUM_PATH, or one that the system has. */
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

/** Arguments without which Chromium does not start for root and in containers with little shared memory. */
export const chromiumArguments: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-dev-shm-usage',
];
