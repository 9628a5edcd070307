/**
 * Builds what Electron runs: the page (dist/renderer), the preload (dist/electron), and the sources of main/ and engine/
 * as plain JavaScript (dist/app), file by file, so that every path between them stays as it is in a checkout.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePage } from '../main/browser/ensure-page.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const app = join(root, 'dist', 'app');

/** Imports and addresses of neighbours name JavaScript from now on. */
function toJavaScript(source: string): string {
  // The program's types are erasable; what is stripped leaves blanks, so that line numbers hold.
  return stripTypeScriptTypes(source, { mode: 'strip' }).replace(/(['"`])(\.{1,2}\/[^'"`\n]*)\.ts\1/g, '$1$2.js$1');
}

function buildPreload(): void {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  const words = [vite, 'build', '--config', 'vite.preload.config.ts', '--logLevel', 'warn'];
  execFileSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
}

function buildSources(): void {
  rmSync(app, { recursive: true, force: true });
  for (const file of globSync(['main/**/*', 'engine/**/*'], { cwd: root, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const from = join(file.parentPath, file.name);
    const to = join(app, from.slice(resolve(root).length + 1));
    mkdirSync(dirname(to), { recursive: true });
    if (file.name.endsWith('.ts')) writeFileSync(to.replace(/\.ts$/, '.js'), toJavaScript(readFileSync(from, 'utf8')));
    else cpSync(from, to);
  }
  cpSync(join(root, 'dist', 'electron', 'preload.cjs'), join(app, 'main', 'electron', 'preload.cjs'));
  const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(
    join(app, 'package.json'),
    `${JSON.stringify({ name, version, type, main: 'main/electron/main.js' }, null, 2)}\n`,
  );
  // In a checkout these lie outside; the packaged program has them in their places.
  mkdirSync(join(app, 'dist'));
  symlinkSync(join(root, 'models'), join(app, 'models'), 'junction');
  symlinkSync(join(root, 'dist', 'renderer'), join(app, 'dist', 'renderer'), 'junction');
}

process.removeAllListeners('warning');
await ensurePage((text) => console.log(text));
buildPreload();
buildSources();
console.log(`built ${app}`);
