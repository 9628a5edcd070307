/** The built page. In a checkout it is built when it is missing or older than its sources. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../../engine/errors.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

async function newest(path: string): Promise<number> {
  const about = await stat(path);
  if (!about.isDirectory()) return about.mtimeMs;
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    names.map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(about.mtimeMs, ...times);
}

async function build(out: string): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--outDir', out, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: checkout,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 1500);
    });
  const code = await new Promise<number | null>((resolve) =>
    child.on('error', () => resolve(null)).on('close', resolve),
  );
  if (code !== 0)
    throw new EngineError('internal', `the page could not be built: ${said.trim() || `exit code ${code}`}`, {
      path: 'renderer',
    });
}

const codeOf = (thrown: unknown) => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined);

/** Whole folders at once, so that a server that runs beside this one never sees half a page; others may swap too. */
async function swap(made: string, folder: string, old: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await rename(folder, old).catch((thrown) => {
      if (codeOf(thrown) !== 'ENOENT') throw thrown;
    });
    try {
      return await rename(made, folder);
    } catch (thrown) {
      if (attempt >= 5 || !['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(String(codeOf(thrown)))) throw thrown;
      await rm(old, { recursive: true, force: true });
    }
  }
}

/** Folder of the page. Throws `not-found` when there is neither a page nor its sources, `internal` when a build fails. */
export async function ensurePage(note: (text: string) => void): Promise<string> {
  const folder = join(checkout, 'dist', 'renderer');
  const index = join(folder, 'index.html');
  const sources = [join(checkout, 'renderer'), join(checkout, 'main', 'host', 'api'), join(checkout, 'vite.config.ts')];
  if (!existsSync(join(checkout, 'renderer', 'index.html'))) {
    if (existsSync(index)) return folder;
    throw new EngineError('not-found', 'the page is not part of this installation', { path: 'dist/renderer' });
  }
  const built = existsSync(index) ? (await stat(index)).mtimeMs : 0;
  if (built >= Math.max(...(await Promise.all(sources.map(newest))))) return folder;
  note(built === 0 ? 'Building the page …' : 'The page is older than its sources; building it again …');
  const made = join(checkout, 'dist', `renderer-${process.pid}.part`);
  const old = join(checkout, 'dist', `renderer-${process.pid}.old`);
  await mkdir(dirname(folder), { recursive: true });
  try {
    await build(made);
    await swap(made, folder, old);
  } catch (thrown) {
    if (built === 0 || !existsSync(index)) throw thrown;
    note(`${thrown instanceof Error ? thrown.message : String(thrown)}\nThe page built before is shown.`);
  } finally {
    for (const left of [made, old]) await rm(left, { recursive: true, force: true });
  }
  return folder;
}
