/** Finding, reading and opening prior folders: <name>/manifest.json beside the weights. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { delimiter, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, EngineError } from '../errors.ts';
import { describeNetwork } from './architectures/architecture.ts';
import { fileSha256 } from './digest.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { networkPrior } from './network-prior.ts';
import { cachedOnnx } from './onnx-cache.ts';
import type { Prior } from './prior.ts';
import { openSafetensors } from './safetensors.ts';
import { type NetworkSession, openSession, type SessionEnds, type SessionOptions } from './session.ts';

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

const isFile = (path: string) =>
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

/** Path of the weights after their size and hash were compared with the manifest's. Throws `mismatch` or `not-found`. */
async function verifiedWeights(manifest: Manifest, folder: string): Promise<string> {
  const path = join(folder, manifest.weights.file);
  check(await isFile(path), () => `the weights of prior ${manifest.id} are missing`, { code: 'not-found', path });
  const hint = 'the file was changed or damaged; install the prior again';
  const { size } = await stat(path);
  check(
    size === manifest.weights.bytes,
    () => `weights of prior ${manifest.id} have ${size} bytes, the manifest says ${manifest.weights.bytes}`,
    {
      code: 'mismatch',
      path,
      hint,
    },
  );
  const found = await fileSha256(path);
  check(
    found === manifest.weights.sha256,
    () => `weights of prior ${manifest.id} have SHA-256 ${found}, the manifest says ${manifest.weights.sha256}`,
    {
      code: 'mismatch',
      path,
      hint,
    },
  );
  return path;
}

export interface LoadOptions extends Partial<SessionOptions> {
  roots?: string[];
  cache?: string;
  /** Told of anything that is not an error, such as an unwritable cache. */
  warn?: (message: string) => void;
}

export interface OpenPrior {
  manifest: Manifest;
  session: NetworkSession;
  multiple: number;
  outputs: number;
}

/** Opens a prior's network without wrapping it. */
export async function openPriorNetwork(nameOrFolder: string, options: LoadOptions = {}): Promise<OpenPrior> {
  const { manifest, folder } = await loadManifest(nameOrFolder, options.roots);
  const { architecture } = manifest;
  const path = await verifiedWeights(manifest, folder);
  const sessionOptions: SessionOptions = { device: options.device ?? 'cpu', threads: options.threads ?? 1 };
  const label = `prior ${manifest.id}`;
  if (architecture.kind === 'onnx') {
    const session = await openSession(path, architecture, sessionOptions, label);
    return { manifest, session, multiple: architecture.multiple, outputs: architecture.outChannels };
  }
  const network = describeNetwork(architecture);
  const source = await openSafetensors(path);
  try {
    const { model, warning } = await cachedOnnx(architecture, source, manifest.weights.sha256, {}, options.cache);
    if (warning !== undefined) options.warn?.(warning);
    const ends: SessionEnds = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' };
    const session = await openSession(model, ends, sessionOptions, label);
    return { manifest, session, multiple: network.multiple, outputs: network.outputs };
  } finally {
    await source.close();
  }
}

/**
 * Opens a prior by name or folder. The weights' hash is checked first. Throws `not-found`, `bad-input` or `mismatch`.
 * Defaults: one CPU thread.
 */
export async function loadPrior(nameOrFolder: string, options: LoadOptions = {}): Promise<Prior> {
  const { manifest, session, multiple, outputs } = await openPriorNetwork(nameOrFolder, options);
  return networkPrior(manifest, session, multiple, outputs);
}
