/**
 * The WebAssembly program of AᴴA = Σ_c conj(S_c) Fᴴ m² F S_c for one problem size.
 *
 * Fᴴ m² F is a circular convolution, which commutes with shifts of the image; so the centring shifts drop out and only
 * the mask is stored in the plan's (uncentred, digit-reversed) frequency order, scaled by 1/n or 1/(h·w).
 *
 *   split(scratch, from, to)            columns and rows paths: everything for blocks [from, to) of four lines
 *   pack(from, to), unpack(from, to)    grid path: image in, sum out
 *   toWork(maps, work, scratch, from, to)   W ← F_x(S x)
 *   across(work, scratch, from, to)         W ← F_yᴴ m² F_y W for groups [from, to) of four columns
 *   fromWork(maps, work, scratch, from, to) sum ← sum + conj(S) F_xᴴ W
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
  splat,
  store,
  V128,
} from '../../../arrays/wasm/assembler.ts';
import { Butterfly, type Complex, ELEMENT, primeTable } from './butterfly.ts';
import type { FftPlan } from './fft-plan.ts';
import { type KernelSizes, type Layout, layoutOf } from './layout.ts';
import { backwardStage, forwardStage, type Load, maskedStage, memoryAccess, type Store } from './stage.ts';

const TABLES = 256;

export interface Program {
  layout: Layout;
  bytes: Uint8Array<ArrayBuffer>;
  /** Constants to place in memory before the first call. */
  tables: { address: number; data: Float32Array }[];
}

/** Twiddle and prime tables with their addresses. */
class Tables {
  readonly entries: { address: number; data: Float32Array }[] = [];
  readonly #addresses = new Map<unknown, number>();
  end = TABLES;

  of(key: unknown, make: () => Float32Array): number {
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const data = make();
    const address = this.end;
    this.entries.push({ address, data });
    this.#addresses.set(key, address);
    this.end += Math.ceil(data.byteLength / 16) * 16;
    return address;
  }
  collect(plan: FftPlan): void {
    for (const stage of plan.stages) {
      this.of(stage, () => stage.twiddles);
      if (stage.radix > 5) this.of(stage.radix, () => primeTable(stage.radix));
    }
  }
  address(key: unknown): number {
    return this.#addresses.get(key) ?? 0;
  }
}

/** Transposes four vectors of four lanes. */
function transpose(f: FunctionBuilder, rows: readonly Code[]): Code[] {
  const [a, b, c, d] = rows;
  const value = (code: Code) => f.value(V128, code);
  const low0 = value(shuffle(a, b, [0, 4, 1, 5]));
  const low1 = value(shuffle(c, d, [0, 4, 1, 5]));
  const high0 = value(shuffle(a, b, [2, 6, 3, 7]));
  const high1 = value(shuffle(c, d, [2, 6, 3, 7]));
  return [
    value(shuffle(low0, low1, [0, 1, 4, 5])),
    value(shuffle(low0, low1, [2, 3, 6, 7])),
    value(shuffle(high0, high1, [0, 1, 4, 5])),
    value(shuffle(high0, high1, [2, 3, 6, 7])),
  ];
}

class ProgramBuilder {
  readonly layout: Layout;
  readonly tables = new Tables();
  readonly functions: FunctionBuilder[] = [];
  readonly sizes: KernelSizes;
  readonly plan: FftPlan;
  readonly fused: boolean;

  constructor(sizes: KernelSizes, plan: FftPlan, across: FftPlan | undefined, fused: boolean) {
    this.sizes = sizes;
    this.plan = plan;
    this.fused = fused;
    this.tables.collect(plan);
    if (across) this.tables.collect(across);
    this.layout = layoutOf(sizes, this.tables.end - TABLES);
  }

  define(name: string, parameters: number, scratch: number, body: (k: Butterfly) => void): void {
    const f = new FunctionBuilder(name, parameters);
    body(new Butterfly(f, this.fused, get(scratch), (radix) => this.tables.address(radix)));
    this.functions.push(f);
  }

  stageOf(plan: FftPlan, index: number, access: { load: Load; store: Store }) {
    const stage = plan.stages[index];
    return { n: plan.n, stage, twiddles: this.tables.address(stage), ...access };
  }

  /** S·x. */
  product(k: Butterfly, maps: Code, image: Code): Load {
    return (at, offset) => {
      const s = k.f.value(I32, add(maps, at));
      const x = k.f.value(I32, add(image, at));
      return k.times(
        k.keep({ re: load(x, offset), im: load(x, offset + 16) }),
        k.keep({ re: load(s, offset), im: load(s, offset + 16) }),
      );
    };
  }

  /** sum + conj(S)·v. */
  accumulate(k: Butterfly, maps: Code, sum: Code): Store {
    return (at, offset, v) => {
      const s = k.f.value(I32, add(maps, at));
      const target = k.f.value(I32, add(sum, at));
      const map: Complex = k.keep({ re: load(s, offset), im: load(s, offset + 16) });
      k.f.emit(
        store(target, k.madd(v.im, map.im, k.madd(v.re, map.re, load(target, offset))), offset),
        store(target, k.nmadd(v.re, map.im, k.madd(v.im, map.re, load(target, offset + 16))), offset + 16),
      );
    };
  }

  /** Image lines of one block → blocked elements at `to`. */
  packBlock(k: Butterfly, block: Code, to: Code): void {
    const { f } = k;
    const { addresses, imageStride, length } = this.layout;
    if (this.sizes.path === 'rows') {
      const source = f.value(I32, add(int(addresses.input), mul(block, int(32))));
      f.loop(int(0), int(length), 1, (i) => {
        const from = f.value(I32, add(source, mul(i, int(imageStride))));
        const target = f.value(I32, add(to, mul(i, int(ELEMENT))));
        const [a, b] = [f.value(V128, load(from, 0)), f.value(V128, load(from, 16))];
        f.emit(store(target, shuffle(a, b, [0, 2, 4, 6])), store(target, shuffle(a, b, [1, 3, 5, 7]), 16));
      });
      return;
    }
    const source = f.value(I32, add(int(addresses.input), mul(block, int(4 * imageStride))));
    f.loop(int(0), int(length), 2, (i) => {
      const from = f.value(I32, add(source, mul(i, int(8))));
      const target = f.value(I32, add(to, mul(i, int(ELEMENT))));
      const rows = [0, 1, 2, 3].map((r) => f.value(V128, load(from, r * imageStride)));
      transpose(f, rows).forEach((v, j) => {
        f.emit(store(target, v, 16 * j));
      });
    });
  }

  /** Blocked elements at `from` → image lines of one block in `output`. */
  unpackBlock(k: Butterfly, block: Code, from: Code): void {
    const { f } = k;
    const { addresses, imageStride, length } = this.layout;
    if (this.sizes.path === 'rows') {
      const out = f.value(I32, add(int(addresses.output), mul(block, int(32))));
      f.loop(int(0), int(length), 1, (i) => {
        const target = f.value(I32, add(out, mul(i, int(imageStride))));
        const source = f.value(I32, add(from, mul(i, int(ELEMENT))));
        const [re, im] = [f.value(V128, load(source, 0)), f.value(V128, load(source, 16))];
        f.emit(store(target, shuffle(re, im, [0, 4, 1, 5])), store(target, shuffle(re, im, [2, 6, 3, 7]), 16));
      });
      return;
    }
    const out = f.value(I32, add(int(addresses.output), mul(block, int(4 * imageStride))));
    f.loop(int(0), int(length), 2, (i) => {
      const target = f.value(I32, add(out, mul(i, int(8))));
      const source = f.value(I32, add(from, mul(i, int(ELEMENT))));
      const columns = [0, 1, 2, 3].map((j) => f.value(V128, load(source, 16 * j)));
      transpose(f, columns).forEach((v, r) => {
        f.emit(store(target, v, r * imageStride));
      });
    });
  }

  clear(k: Butterfly, at: Code, bytes: number): void {
    k.f.loop(at, add(at, int(bytes)), 16, (i) => k.f.emit(store(i, splat(0))));
  }

  /** One line end to end; `factor` reads the mask. First load and last store are given. */
  filter(
    k: Butterfly,
    plan: FftPlan,
    line: Code,
    first: Load,
    last: Store,
    factor: (at: Code, offset: number) => Code,
  ): void {
    const middle = memoryAccess(k, line);
    const final = plan.stages.length - 1;
    const inputOf = (index: number) => (index === 0 ? first : middle.load);
    const outputOf = (index: number) => (index === 0 ? last : middle.store);
    for (let i = 0; i < final; i++) forwardStage(k, this.stageOf(plan, i, { load: inputOf(i), store: middle.store }));
    maskedStage(k, this.stageOf(plan, final, { load: inputOf(final), store: outputOf(final) }), factor);
    for (let i = final - 1; i >= 0; i--) {
      backwardStage(k, this.stageOf(plan, i, { load: middle.load, store: outputOf(i) }));
    }
  }

  split(): void {
    const { addresses, blockStride, blocks, length, scratchImage, scratchLine, scratchSum } = this.layout;
    const coilStride = blocks * blockStride;
    this.define('split', 3, 0, (k) => {
      const { f } = k;
      const line = f.value(I32, add(get(0), int(scratchLine)));
      const sum = f.value(I32, add(get(0), int(scratchSum)));
      const image = f.value(I32, add(get(0), int(scratchImage)));
      f.loop(
        get(1),
        get(2),
        1,
        (block) => {
          this.packBlock(k, block, image);
          this.clear(k, sum, length * ELEMENT);
          const start = f.value(I32, add(int(addresses.maps), mul(block, int(blockStride))));
          f.loop(start, add(start, int(coilStride * this.sizes.coils)), coilStride, (maps) => {
            this.filter(k, this.plan, line, this.product(k, maps, image), this.accumulate(k, maps, sum), (at, offset) =>
              // One float32 of the mask for each element of 32 bytes.
              loadSplat([...at, ...int(3), 0x76], addresses.mask + offset / 8),
            );
          });
          this.unpackBlock(k, block, sum);
        },
        false,
      );
    });
  }

  grid(across: FftPlan): void {
    const { addresses, blockStride, workStride, length, blocks, scratchLine } = this.layout;
    this.define('pack', 2, 0, (k) => {
      k.f.loop(
        get(0),
        get(1),
        1,
        (block) => {
          const offset = k.f.value(I32, mul(block, int(blockStride)));
          this.packBlock(k, block, k.f.value(I32, add(int(addresses.image), offset)));
          this.clear(k, k.f.value(I32, add(int(addresses.sum), offset)), length * ELEMENT);
        },
        false,
      );
    });
    this.define('unpack', 2, 0, (k) => {
      k.f.loop(
        get(0),
        get(1),
        1,
        (block) => {
          this.unpackBlock(k, block, k.f.value(I32, add(int(addresses.sum), mul(block, int(blockStride)))));
        },
        false,
      );
    });
    const onLines = (name: string, body: (k: Butterfly, maps: Code, work: Code, block: Code) => void) =>
      this.define(name, 5, 2, (k) => {
        k.f.loop(
          get(3),
          get(4),
          1,
          (block) => {
            const maps = k.f.value(I32, add(get(0), mul(block, int(blockStride))));
            const work = k.f.value(I32, add(get(1), mul(block, int(workStride))));
            body(k, maps, work, block);
          },
          false,
        );
      });
    const { plan } = this;
    onLines('toWork', (k, maps, work, block) => {
      const image = k.f.value(I32, add(int(addresses.image), mul(block, int(blockStride))));
      const memory = memoryAccess(k, work);
      plan.stages.forEach((_, i) => {
        const read = i === 0 ? this.product(k, maps, image) : memory.load;
        forwardStage(k, this.stageOf(plan, i, { load: read, store: memory.store }));
      });
    });
    onLines('fromWork', (k, maps, work, block) => {
      const sum = k.f.value(I32, add(int(addresses.sum), mul(block, int(blockStride))));
      const memory = memoryAccess(k, work);
      for (let i = plan.stages.length - 1; i >= 0; i--) {
        const write = i === 0 ? this.accumulate(k, maps, sum) : memory.store;
        backwardStage(k, this.stageOf(plan, i, { load: memory.load, store: write }));
      }
    });
    this.define('across', 4, 1, (k) => {
      const { f } = k;
      const line = f.value(I32, add(get(1), int(scratchLine)));
      const memory = memoryAccess(k, line);
      f.loop(
        get(2),
        get(3),
        1,
        (group) => {
          const work = f.value(I32, add(get(0), mul(group, int(4 * ELEMENT))));
          const mask = f.value(I32, add(int(addresses.mask), mul(group, int(16 * across.n))));
          this.transposeGroup(k, work, line, true);
          const stored = 4 * blocks * ELEMENT;
          if (stored < across.n * ELEMENT)
            this.clear(k, f.value(I32, add(line, int(stored))), across.n * ELEMENT - stored);
          this.filter(k, across, line, memory.load, memory.store, (at, offset) =>
            load(add(mask, [...at, ...int(1), 0x76]), offset / 2),
          );
          this.transposeGroup(k, work, line, false);
        },
        false,
      );
    });
  }

  /** Four columns of the work array ↔ one line of elements whose lanes are the columns. */
  transposeGroup(k: Butterfly, work: Code, line: Code, gather: boolean): void {
    const { f } = k;
    const { blocks, workStride } = this.layout;
    f.loop(int(0), int(blocks), 1, (block) => {
      const w = f.value(I32, add(work, mul(block, int(workStride))));
      const l = f.value(I32, add(line, mul(block, int(4 * ELEMENT))));
      const [from, to] = gather ? [w, l] : [l, w];
      for (const part of [0, 16]) {
        const rows = [0, 1, 2, 3].map((j) => f.value(V128, load(from, j * ELEMENT + part)));
        transpose(f, rows).forEach((v, j) => {
          f.emit(store(to, v, j * ELEMENT + part));
        });
      }
    });
  }
}

/** `plan` transforms along the lines; `across`, for the grid path, along the other axis. */
export function buildProgram(sizes: KernelSizes, plan: FftPlan, across: FftPlan | undefined, fused: boolean): Program {
  const builder = new ProgramBuilder(sizes, plan, across, fused);
  if (across) builder.grid(across);
  else builder.split();
  const { layout } = builder;
  return {
    layout,
    bytes: encodeModule(builder.functions, {
      initial: layout.pages,
      maximum: layout.pages,
      shared: sizes.threads > 1,
    }),
    tables: builder.tables.entries,
  };
}
