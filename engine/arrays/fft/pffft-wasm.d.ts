/** The parts of the Emscripten module that this program calls. Pointers are byte offsets into the module's memory. */
declare module '@echogarden/pffft-wasm/simd' {
  export interface PffftModule {
    /** Replaced by a new view whenever the memory grows; never keep it across an allocation. */
    readonly HEAPF32: Float32Array;
    readonly HEAPF64: Float64Array;
    /** type 0: real, 1: complex. Returns 0 for a length it cannot do. */
    _pffft_new_setup(n: number, type: 0 | 1): number;
    _pffft_aligned_malloc(bytes: number): number;
    _pffft_aligned_free(pointer: number): void;
    /** direction 0: forward, 1: backward. Unscaled; input and output may be the same. */
    _pffft_transform_ordered(setup: number, input: number, output: number, work: number, direction: 0 | 1): void;
    _pffft_transform(setup: number, input: number, output: number, work: number, direction: 0 | 1): void;
    _pffft_zconvolve_accumulate(setup: number, a: number, b: number, ab: number, scaling: number): void;
  }
  export default function createPffft(): Promise<PffftModule>;
}
