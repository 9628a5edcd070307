/**
 * Four slices at a time, one per lane of a WebAssembly SIMD vector, float32 sums. Arithmetic as in ray-sums.ts:
 *
 *   gather:  line[j] = Σ_k a + v(b − a),  a, b = the cell's upper and lower edge interpolated at u
 *   scatter: the transpose, corner by corner
 *
 * with u = right[k], v = down[k] shared by the four slices. The code is generated for one geometry, so that every address
 * but the view's tables is a constant.
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
  loadInteger,
  loadSplat,
  mul,
  set,
  splat,
  store,
  V128,
  vadd,
  vmul,
  vsub,
} from '../../arrays/wasm/assembler.ts';
import { type WasmMemory, webAssembly } from '../../arrays/wasm/web-assembly.ts';
import { EngineError } from '../../errors.ts';
import type { ParallelBeamGeometry } from './geometry.ts';
import { type RayBlock, raysFit, sampleBytes } from './ray-block.ts';
import { emptyViewRays, sampleBound, traceView, type ViewRays } from './view-rays.ts';

const lanes = 4;
const vectorBytes = 16;
const pageBytes = 65_536;
const mostPages = 60_000;

interface Layout {
  row: number;
  detectors: number;
  /** Byte addresses. */
  image: number;
  sums: number;
  line: number;
  tables: number;
  /** Bytes of one view's tables: start, base, right, down. */
  stride: number;
  capacity: number;
  bytes: number;
}

/** Undefined when the block does not fit into WebAssembly's memory. Rays are kept if they fit into `cacheBytes`. */
export function simdRayBlock(geometry: ParallelBeamGeometry, cacheBytes: number): RayBlock | undefined {
  const keep = raysFit(geometry, cacheBytes);
  const layout = layoutOf(geometry, keep ? geometry.anglesDeg.length : 1);
  const pages = Math.ceil(layout.bytes / pageBytes);
  if (pages > mostPages) return undefined;
  const api = webAssembly();
  let memory: WasmMemory;
  try {
    memory = new api.Memory({ initial: pages, maximum: pages, shared: false });
  } catch (cause) {
    throw new EngineError('resource', `the projector needs ${pages * pageBytes} bytes, which are not to be had`, {
      cause,
    });
  }
  const module = new api.Module(
    encodeModule([gatherCode(layout), scatterCode(layout)], { initial: pages, maximum: pages }),
  );
  const run = new api.Instance(module, { env: { memory } }).exports as {
    gather(tables: number): void;
    scatter(tables: number): void;
  };
  const floats = (at: number, vectors: number) => new Float32Array(memory.buffer, at, vectors * lanes);
  const rays = emptyViewRays(geometry);
  const written = new Set<number>();

  /** Address of the view's tables, traced on first use. */
  function tables(view: number): number {
    const at = layout.tables + (keep ? view * layout.stride : 0);
    if (written.has(view)) return at;
    const count = traceView(geometry, geometry.anglesDeg[view], rays);
    writeTables(memory.buffer, at, layout, rays, count);
    if (!keep) written.clear();
    written.add(view);
    return at;
  }

  return {
    width: lanes,
    image: floats(layout.image, layout.row * layout.row),
    sums: floats(layout.sums, layout.row * layout.row),
    line: floats(layout.line, geometry.detectors),
    gather: (view) => run.gather(tables(view)),
    scatter: (view) => run.scatter(tables(view)),
  };
}

function layoutOf(geometry: ParallelBeamGeometry, views: number): Layout {
  const row = geometry.size + 2;
  const plane = row * row * vectorBytes;
  const { detectors } = geometry;
  const capacity = sampleBound(geometry);
  const line = 2 * plane;
  const tables = line + detectors * vectorBytes;
  const stride = 4 * (detectors + 1) + sampleBytes * capacity;
  return { row, detectors, image: 0, sums: plane, line, tables, stride, capacity, bytes: tables + views * stride };
}

/** Sample positions are stored as byte offsets: 16 × cell, and 4 × sample for the ends of the rays. */
function writeTables(buffer: ArrayBuffer, at: number, layout: Layout, rays: ViewRays, count: number): void {
  const { detectors, capacity } = layout;
  const start = new Int32Array(buffer, at, detectors + 1);
  for (let j = 0; j <= detectors; j++) start[j] = 4 * rays.start[j];
  const samples = at + 4 * (detectors + 1);
  const base = new Int32Array(buffer, samples, count);
  for (let k = 0; k < count; k++) base[k] = vectorBytes * rays.base[k];
  new Float32Array(buffer, samples + 4 * capacity, count).set(rays.right.subarray(0, count));
  new Float32Array(buffer, samples + 8 * capacity, count).set(rays.down.subarray(0, count));
}

interface Sample {
  /** Byte offset of the upper left corner's vector from the start of an image. */
  cell: Code;
  right: Code;
  down: Code;
}

/** Runs `ray` for each detector with the address of its vector in the line and a loop over its samples. */
function overRays(
  f: FunctionBuilder,
  layout: Layout,
  ray: (line: Code, overSamples: (body: (sample: Sample) => void) => void) => void,
): void {
  const tables = get(0);
  const samples = 4 * (layout.detectors + 1);
  f.loop(int(0), int(4 * layout.detectors), 4, (j) => {
    const start = f.value(I32, add(tables, j));
    const line = f.value(I32, mul(j, int(4)));
    ray(line, (body) => {
      f.loop(
        loadInteger(start),
        loadInteger(start, 4),
        4,
        (k) => {
          const at = f.value(I32, add(tables, k));
          body({
            cell: f.value(I32, loadInteger(at, samples)),
            right: f.value(V128, loadSplat(at, samples + 4 * layout.capacity)),
            down: f.value(V128, loadSplat(at, samples + 8 * layout.capacity)),
          });
        },
        false,
      );
    });
  });
}

function corners(layout: Layout, plane: number): [number, number, number, number] {
  const below = plane + layout.row * vectorBytes;
  return [plane, plane + vectorBytes, below, below + vectorBytes];
}

function gatherCode(layout: Layout): FunctionBuilder {
  const f = new FunctionBuilder('gather', 1);
  const sum = f.local(V128);
  const [upperLeft, upperRight, lowerLeft, lowerRight] = corners(layout, layout.image);
  overRays(f, layout, (line, overSamples) => {
    f.emit(set(sum, splat(0)));
    overSamples(({ cell, right, down }) => {
      const between = (left: number, other: number): Code => {
        const value = f.value(V128, load(cell, left));
        return f.value(V128, vadd(value, vmul(right, vsub(load(cell, other), value))));
      };
      const upper = between(upperLeft, upperRight);
      const lower = between(lowerLeft, lowerRight);
      f.emit(set(sum, vadd(get(sum), vadd(upper, vmul(down, vsub(lower, upper))))));
    });
    f.emit(store(line, get(sum), layout.line));
  });
  return f;
}

function scatterCode(layout: Layout): FunctionBuilder {
  const f = new FunctionBuilder('scatter', 1);
  const [upperLeft, upperRight, lowerLeft, lowerRight] = corners(layout, layout.sums);
  overRays(f, layout, (line, overSamples) => {
    const value = f.value(V128, load(line, layout.line));
    overSamples(({ cell, right, down }) => {
      const lower = f.value(V128, vmul(value, down));
      const upper = f.value(V128, vsub(value, lower));
      const ofLower = f.value(V128, vmul(lower, right));
      const ofUpper = f.value(V128, vmul(upper, right));
      f.emit(
        store(cell, vadd(load(cell, upperLeft), vsub(upper, ofUpper)), upperLeft),
        store(cell, vadd(load(cell, upperRight), ofUpper), upperRight),
        store(cell, vadd(load(cell, lowerLeft), vsub(lower, ofLower)), lowerLeft),
        store(cell, vadd(load(cell, lowerRight), ofLower), lowerRight),
      );
    });
  });
  return f;
}
