/**
 * The WebAssembly instance with the Fourier kernels and its memory. Memory grows on demand and never shrinks: plans
 * keep 8–24 bytes per point, the two bundles 64 bytes per point of the longest length, the image area the largest
 * portion moved through it. Growth detaches earlier views: take `floats()` after the last allocation.
 */
import { EngineError } from '../../errors.ts';
import { encodeModule } from '../wasm/assembler.ts';
import { webAssembly } from '../wasm/web-assembly.ts';
import { POINT, passFunctions } from './butterflies.ts';
import { lineFunctions } from './lines.ts';

type Kernel = (...parameters: number[]) => void;

const PAGE = 65536;
const INITIAL_PAGES = 4;
const api = webAssembly();
const memory = new api.Memory({ initial: INITIAL_PAGES, maximum: PAGE });
const code = encodeModule([...lineFunctions(), ...passFunctions()], { initial: 1 });
const instance = new api.Instance(new api.Module(code), { env: { memory } });
const exported = instance.exports as Readonly<Record<string, unknown>>;

/** The kernel of this name. */
export function kernel(name: string): Kernel {
  const found = exported[name];
  if (typeof found !== 'function') throw new EngineError('internal', `no Fourier kernel ${name}`);
  return found as Kernel;
}

let view = new Float32Array(memory.buffer);
let used = 64;

/** The memory as float32; index = address / 4. */
export function floats(): Float32Array {
  if (view.length === 0) view = new Float32Array(memory.buffer);
  return view;
}

/** Memory for good, aligned to a cache line. Errors: `resource` when it cannot grow. */
export function allocate(bytes: number): number {
  const address = used;
  const end = used + 64 * Math.ceil(bytes / 64);
  const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
  if (missing > 0) {
    try {
      memory.grow(missing);
    } catch (cause) {
      throw new EngineError('resource', `the Fourier transform cannot get ${bytes} bytes of memory beyond ${used}`, {
        cause,
        hint: 'close other programs, or transform fewer or smaller slices at a time',
      });
    }
  }
  used = end;
  return address;
}

/** An area that is replaced by one at least twice as large when it gets too small. */
class Area {
  private address = 0;
  private bytes = 0;

  atLeast(bytes: number): number {
    if (this.bytes < bytes) {
      const size = Math.max(bytes, 2 * this.bytes);
      this.address = allocate(size);
      this.bytes = size;
    }
    return this.address;
  }
}

export const image = new Area();
const bundleA = new Area();
const bundleB = new Area();

/** Two bundles of at least n points; contents do not survive the next call. */
export function bundles(n: number): readonly [a: number, b: number] {
  return [bundleA.atLeast(POINT * n), bundleB.atLeast(POINT * n)];
}
