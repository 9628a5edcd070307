/** Finding and reading prior folders: <name>/manifest.json beside the weights. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { delimiter, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, EngineError } from '../errors.ts';
import { type Manifest, parseManifest } from './manifest.ts';

const manifestName = 'manifest.json';
const maxManifestBytes = 1 << 20;

export interface PriorEntry {
  name: string;
  folder: string;
  /** Absent when the manifest is not valid; then `problem` says why. */
  manifest?: Manifest;
  problem?: string;
}

/** Where a user's own priors are kept: TANGENT_PRIORS, or the system's data folder for this program. */
export function userPriorFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.TANGENT_PRIORS) return env.TANGENT_PRIORS.split(delimiter)[0];
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', 'tangent', 'priors');
  if (platform() === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'tangent', 'priors');
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'tangent', 'priors');
}

/** Folders searched for names, first match wins: the user's, then the ones that ship with the program. */
export function priorRoots(env: NodeJS.ProcessEnv = process.env): string[] {
  const user = env.TANGENT_PRIORS
    ? env.TANGENT_PRIORS.split(delimiter).filter((p) => p !== '')
    : [userPriorFolder(env)];
  const shipped = env.TANGENT_MODELS ?? fileURLToPath(new URL('../../models', import.meta.url));
  return [...user, shipped];
}

export const isFile = (path: string) =>
  stat(path).then(
    (s) => s.isFile(),
    () => false,
  );

/** Every prior folder found, in order of name; a broken one is listed with its problem. */
export async function listPriors(roots = priorRoots()): Promise<PriorEntry[]> {
  const found = new Map<string, PriorEntry>();
  for (const root of roots) {
    const names = await readdir(root).catch(() => []);
    for (const name of names.sort()) {
      const folder = join(root, name);
      if (found.has(name) || !(await isFile(join(folder, manifestName)))) continue;
      try {
        found.set(name, { name, folder, manifest: (await loadManifest(folder)).manifest });
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        found.set(name, { name, folder, problem: error.message });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function findFolder(nameOrFolder: string, roots: readonly string[]): Promise<string> {
  const looksLikePath = nameOrFolder.includes('/') || nameOrFolder.includes(sep);
  const candidates = looksLikePath
    ? [resolve(nameOrFolder)]
    : [...roots.map((r) => join(r, nameOrFolder)), resolve(nameOrFolder)];
  for (const folder of candidates) if (await isFile(join(folder, manifestName))) return folder;
  const names = (await listPriors([...roots])).map((p) => p.name);
  throw new EngineError('not-found', `there is no prior ${nameOrFolder}`, {
    path: nameOrFolder,
    hint: names.length === 0 ? 'no priors are installed' : `installed: ${names.join(', ')}`,
  });
}

/** Reads a model card by name or folder. Throws `not-found` or `bad-input`. */
export async function loadManifest(
  nameOrFolder: string,
  roots = priorRoots(),
): Promise<{ manifest: Manifest; folder: string }> {
  const folder = await findFolder(nameOrFolder, roots);
  const path = join(folder, manifestName);
  const { size } = await stat(path);
  check(size <= maxManifestBytes, () => `the manifest has ${size} bytes, more than ${maxManifestBytes}`, { path });
  return { manifest: parseManifest(await readFile(path, 'utf8'), path), folder };
}
