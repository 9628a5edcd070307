/** From `--device` to the device a job's network runs on. Whatever is not a network is computed on the processor. */
import type { RunContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { probeNetworkDevice } from '../../engine/prior/probe-device.ts';
import { reasonOf } from '../../engine/tensor/load-package.ts';
import { adapterName, isEmulated, openAdapter } from '../../engine/tensor/webgpu/adapter.ts';
import { toEngineError } from './engine-error.ts';
import type { DeviceName } from './messages.ts';

type Log = (message: string) => void;

/**
 * `cpu` is taken at its word, `webgpu` and `cuda` once a network was seen to run there: throws `unsupported`, with the
 * reason and what to install, where none does. `auto` takes the first of cuda, webgpu and cpu that works, without
 * emulated graphics adapters, which are slower than the processor; `log` is told why it passed others over.
 */
export async function resolveDevice(name: DeviceName, log: Log = () => {}): Promise<RunContext['device']> {
  if (name === 'cpu') return name;
  if (name !== 'auto') {
    await probeNetworkDevice(name).catch((thrown) => {
      const { message, hint } = toEngineError(thrown);
      throw new EngineError('unsupported', message, { path: '--device', hint, cause: thrown });
    });
    return name;
  }
  for (const [device, look] of candidates)
    try {
      log(`device ${device}: ${await look()}`);
      return device;
    } catch (cause) {
      log(`device ${device} is passed over: ${reasonOf(cause)}`);
    }
  return 'cpu';
}

/**
 * TANGENT_PRECISION: `float16` lets networks on graphics devices compute in half precision. Throws `bad-usage` for
 * anything but `float32` and `float16`.
 */
export function resolvePrecision(env: NodeJS.ProcessEnv = process.env): 'float32' | 'float16' {
  const said = env.TANGENT_PRECISION || 'float32';
  if (said === 'float32' || said === 'float16') return said;
  throw new EngineError('bad-usage', `the precision is "${said}", expected float32 or float16`, {
    path: 'TANGENT_PRECISION',
  });
}

const candidates: readonly (readonly ['cuda' | 'webgpu', () => Promise<string>])[] = [
  [
    'cuda',
    async () => {
      await probeNetworkDevice('cuda');
      return 'NVIDIA card';
    },
  ],
  [
    'webgpu',
    async () => {
      const adapter = await openAdapter();
      if (isEmulated(adapter)) throw new Error(`${adapterName(adapter)} is an emulation on the processor`);
      await probeNetworkDevice('webgpu');
      return adapterName(adapter);
    },
  ],
];

/** Jobs that evaluate a network, as far as their input tells. */
const networkJobs: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => boolean>> = {
  reconstruct: ({ method }) => method === 'dds',
  demo: () => true,
  solve: ({ id }) => id === 'dds',
  'prior-check': () => true,
  'prior-eval': () => true,
};

/** Whether the job's device matters: the others run on the processor, and no graphics library is loaded for them. */
export function usesNetwork(job: string, input: unknown): boolean {
  if (!Object.hasOwn(networkJobs, job) || typeof input !== 'object' || input === null) return false;
  return networkJobs[job](input as Readonly<Record<string, unknown>>);
}
