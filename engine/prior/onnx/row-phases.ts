/**
 * Images kept as row phases: phase p of P holds rows P·i + p, each phase a tensor [B, C, height/P, width] of its own.
 * One phase is the image as usual. Row transforms then are sums of whole tensors and depthwise convolutions, which ONNX
 * Runtime keeps in its blocked layout and into which it fuses the additions that follow.
 */
import type { OnnxBuilder } from './onnx-builder.ts';
import { inputTransform } from './winograd.ts';

export interface Feature {
  channels: number;
  /** Of the whole image. */
  height: number;
  width: number;
  phases: readonly string[];
}

export interface ConvGeometry {
  kernel: readonly [number, number];
  stride?: readonly [number, number];
  /** top, left, bottom, right */
  pads?: readonly [number, number, number, number];
  dilation?: readonly [number, number];
  group?: number;
}

export class RowPhases {
  readonly base: OnnxBuilder;
  /** Shapes to declare in the graph. */
  readonly shapes = new Map<string, readonly (string | number)[]>();

  constructor(base: OnnxBuilder) {
    this.base = base;
  }

  one(op: string, inputs: readonly string[], attributes: Parameters<OnnxBuilder['node']>[2] = {}): string {
    return this.base.node(op, inputs, attributes)[0];
  }

  conv(x: string, weights: readonly string[], g: ConvGeometry): string {
    return this.one('Conv', [x, ...weights], {
      kernel_shape: g.kernel,
      strides: g.stride ?? [1, 1],
      pads: g.pads ?? [0, 0, 0, 0],
      dilations: g.dilation ?? [1, 1],
      group: g.group ?? 1,
    });
  }

  add(a: string, b: string): string {
    return this.one('Add', [a, b]);
  }

  /** Row i of the result is Σ_j taps[j] · row (stride·i + j) of x, for every channel; rows outside are zero. */
  private rowFilter(x: string, channels: number, taps: ReadonlyMap<number, number>, stride: number): string {
    const offsets = [...taps.keys()].sort((a, b) => a - b);
    const first = Math.min(0, offsets[0]);
    const last = offsets[offsets.length - 1];
    // Taps two rows apart are read by a dilated kernel instead of being multiplied by zeros between.
    const step = first === offsets[0] && offsets.every((o) => (o - first) % 2 === 0) && last > first ? 2 : 1;
    const kernel = Array.from({ length: (last - first) / step + 1 }, (_, j) => taps.get(first + step * j) ?? 0);
    const values = Array.from({ length: channels }, () => kernel).flat();
    const weights = this.base.constant('float', [channels, 1, kernel.length, 1], values);
    return this.conv(x, [weights], {
      kernel: [kernel.length, 1],
      stride: [stride, 1],
      pads: [-first, 0, Math.max(0, last + 1 - stride), 0],
      dilation: [step, 1],
      group: channels,
    });
  }

  /** plus + factor·x */
  private addScaled(plus: string, factor: number, x: string, channels: number): string {
    return factor === 1 ? this.add(plus, x) : this.add(plus, this.rowFilter(x, channels, new Map([[0, factor]]), 1));
  }

  /** The image with more phases; heights must divide. */
  spread(x: Feature, count: number): Feature {
    const have = x.phases.length;
    if (have === count) return x;
    const phases = Array.from({ length: count }, (_, p) =>
      this.rowFilter(x.phases[p % have], x.channels, new Map([[Math.floor(p / have), 1]]), count / have),
    );
    return { ...x, phases };
  }

  /** The image as one tensor. */
  merge(x: Feature): Feature {
    if (x.phases.length === 1) return x;
    const side = this.one('Concat', x.phases, { axis: 3 });
    return { ...x, phases: [this.reshape(side, [0, x.channels, x.height, x.width])] };
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.one('Reshape', [x, this.base.constant('int64', [shape.length], shape)]);
  }

  /** Bᵀd for the tiles of rows 4i−1 … 4i+4: six tensors [B, C, height/4, width]. */
  tiles(x: Feature): string[] {
    const { phases, channels } = x;
    return phases.length === 4 ? this.tilesOfFour(phases, channels) : this.tilesOfFew(phases, channels);
  }

  private tilesOfFew(phases: readonly string[], channels: number): string[] {
    const count = phases.length;
    return inputTransform.map((row) => {
      const terms = phases.flatMap((phase, q) => {
        const taps = new Map<number, number>();
        row.forEach((value, t) => {
          const offset = (t - 1 - q) / count;
          if (value !== 0 && Number.isInteger(offset)) taps.set(offset, value);
        });
        return taps.size === 0 ? [] : [this.rowFilter(phase, channels, taps, 4 / count)];
      });
      return terms.reduce((a, b) => this.add(a, b));
    });
  }

  /** Shares the partial sums of the rows of Bᵀ; d_1 … d_4 are the phases, d_0 and d_5 the neighbours' last and first. */
  private tilesOfFour([d1, d2, d3, d4]: readonly string[], channels: number): string[] {
    const plus = (to: string, factor: number, x: string) => this.addScaled(to, factor, x, channels);
    const scaled = (x: string, taps: [number, number][]) => this.rowFilter(x, channels, new Map(taps), 1);
    const a = plus(d4, -4, d2);
    const b = plus(d3, -4, d1);
    const c = plus(d4, -1, d2);
    const e = plus(d3, -1, d1);
    return [
      // 4 d_0 − 5 d_2 + d_4, d_0 being d_4 one row back.
      this.add(
        scaled(d2, [[0, -5]]),
        scaled(d4, [
          [-1, 4],
          [0, 1],
        ]),
      ),
      this.add(a, b),
      plus(a, -1, b),
      plus(c, 2, e),
      plus(c, -2, e),
      // 4 d_1 − 5 d_3 + d_5, d_5 being d_1 one row on.
      this.add(
        scaled(d3, [[0, -5]]),
        scaled(d1, [
          [0, 4],
          [1, 1],
        ]),
      ),
    ];
  }

  /** Aᵀ of the six products; the first and last come as functions, made last so that their additions fuse into them. */
  untile(m: readonly [() => string, string, string, string, string, () => string], channels: number): string[] {
    const [first, m1, m2, m3, m4, last] = m;
    const plus = (to: string, factor: number, x: string) => this.addScaled(to, factor, x, channels);
    const s = plus(m1, 1, m2);
    const d = plus(m1, -1, m2);
    const u = plus(m3, 1, m4);
    const v = plus(m3, -1, m4);
    return [this.add(this.add(s, u), first()), plus(d, 2, v), plus(s, 4, u), this.add(plus(d, 8, v), last())];
  }

  /** A vector [B, C, 1, 1] at every place of an image of that size, made in the blocked layout. */
  fill(vector: string, channels: number, height: number, width: number): string {
    const map = this.one('Resize', [vector, '', this.base.constant('float', [4], [1, 1, height, width])], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
    // With a batch of unknown size the runtime cannot work this shape out, and would not fuse what follows.
    this.shapes.set(map, ['batch', channels, height, width]);
    return map;
  }
}
