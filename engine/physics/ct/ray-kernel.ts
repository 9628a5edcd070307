/**
 * The projector's inner loops in WebAssembly: four images at a time, one per lane of a SIMD vector. Each ray is first traced,
 * four samples at a time, into a short list of cells and fractions that stays in the first-level cache; then, with u and v the
 * fractions to the right and down, shared by the four images,
 *
 *   gather:  line[j] = Σ_k a + v(b − a),  a, b = the cell's upper and lower edge interpolated at u
 *   scatter: the transpose, corner by corner, with the same weights (1−u)(1−v), u(1−v), (1−u)v, uv
 *
 * which makes the pair exactly adjoint. No sample is ever stored, so memory does not grow with the number of views. The code is
 * generated for one frame, so that every address but a thread's base and the view's rays is a constant.
 */
import {
  add,
  type Code,
  FunctionBuilder,
  floor,
  get,
  I32,
  iadd,
  imul,
  int,
  ishl,
  isub,
  lanesOf,
  load,
  loadInteger,
  loadSplat,
  set,
  splat,
  spreadInteger,
  store,
  V128,
  vadd,
  vmadd,
  vmul,
  vnmadd,
  vsub,
} from '../../arrays/wasm/assembler.ts';
import { type Frame, longestRay, padding, rayWords } from './ray-table.ts';

export const lanes = 4;
const vectorBytes = 16;
const rayBytes = 4 * rayWords;

/** Where a thread's arrays lie, in bytes from its base. */
export interface KernelLayout {
  /** Pixels in a row of the padded frame. */
  readonly row: number;
  readonly rays: number;
  /** [row, row, lanes] */
  readonly image: number;
  /** [row, row, lanes] */
  readonly sums: number;
  /** [rays, lanes] */
  readonly line: number;
  readonly cells: number;
  readonly right: number;
  readonly down: number;
  readonly bytes: number;
}

/** Both take the thread's base and the address of the view's rays. */
export interface RayKernel {
  gather(base: number, rays: number): void;
  scatter(base: number, rays: number): void;
}

export function kernelLayout(frame: Frame, rays: number): KernelLayout {
  const row = frame.size + 2 * padding;
  const plane = row * row * vectorBytes;
  const line = 2 * plane;
  // One vector more than the longest ray: it is traced four samples at a time.
  const list = vectorBytes * (Math.ceil(longestRay(frame) / lanes) + 1);
  const cells = line + rays * vectorBytes;
  return {
    row,
    rays,
    image: 0,
    sums: plane,
    line,
    cells,
    right: cells + list,
    down: cells + 2 * list,
    bytes: 64 * Math.ceil((cells + 3 * list) / 64),
  };
}

/** The two functions; `fused`: round products and sums once (relaxed SIMD). */
export function rayKernelCode(layout: KernelLayout, fused: boolean): FunctionBuilder[] {
  return [gatherCode(layout, fused), scatterCode(layout, fused)];
}

type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;
const multiplyAdd = (fused: boolean): MultiplyAdd => (fused ? vmadd : (a, b, c) => vadd(vmul(a, b), c));
const multiplySubtract = (fused: boolean): MultiplyAdd => (fused ? vnmadd : (a, b, c) => vsub(c, vmul(a, b)));

/** Lists cells (as addresses from 0 of the frame, plus base) and fractions of the ray's samples; returns their bytes' end. */
function trace(f: FunctionBuilder, layout: KernelLayout, ray: Code, fused: boolean): Code {
  const base = get(0);
  const end = f.value(I32, loadInteger(ray, 16));
  const [x, y, dx, dy] = [0, 4, 8, 12].map((at) => f.value(V128, loadSplat(ray, at)));
  const origin = f.value(V128, spreadInteger(base));
  const k = f.define(V128, lanesOf(Float32Array.of(0, 1, 2, 3)));
  // A whole number added to 2²³ stands in the low bits of the float.
  const magic = splat(2 ** 23);
  const magicBits = lanesOf(Int32Array.from({ length: 4 }, () => 0x4b000000));
  const row = lanesOf(Int32Array.from({ length: 4 }, () => layout.row));
  f.loop(
    int(0),
    end,
    vectorBytes,
    (q) => {
      const list = f.value(I32, add(base, q));
      const whole = (start: Code, step: Code, fraction: number): Code => {
        const position = f.value(V128, multiplyAdd(fused)(get(k), step, start));
        const cell = f.value(V128, floor(position));
        f.emit(store(list, vsub(position, cell), fraction));
        return f.value(V128, isub(vadd(cell, magic), magicBits));
      };
      const column = whole(x, dx, layout.right);
      const line = whole(y, dy, layout.down);
      f.emit(store(list, iadd(ishl(iadd(imul(line, row), column), 4), origin), layout.cells));
      f.emit(set(k, vadd(get(k), splat(4))));
    },
    false,
  );
  return end;
}

interface Sample {
  /** Address of the upper left corner's vector, but for the plane's offset. */
  cell: Code;
  right: Code;
  down: Code;
}

/** Runs `ray` for each ray with the address of its vector, but for the line's offset, and a loop over its samples. */
function overRays(
  f: FunctionBuilder,
  layout: KernelLayout,
  fused: boolean,
  ray: (line: Code, overSamples: (body: (sample: Sample) => void) => void) => void,
): void {
  const base = get(0);
  const line = f.define(I32, base);
  f.loop(get(1), add(get(1), int(rayBytes * layout.rays)), rayBytes, (at) => {
    const end = trace(f, layout, at, fused);
    ray(get(line), (body) => {
      f.loop(
        base,
        f.value(I32, add(base, end)),
        4,
        (k) =>
          body({
            cell: f.value(I32, loadInteger(k, layout.cells)),
            right: f.value(V128, loadSplat(k, layout.right)),
            down: f.value(V128, loadSplat(k, layout.down)),
          }),
        false,
      );
    });
    f.emit(set(line, add(get(line), int(vectorBytes))));
  });
}

function corners(layout: KernelLayout, plane: number): [number, number, number, number] {
  const below = plane + layout.row * vectorBytes;
  return [plane, plane + vectorBytes, below, below + vectorBytes];
}

function gatherCode(layout: KernelLayout, fused: boolean): FunctionBuilder {
  const f = new FunctionBuilder('gather', 2);
  const sum = f.local(V128);
  const [upperLeft, upperRight, lowerLeft, lowerRight] = corners(layout, layout.image);
  overRays(f, layout, fused, (line, overSamples) => {
    f.emit(set(sum, splat(0)));
    overSamples(({ cell, right, down }) => {
      const between = (left: number, other: number): Code => {
        const value = f.value(V128, load(cell, left));
        return f.value(V128, multiplyAdd(fused)(right, vsub(load(cell, other), value), value));
      };
      const upper = between(upperLeft, upperRight);
      const lower = between(lowerLeft, lowerRight);
      f.emit(set(sum, vadd(get(sum), multiplyAdd(fused)(down, vsub(lower, upper), upper))));
    });
    f.emit(store(line, get(sum), layout.line));
  });
  return f;
}

function scatterCode(layout: KernelLayout, fused: boolean): FunctionBuilder {
  const f = new FunctionBuilder('scatter', 2);
  const [upperLeft, upperRight, lowerLeft, lowerRight] = corners(layout, layout.sums);
  overRays(f, layout, fused, (line, overSamples) => {
    const value = f.value(V128, load(line, layout.line));
    overSamples(({ cell, right, down }) => {
      const lower = f.value(V128, vmul(value, down));
      const upper = f.value(V128, vsub(value, lower));
      const spread = (part: Code, left: number, other: number): void =>
        f.emit(
          store(cell, vadd(load(cell, left), multiplySubtract(fused)(part, right, part)), left),
          store(cell, multiplyAdd(fused)(part, right, load(cell, other)), other),
        );
      spread(upper, upperLeft, upperRight);
      spread(lower, lowerLeft, lowerRight);
    });
  });
  return f;
}
