/**
 * ONNX files emitted from weights, kept in the user's cache folder under the hash of what they came from. The cache is
 * a convenience: where it cannot be written, the network is handed to the runtime from memory.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { type WriteBytes, writeFileAtomic } from '../io/atomic-file.ts';
import { type DescribedArchitecture, describeNetwork } from './architectures/architecture.ts';
import { fileSha256, textSha256 } from './digest.ts';
import { collect, emitOnnx, type OnnxOptions } from './onnx/emit-onnx.ts';
import type { Encoded } from './onnx/protobuf.ts';
import type { WeightSource } from './weights.ts';

/** Changes whenever the emitted graph does. */
const emitterVersion = 1;
/** Larger models keep their weights in a second file, which the runtime maps instead of copying. */
const externalAbove = 256 * 2 ** 20;

/** TANGENT_CACHE, or the system's cache folder for this program. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.TANGENT_CACHE) return env.TANGENT_CACHE;
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'tangent');
  if (platform() === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'tangent', 'Cache');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tangent');
}

/** The digest file beside a cached file catches damage that keeps the size. */
async function isIntact(path: string, size: number): Promise<boolean> {
  try {
    const { size: found } = await stat(path);
    return found === size && (await readFile(`${path}.sha256`, 'utf8')) === (await fileSha256(path));
  } catch {
    // Absent or unreadable: it is written again.
    return false;
  }
}

async function ensureFile(path: string, content: Encoded): Promise<void> {
  if (await isIntact(path, content.length)) return;
  const hash = createHash('sha256');
  const write = async (append: WriteBytes) => {
    for (const chunk of content.chunks) {
      const bytes = chunk instanceof Uint8Array ? chunk : await chunk.read();
      hash.update(bytes);
      await append(bytes);
    }
  };
  await writeFileAtomic(path, write, { force: true });
  await writeFileAtomic(`${path}.sha256`, hash.digest('hex'), { force: true });
}

export interface CachedOnnx {
  /** A path in the cache, or the whole model where the cache cannot be written. */
  model: string | Uint8Array;
  warning?: string;
}

/** The ONNX form of a network, from the cache or newly emitted. `hash` is the SHA-256 of the weight file. */
export async function cachedOnnx(
  architecture: DescribedArchitecture,
  source: WeightSource,
  hash: string,
  options: Pick<OnnxOptions, 'weights' | 'compute'> = {},
  folder = cacheFolder(),
): Promise<CachedOnnx> {
  const network = describeNetwork(architecture);
  const key = textSha256(JSON.stringify([emitterVersion, hash, architecture, options])).slice(0, 32);
  const bytes = [...source.tensors.values()].reduce((n, { shape }) => n + 4 * shape.reduce((a, b) => a * b, 1), 0);
  const externalName = bytes > externalAbove ? `${key}.weights` : undefined;
  const files = emitOnnx(network, source, externalName === undefined ? options : { ...options, externalName });
  const path = join(folder, 'onnx', `${key}.onnx`);
  try {
    await mkdir(join(folder, 'onnx'), { recursive: true });
    if (files.external !== undefined) await ensureFile(join(folder, 'onnx', `${key}.weights`), files.external);
    await ensureFile(path, files.model);
    return { model: path };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const warning = `the cache folder ${folder} cannot be written (${reason}); the network is kept in memory`;
    return { model: await collect(emitOnnx(network, source, options).model), warning };
  }
}
