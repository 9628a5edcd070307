/**
 * WebAssembly SIMD inner loops of the matrix product, running in the memory of TensorFlow.js's WebAssembly backend.
 *
 * Operands are packed into panels: a left panel holds 4 numbers per step of the summed index, a right panel 8, both with
 * the summed index padded by zeros to a multiple of 4. `multiply` adds one column of 4 × 8 tiles,
 *   C[i, j] += Σ_k L[k, i] R[k, j],   8 vector accumulators per tile,
 * after K. Goto, R. A. van de Geijn: Anatomy of high-performance matrix multiplication (2008), sections 4–5.
 */
import {
  add,
  type Code,
  encodeModule,
  FunctionBuilder,
  get,
  I32,
  int,
  load,
  loadSplat,
  mul,
  shuffle,
  store,
  V128,
  vadd,
  vmul,
} from '../../arrays/wasm/assembler.ts';
import { webAssembly } from '../../arrays/wasm/web-assembly.ts';
import { EngineError } from '../../errors.ts';
import type { WasmBackend, WasmMemory } from '../wasm-heap.ts';

/** Rows and columns of a tile; steps of the summed index taken together. */
export const ROWS = 4;
export const COLUMNS = 8;
export const UNROLL = 4;

export interface ProductProgram {
  /** Adds `tiles` tiles below one another: tile t takes the left panel at left + t · leftStride, `quads` · 4 steps. */
  multiply(
    left: number,
    right: number,
    out: number,
    quads: number,
    tiles: number,
    leftStride: number,
    outStride: number,
  ): void;
  /** to[4 bytes · (0…3)] ← from[…], `count` times, 4 numbers each; addresses advance by the steps (bytes). */
  copyColumns(from: number, to: number, count: number, fromStep: number, toStep: number): void;
  /** Four rows, `rowStride` bytes apart, 4 · quads numbers each, become 4 numbers at each of 4 · quads steps. */
  transposeRows(from: number, rowStride: number, to: number, quads: number, toStep: number): void;
}

function multiply(): FunctionBuilder {
  const f = new FunctionBuilder('multiply', 7);
  const [left, right, out, quads, tiles, leftStride, outStride] = [0, 1, 2, 3, 4, 5, 6];
  const rowOf = [out, f.local(I32), f.local(I32), f.local(I32)];
  const l = f.local(I32);
  const r = f.local(I32);
  const sums = Array.from({ length: 2 * ROWS }, () => f.local(V128));
  const halves = [f.local(V128), f.local(V128)];
  const factor = f.local(V128);
  f.repeat(get(tiles), () => {
    for (let i = 1; i < ROWS; i++) f.set(rowOf[i], add(get(rowOf[i - 1]), get(outStride)));
    for (let i = 0; i < ROWS; i++) for (const h of [0, 1]) f.set(sums[2 * i + h], load(get(rowOf[i]), 16 * h));
    f.set(l, get(left));
    f.set(r, get(right));
    f.repeat(get(quads), () => {
      for (let step = 0; step < UNROLL; step++) {
        for (const h of [0, 1]) f.set(halves[h], load(get(r), 32 * step + 16 * h));
        for (let i = 0; i < ROWS; i++) {
          f.set(factor, loadSplat(get(l), 16 * step + 4 * i));
          for (const h of [0, 1]) f.set(sums[2 * i + h], vadd(get(sums[2 * i + h]), vmul(get(factor), get(halves[h]))));
        }
      }
      f.set(l, add(get(l), int(16 * UNROLL)));
      f.set(r, add(get(r), int(32 * UNROLL)));
    });
    for (let i = 0; i < ROWS; i++) for (const h of [0, 1]) f.emit(store(get(rowOf[i]), get(sums[2 * i + h]), 16 * h));
    f.set(left, add(get(left), get(leftStride)));
    f.set(out, add(get(out), mul(get(outStride), int(ROWS))));
  });
  return f;
}

function copyColumns(): FunctionBuilder {
  const f = new FunctionBuilder('copyColumns', 5);
  f.repeat(get(2), () => {
    f.emit(store(get(1), load(get(0))));
    f.set(0, add(get(0), get(3)));
    f.set(1, add(get(1), get(4)));
  });
  return f;
}

function transposeRows(): FunctionBuilder {
  const f = new FunctionBuilder('transposeRows', 5);
  const [from, rowStride, to, quads, toStep] = [0, 1, 2, 3, 4];
  const rows = Array.from({ length: 4 }, () => f.local(V128));
  const at = f.local(I32);
  f.repeat(get(quads), () => {
    f.set(at, get(from));
    for (let i = 0; i < 4; i++) {
      f.set(rows[i], load(get(at)));
      f.set(at, add(get(at), get(rowStride)));
    }
    const pair = (a: number, b: number, lanes: [number, number, number, number]): Code =>
      f.value(V128, shuffle(get(rows[a]), get(rows[b]), lanes));
    const low01 = pair(0, 1, [0, 4, 1, 5]);
    const low23 = pair(2, 3, [0, 4, 1, 5]);
    const high01 = pair(0, 1, [2, 6, 3, 7]);
    const high23 = pair(2, 3, [2, 6, 3, 7]);
    for (const [a, b, lanes] of [
      [low01, low23, [0, 1, 4, 5]],
      [low01, low23, [2, 3, 6, 7]],
      [high01, high23, [0, 1, 4, 5]],
      [high01, high23, [2, 3, 6, 7]],
    ] as const) {
      f.emit(store(get(to), shuffle(a, b, lanes)));
      f.set(to, add(get(to), get(toStep)));
    }
    f.set(from, add(get(from), int(16)));
  });
  return f;
}

const programs = new WeakMap<WasmMemory, ProductProgram>();

/** The inner loops bound to this backend's memory; compiled on first use. Errors: `unsupported` without SIMD. */
export function productProgram(backend: WasmBackend): ProductProgram {
  const { memory } = backend.wasm.asm;
  const known = programs.get(memory);
  if (known !== undefined) return known;
  const api = webAssembly();
  try {
    const module = new api.Module(encodeModule([multiply(), copyColumns(), transposeRows()], { initial: 1 }));
    const program = new api.Instance(module, { env: { memory } }).exports as ProductProgram;
    programs.set(memory, program);
    return program;
  } catch (cause) {
    throw new EngineError('unsupported', 'the matrix product needs WebAssembly with SIMD', {
      cause,
      hint: 'use Node 24 or newer on a 64-bit processor',
    });
  }
}
