/** Opening a prior: weights checked against the manifest, network emitted or taken from the cache, session made. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../errors.ts';
import { describeNetwork } from './architectures/architecture.ts';
import { fileSha256 } from './digest.ts';
import { evaluationNumbers, weightCopies, winogradFactor } from './evaluation-memory.ts';
import { fallbackSession } from './fallback-session.ts';
import { parameterShapes } from './graph.ts';
import type { Manifest } from './manifest.ts';
import { networkPrior } from './network-prior.ts';
import { emitWinograd, gainsFromWinograd } from './onnx/emit-winograd.ts';
import { checkListed } from './onnx/external-data.ts';
import { cachedOnnx } from './onnx-cache.ts';
import type { BatchShape, Prior } from './prior.ts';
import { isFile, loadManifest } from './prior-folder.ts';
import { openSafetensors } from './safetensors.ts';
import { type NetworkSession, oneByOne, openSession, type SessionEnds, type SessionOptions } from './session.ts';
import { sizedSession } from './sized-session.ts';
import { slabPrior } from './slab-prior.ts';
import { checkWeights } from './weights.ts';

async function verifyFile(path: string, said: { sha256: string; bytes: number }, what: string): Promise<void> {
  check(await isFile(path), () => `the ${what} are missing`, { code: 'not-found', path });
  const details = { code: 'mismatch', path, hint: 'the file was changed or damaged; install the prior again' } as const;
  const { size } = await stat(path);
  check(size === said.bytes, () => `${what} have ${size} bytes, the manifest says ${said.bytes}`, details);
  const found = await fileSha256(path);
  check(found === said.sha256, () => `${what} have SHA-256 ${found}, the manifest says ${said.sha256}`, details);
}

/** Path of the weights after their size and hash were compared with the manifest's. Throws `mismatch` or `not-found`. */
export async function verifiedWeights(manifest: Manifest, folder: string): Promise<string> {
  const { weights, id } = manifest;
  const path = join(folder, weights.file);
  await verifyFile(path, weights, `weights of prior ${id}`);
  for (const data of weights.data ?? [])
    await verifyFile(join(folder, data.file), data, `weights ${data.file} of prior ${id}`);
  return path;
}

export interface LoadOptions extends Partial<SessionOptions> {
  roots?: string[];
  cache?: string;
  /**
   * `fast` (default) computes film-resunet networks through Winograd convolutions where that pays: with 32 channels or
   * more, on the CPU of x86-64 computers, where ONNX Runtime has the blocked layout this relies on. The result differs
   * from that of `plain`, the exported graph, by rounding.
   */
  graph?: 'fast' | 'plain';
  /** `float16` computes described networks in half precision, for graphics devices; the CPU only emulates it. */
  precision?: 'float32' | 'float16';
  /** Told of anything that is not an error, such as an unwritable cache. */
  warn?: (message: string) => void;
}

export interface OpenPrior {
  manifest: Manifest;
  /** Where its evaluations were computed so far. */
  device(): string;
  session: NetworkSession;
  multiple: number;
  outputs: number;
  /** Estimated bytes of an evaluation, weights included. */
  memoryBytes(shape: BatchShape): number;
}

/**
 * Opens a prior's network without wrapping it. On a graphics device an evaluation that fails is done again in smaller
 * parts or on the CPU, where the rest then stays; `warn` is told.
 */
export async function openPriorNetwork(nameOrFolder: string, options: LoadOptions = {}): Promise<OpenPrior> {
  const device = options.device ?? 'cpu';
  const warn = options.warn ?? (() => {});
  let half = options.precision === 'float16';
  const open = await openOnDevice(nameOrFolder, options).catch((thrown) => {
    if (device === 'cpu' || !half) throw thrown;
    half = false;
    warn(`${device} does not compute in half precision here; float32 is used`);
    return openOnDevice(nameOrFolder, { ...options, precision: 'float32' });
  });
  const name = half ? `${device}, float16` : device;
  if (device === 'cpu') return { ...open, device: () => name };
  const onCpu = async () =>
    (await openOnDevice(nameOrFolder, { ...options, device: 'cpu', precision: 'float32' })).session;
  const session = fallbackSession(open.session, { device: name, onCpu, warn });
  return { ...open, session, device: session.device };
}

async function openOnDevice(nameOrFolder: string, options: LoadOptions): Promise<Omit<OpenPrior, 'device'>> {
  const { manifest, folder } = await loadManifest(nameOrFolder, options.roots);
  const { architecture } = manifest;
  const path = await verifiedWeights(manifest, folder);
  const sessionOptions: SessionOptions = {
    ...{ device: options.device ?? 'cpu', threads: options.threads ?? 1 },
    ...(options.layout === undefined ? {} : { layout: options.layout }),
  };
  const half = options.precision === 'float16';
  const label = `prior ${manifest.id}`;
  if (architecture.kind === 'onnx') {
    await checkListed(
      path,
      (manifest.weights.data ?? []).map(({ file }) => file),
    );
    const session = await openSession(path, architecture, sessionOptions, label);
    const whole = architecture.anyBatch ? session : oneByOne(session);
    const ends = { multiple: architecture.multiple, outputs: architecture.outChannels };
    // A foreign graph says nothing of what it holds.
    return { manifest, session: whole, ...ends, memoryBytes: () => weightCopies * manifest.weights.bytes };
  }
  const network = describeNetwork(architecture);
  const source = await openSafetensors(path);
  const ends: SessionEnds = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' };
  const shape = { multiple: network.multiple, outputs: network.outputs };
  const perPixel = 4 * evaluationNumbers(network);
  const weights = weightCopies * manifest.weights.bytes;
  try {
    const blocked = sessionOptions.device === 'cpu' && process.arch === 'x64' && !half;
    if (options.graph !== 'plain' && blocked && architecture.kind === 'film-resunet' && gainsFromWinograd(network)) {
      checkWeights(parameterShapes(network), source);
      // One image at a time keeps the row phases in the cache: a tenth less CPU time than three together.
      const open = async (height: number, width: number) =>
        oneByOne(
          await openSession(await emitWinograd(network, source, { height, width }), ends, sessionOptions, label),
        );
      const memoryBytes = ({ height, width }: BatchShape) => weights + winogradFactor * perPixel * height * width;
      return { manifest, session: sizedSession(open, () => source.close()), ...shape, memoryBytes };
    }
    const onnx = half ? ({ compute: 'float16' } as const) : {};
    const { model, warning } = await cachedOnnx(architecture, source, manifest.weights.sha256, onnx, options.cache);
    if (warning !== undefined) options.warn?.(warning);
    const session = await openSession(model, ends, sessionOptions, label);
    await source.close();
    const memoryBytes = ({ batch, height, width }: BatchShape) => weights + perPixel * batch * height * width;
    return { manifest, session, ...shape, memoryBytes };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * Opens a prior by name or folder. The weights' hash is checked first. Throws `not-found`, `bad-input` or `mismatch`.
 * Defaults: one CPU thread.
 */
export async function loadPrior(nameOrFolder: string, options: LoadOptions = {}): Promise<Prior> {
  const { manifest, session, multiple, outputs, memoryBytes, device } = await openPriorNetwork(nameOrFolder, options);
  const prior = { ...networkPrior(manifest, session, multiple, outputs), memoryBytes, device };
  return manifest.slab ? slabPrior(prior) : prior;
}
