/** A graphics adapter through Dawn (the `webgpu` package), the way a browser would offer it. */
import { EngineError } from '../../errors.ts';
import { loadPackage } from '../load-package.ts';

/** What is used of WebGPU's interface (W3C); its declarations need the browser's, which are not loaded here. */
export interface Adapter {
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  requestDevice(descriptor: { requiredFeatures: string[]; requiredLimits: Record<string, number> }): Promise<object>;
}

interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

let gpu: Gpu | undefined;

async function dawn(): Promise<Gpu> {
  if (gpu !== undefined) return gpu;
  const { create, globals } = await loadPackage('webgpu');
  if (typeof create !== 'function' || typeof globals !== 'object')
    throw new EngineError('unsupported', 'the package webgpu does not offer create() and globals', {
      hint: 'install the webgpu version named in package.json: npm ci',
    });
  // Constants such as GPUBufferUsage, which TensorFlow.js expects to be global.
  Object.assign(globalThis, globals);
  // Kept for the life of the process: devices die with it.
  gpu = create([]) as Gpu;
  // TensorFlow.js looks for it where a browser has it.
  const { navigator } = globalThis as { navigator?: object };
  if (navigator === undefined) Object.assign(globalThis, { navigator: { gpu } });
  else Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

/** The adapter Dawn prefers. Errors: `unsupported` when there is none. */
export async function openAdapter(): Promise<Adapter> {
  const adapter = await (await dawn()).requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null)
    throw new EngineError('unsupported', 'no graphics driver that WebGPU can use was found', {
      hint:
        process.platform === 'linux'
          ? "install the card's Vulkan driver and libvulkan1, then run tangent doctor again"
          : "update the graphics card's driver, then run tangent doctor again",
    });
  return adapter;
}

/** Its name for a person. */
export function adapterName({ info }: Adapter): string {
  return info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed';
}

/** Whether the adapter is an emulation on the processor (SwiftShader, llvmpipe, WARP): correct, but slow. */
export function isEmulated({ info }: Adapter): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(text);
}
