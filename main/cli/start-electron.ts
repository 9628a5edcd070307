/** The window of `tangent studio` from a checkout: finds or fetches Electron, builds what it runs, and starts it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const fetchLimitMs = 120_000;
/** A window that ends with an error this soon never opened. */
const startMs = 8000;

export type Found = { program: string } | { reason: string };

function installed(folder: string): string | undefined {
  const note = join(folder, 'path.txt');
  if (!existsSync(note)) return undefined;
  const program = join(folder, 'dist', readFileSync(note, 'utf8').trim());
  return existsSync(program) ? program : undefined;
}

/** Why no window can open here, before anything is fetched. */
function hindrance(env: NodeJS.ProcessEnv): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined) return 'there is no display';
  if (process.getuid?.() === 0) return 'its sandbox does not run as root';
  return undefined;
}

/** Electron's program, fetched once if need be and allowed, or why there is none. */
export function findElectron(
  note: (text: string) => void,
  env: NodeJS.ProcessEnv = process.env,
  mayFetch = true,
): Found {
  const reason = hindrance(env);
  if (reason !== undefined) return { reason };
  let folder: string;
  try {
    folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return { reason: 'the package is not installed' };
  }
  const there = installed(folder);
  if (there !== undefined) return { program: there };
  if (!mayFetch) return { reason: 'its program is not installed' };
  note('Fetching Electron, once …');
  const got = spawnSync(process.execPath, [join(folder, 'install.js')], { timeout: fetchLimitMs, stdio: 'ignore' });
  const program = installed(folder);
  if (program !== undefined) return { program };
  return { reason: got.error === undefined ? 'its program cannot be fetched' : 'fetching it took too long' };
}

export interface WindowOptions {
  program: string;
  dataFolder: string;
  roots: readonly string[];
  paths: readonly string[];
}

/** Exit code of the window; or why it did not open. */
export async function startElectron(options: WindowOptions): Promise<{ exitCode: number } | { reason: string }> {
  const build = join(checkout, 'scripts', 'build-app.ts');
  const built = spawnSync(process.execPath, [build], { cwd: checkout, stdio: ['ignore', 'ignore', 'pipe'] });
  if (built.status !== 0) return { reason: `it could not be built: ${String(built.stderr).trim().slice(0, 1000)}` };
  const words = [`--data=${options.dataFolder}`, ...options.roots.map((root) => `--root=${root}`), ...options.paths];
  const env = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  const began = performance.now();
  const child = spawn(options.program, [join(checkout, 'dist', 'app'), ...words], { stdio: 'inherit', env });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.on(signal, stop);
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', resolve);
  });
  for (const signal of signals) process.off(signal, stop);
  if (code !== null && code !== 0 && performance.now() - began < startMs)
    return { reason: `it ended at once with exit code ${code}` };
  return { exitCode: code ?? 130 };
}
