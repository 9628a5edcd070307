/** The part of the WebAssembly interface the kernels use; the engine is compiled without the browser's declarations. */
import { EngineError } from '../../errors.ts';

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
export type WasmModule = object;

interface WebAssemblyApi {
  Memory: new (limits: { initial: number; maximum: number; shared?: boolean }) => WasmMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  Instance: new (
    module: WasmModule,
    imports: { env: { memory: Pick<WasmMemory, 'buffer'> } },
  ) => { readonly exports: unknown };
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}

export function webAssembly(): WebAssemblyApi {
  const scope: { WebAssembly?: WebAssemblyApi } = globalThis as typeof globalThis & { WebAssembly?: WebAssemblyApi };
  if (scope.WebAssembly === undefined)
    throw new EngineError('unsupported', 'this JavaScript engine has no WebAssembly');
  return scope.WebAssembly;
}
