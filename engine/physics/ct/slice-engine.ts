/** The projector's kernel with its memory for one set of view groups: rays written once, one workplace per thread. */
import { encodeModule } from '../../arrays/wasm/assembler.ts';
import { hasFusedMultiplyAdd } from '../../arrays/wasm/fused-multiply-add.ts';
import { type WasmMemory, type WasmModule, webAssembly } from '../../arrays/wasm/web-assembly.ts';
import { check, EngineError } from '../../errors.ts';
import type { SliceGeometry } from './ct-geometry.ts';
import { kernelLayout, type RayKernel, rayKernelCode } from './ray-kernel.ts';
import { rayWords, writeRays } from './ray-table.ts';
import type { PassTables } from './slice-pass.ts';
import type { ViewGroups } from './view-groups.ts';

const pageBytes = 65_536;
const mostPages = 60_000;

export interface SliceEngine {
  readonly kernel: RayKernel;
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly floats: Float32Array;
  readonly tables: PassTables;
  /** Byte address of each thread's arrays. */
  readonly bases: readonly number[];
}

/** Throws `resource` when the memory is not to be had. */
export function sliceEngine(geometry: SliceGeometry, groups: ViewGroups, threads: number): SliceEngine {
  const [, elements] = groups.elements;
  const layout = kernelLayout(groups.frame, elements);
  const raysStride = 4 * rayWords * elements;
  const rays = threads * layout.bytes;
  const bytes = rays + groups.angles.length * raysStride;
  const pages = Math.ceil(bytes / pageBytes);
  const hint = 'Use fewer threads or a smaller image.';
  check(pages <= mostPages, () => `the projector needs ${bytes} bytes`, { code: 'resource', hint });
  const api = webAssembly();
  const limits = { initial: pages, maximum: pages, shared: threads > 1 };
  let memory: WasmMemory;
  try {
    memory = new api.Memory(limits);
  } catch (cause) {
    throw new EngineError('resource', `the projector needs ${bytes} bytes, which are not to be had`, { hint, cause });
  }
  const module = new api.Module(encodeModule(rayKernelCode(layout, hasFusedMultiplyAdd()), limits));
  groups.angles.forEach((angle, group) => {
    const at = rays + group * raysStride;
    const words = rayWords * elements;
    const floats = new Float32Array(memory.buffer, at, words);
    writeRays(geometry, groups.frame, angle, groups.elements, floats, new Int32Array(memory.buffer, at, words));
  });
  return {
    kernel: new api.Instance(module, { env: { memory } }).exports as RayKernel,
    module,
    memory,
    floats: new Float32Array(memory.buffer),
    tables: {
      size: geometry.size,
      viewCount: geometry.anglesDeg.length,
      detectors: geometry.detectors,
      image: layout.image,
      sums: layout.sums,
      line: layout.line,
      plane: 4 * layout.row ** 2,
      rays,
      raysStride,
      groups: groups.angles.length,
      views: groups.views,
      reversed: groups.reversed,
      firstElement: groups.elements[0],
      elements,
      mirror: Math.round(2 * geometry.detectorCentre),
    },
    bases: Array.from({ length: threads }, (_, thread) => thread * layout.bytes),
  };
}
