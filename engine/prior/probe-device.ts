/** Whether a network can run on a graphics device here, found by running the smallest one there is. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from '../errors.ts';
import type { NetworkDescription } from './graph.ts';
import { collect, emitOnnx } from './onnx/emit-onnx.ts';
import { type NetworkDevice, openSession } from './session.ts';
import { memoryWeights } from './weights.ts';

/** ReLU of an image. */
const smallest: NetworkDescription = { inputs: 1, outputs: 1, multiple: 1, build: (g, x) => g.relu(x) };
const side = 4;

/**
 * Returns when the device computed a ReLU right. Throws `unsupported` with the runtime's reason and what to install.
 * The CPU is not probed.
 */
export async function probeNetworkDevice(device: Exclude<NetworkDevice, 'cpu'>): Promise<void> {
  const { listSupportedBackends } = await import('onnxruntime-node');
  if (!listSupportedBackends().some(({ name }) => name === device))
    throw unavailable(device, `onnxruntime-node on ${process.platform} ${process.arch} comes without it`);
  // Asked without its library, the runtime writes an error of its own to standard error.
  if (device === 'cuda' && !cudaInstalled())
    throw unavailable(device, 'onnxruntime-node was installed without its CUDA files');
  const ends = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' } as const;
  const model = await collect(emitOnnx(smallest, memoryWeights(new Map())).model);
  try {
    const session = await openSession(model, ends, { device, threads: 1 }, `device ${device}`);
    const x = Float32Array.from({ length: side * side }, (_, i) => i - 7.5);
    const { data } = await session.run(x, [1, 1, side, side], new Float32Array(1));
    await session.release();
    if (data.some((value, i) => value !== Math.max(0, x[i]))) throw unavailable(device, 'it computes wrong numbers');
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'unsupported') throw thrown;
    throw unavailable(device, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

/** Whether onnxruntime-node's install script fetched the CUDA provider, which the package itself does not hold. */
function cudaInstalled(): boolean {
  const home = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
  const library = join(process.platform, process.arch, 'libonnxruntime_providers_cuda.so');
  return readdirSync(home).some((version) => existsSync(join(home, version, library)));
}

function unavailable(device: Exclude<NetworkDevice, 'cpu'>, reason: string, cause?: unknown): EngineError {
  return new EngineError('unsupported', `the device ${device} is not available: ${reason}`, {
    hint: `${deviceNeeds(device)}; --device cpu works without`,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a device needs here, for a person. */
export function deviceNeeds(device: Exclude<NetworkDevice, 'cpu'>): string {
  if (device === 'cuda')
    return 'CUDA needs an NVIDIA card on Linux x64, its driver, CUDA 12, cuDNN 9, and onnxruntime-node installed with its CUDA files (docs/gpu.md)';
  return process.platform === 'linux'
    ? "WebGPU needs the card's Vulkan driver and the Vulkan loader (Debian, Ubuntu: libvulkan1)"
    : "WebGPU needs the graphics card's current driver";
}
