/**
 * A network as an ONNX graph for images of one size on the CPU: 3×3 convolutions with many channels through Winograd's
 * F(4, 3) along the rows (half the products), images between them as row phases, modulation factors as 1×1
 * convolutions, so that all of a stage stays in ONNX Runtime's blocked layout. The numbers differ from the plain graph's
 * by rounding.
 */
import {
  type AttentionSpec,
  type ConvSpec,
  convParameters,
  type EmbeddingSpec,
  type GraphBuilder,
  type GroupNormSpec,
  type LinearSpec,
  linearParameters,
} from '../graph.ts';
import { OnnxBuilder } from './onnx-builder.ts';
import { type Feature, RowPhases } from './row-phases.ts';
import { transformKernels } from './winograd.ts';

/** A constant made from one tensor of the weight file. */
export interface DerivedWeight {
  name: string;
  from: string;
  dims: readonly number[];
  derive(data: Float32Array): Float32Array;
}

/** A 1×1 convolution (or linear map of a [B, C, 1, 1] vector) not placed yet: what uses it chooses the outputs' order. */
interface Pointwise extends Omit<Feature, 'phases'> {
  input: Feature;
  weight: string;
  bias: string;
}
export type Handle = Feature | Pointwise;

export interface WinogradOptions {
  height: number;
  width: number;
  /** Convolutions with fewer channels in or out stay as they are: their transforms cost what they save. */
  leastChannels?: number;
}

/** ONNX Runtime's blocked layout has 8 or 16 channels to a block. */
const block = 16;

export class WinogradBuilder implements GraphBuilder<Handle> {
  readonly base = new OnnxBuilder();
  /** 3×3 convolutions that go through Winograd's algorithm. */
  winogradCount = 0;
  readonly derived = new Map<string, DerivedWeight>();
  readonly rows = new RowPhases(this.base);
  private readonly leastChannels: number;

  constructor(options: WinogradOptions) {
    this.leastChannels = options.leastChannels ?? 32;
  }

  private derive(from: string, tag: string, dims: readonly number[], derive: DerivedWeight['derive']): string {
    const name = tag === '' ? from : `${from}#${tag}`;
    this.derived.set(name, { name, from, dims, derive });
    return name;
  }

  /** The tensor of the file in the shape the graph wants. */
  private stored(name: string, dims: readonly number[]): string {
    return this.derive(name, '', dims, (data) => data);
  }

  /** Rows [inputs] of a weight [outputs, inputs] and its bias, `pick`ed in order; `plus` is added to the bias. */
  private picked(p: Pointwise, tag: string, pick: readonly number[], plus = 0): [string, string] {
    const inputs = p.input.channels;
    return [
      this.derive(p.weight, tag, [pick.length, inputs, 1, 1], (data) => {
        const out = new Float32Array(pick.length * inputs);
        pick.forEach((row, i) => {
          out.set(data.subarray(row * inputs, (row + 1) * inputs), i * inputs);
        });
        return out;
      }),
      this.derive(p.bias, tag, [pick.length], (data) => Float32Array.from(pick, (row) => data[row] + plus)),
    ];
  }

  private feature(x: Handle): Feature {
    if ('phases' in x) return x;
    const { input, weight, bias, ...shape } = x;
    const weights = [this.stored(weight, [x.channels, input.channels, 1, 1]), this.stored(bias, [x.channels])];
    return { ...shape, phases: input.phases.map((p) => this.rows.conv(p, weights, { kernel: [1, 1] })) };
  }

  private whole(x: Handle): Feature {
    return this.rows.merge(this.feature(x));
  }

  /** The name of the network's result. */
  finish(x: Handle): string {
    return this.whole(x).phases[0];
  }

  conv2d(x: Handle, s: ConvSpec): Handle {
    const input = this.feature(x);
    const { kernel, stride = 1, padding = 0, inputs, outputs } = s;
    const [[weight], [bias]] = convParameters(s);
    if (kernel === 1 && stride === 1 && padding === 0)
      return { input, weight, bias, channels: outputs, height: input.height, width: input.width };
    const same = kernel === 3 && stride === 1 && padding === 1;
    const blocked = inputs % block === 0 && outputs % block === 0 && Math.min(inputs, outputs) >= this.leastChannels;
    if (same && blocked && input.height % 4 === 0) return this.winograd(input, s);
    if (same && outputs <= 4 && inputs % block === 0 && input.height % 4 === 0) return this.fewOutputs(input, s);
    if (kernel === 2 && stride === 2 && padding === 0 && input.phases.length > 1) return this.halve(input, s);
    const along = (n: number) => Math.floor((n + 2 * padding - kernel) / stride) + 1;
    const weights = [this.stored(weight, [outputs, inputs, kernel, kernel]), this.stored(bias, [outputs])];
    const result = this.rows.conv(this.whole(input).phases[0], weights, {
      kernel: [kernel, kernel],
      stride: [stride, stride],
      pads: [padding, padding, padding, padding],
    });
    return { channels: outputs, height: along(input.height), width: along(input.width), phases: [result] };
  }

  private winograd(input: Feature, s: ConvSpec): Feature {
    const { inputs, outputs } = s;
    const [[weight], [bias]] = convParameters(s);
    this.winogradCount++;
    const tiles = this.rows.tiles(input);
    const product = (k: number, ...more: string[]) => {
      const factors = this.derive(weight, `f${k}`, [outputs, inputs, 1, 3], (data) => transformKernels(data, k));
      return this.rows.conv(tiles[k], [factors, ...more], { kernel: [1, 3], pads: [0, 1, 0, 1] });
    };
    // Column 1 of Aᵀ is all ones, so a bias on that product is a bias on every output.
    const second = product(1, this.stored(bias, [outputs]));
    const phases = this.rows.untile(
      [() => product(0), second, product(2), product(3), product(4), () => product(5)],
      outputs,
    );
    return { ...input, channels: outputs, phases };
  }

  /** 2×2 with stride 2 on row phases: neighbouring phases are the two rows of each output row. */
  private halve(input: Feature, s: ConvSpec): Feature {
    const { inputs, outputs } = s;
    const [[weight], [bias]] = convParameters(s);
    const row = (r: number) =>
      this.derive(weight, `row${r}`, [outputs, inputs, 1, 2], (data) =>
        Float32Array.from({ length: data.length / 2 }, (_, i) => data[4 * (i >> 1) + 2 * r + (i & 1)]),
      );
    const geometry = { kernel: [1, 2], stride: [1, 2] } as const;
    const phases = Array.from({ length: input.phases.length / 2 }, (_, p) =>
      this.rows.add(
        this.rows.conv(input.phases[2 * p], [row(0), this.stored(bias, [outputs])], geometry),
        this.rows.conv(input.phases[2 * p + 1], [row(1)], geometry),
      ),
    );
    return { channels: outputs, height: input.height / 2, width: input.width >> 1, phases };
  }

  /**
   * A 3×3 convolution to few channels would fill a block of outputs with zeros; here the outputs of 4 rows (and columns,
   * as many as fit) are the channels of one convolution with stride, written out as its larger kernel.
   */
  private fewOutputs(input: Feature, s: ConvSpec): Feature {
    const { inputs, outputs } = s;
    const [[weight], [bias]] = convParameters(s);
    const fits = [4, 2, 1].find((n) => 4 * n * outputs <= block && input.width % n === 0) ?? 1;
    const channels = outputs * 4 * fits;
    const span = fits + 2;
    const [d1, d2, d3, d4] = this.rows.spread(input, 4).phases;
    // Rows −1 … 4 of a tile of four are rows of its phases, the first and last of the neighbours'.
    const reads = [
      { phase: d4, rows: [-1, 3] },
      { phase: d1, rows: [0, 4] },
      { phase: d2, rows: [1] },
      { phase: d3, rows: [2] },
    ];
    const parts = reads.map(({ phase, rows }, i) => {
      const spread = (data: Float32Array): Float32Array => {
        const out = new Float32Array(channels * inputs * rows.length * span);
        for (let o = 0; o < outputs; o++)
          for (let r = 0; r < 4; r++)
            for (let q = 0; q < fits; q++)
              for (let c = 0; c < inputs; c++)
                rows.forEach((row, k) => {
                  const dy = row - r + 1;
                  if (dy < 0 || dy > 2) return;
                  for (let dx = 0; dx < 3; dx++) {
                    const channel = (o * 4 + r) * fits + q;
                    out[((channel * inputs + c) * rows.length + k) * span + q + dx] =
                      data[((o * inputs + c) * 3 + dy) * 3 + dx];
                  }
                });
        return out;
      };
      const factors = this.derive(weight, `few${i}`, [channels, inputs, rows.length, span], spread);
      const biases =
        i === 0
          ? [
              this.derive(bias, 'few', [channels], (data) =>
                Float32Array.from({ length: channels }, (_, k) => data[Math.floor(k / (4 * fits))]),
              ),
            ]
          : [];
      return this.rows.conv(phase, [factors, ...biases], {
        kernel: [rows.length, span],
        stride: [1, fits],
        pads: [rows[0] < 0 ? 1 : 0, 1, rows[1] === 4 ? 1 : 0, 1],
      });
    });
    const sum = parts.reduce((a, b) => this.rows.add(a, b));
    const { height, width } = input;
    const split = this.rows.reshape(sum, [0, outputs, 4, fits, height / 4, width / fits]);
    const ordered = this.rows.one('Transpose', [split], { perm: [0, 1, 4, 2, 5, 3] });
    return { ...input, channels: outputs, phases: [this.rows.reshape(ordered, [0, outputs, height, width])] };
  }

  linear(x: Handle, s: LinearSpec): Handle {
    const [[weight], [bias]] = linearParameters(s);
    return { input: this.whole(x), weight, bias, channels: s.outputs, height: 1, width: 1 };
  }

  modulate(x: Handle, scaleShift: Handle, channels: number): Handle {
    const input = this.feature(x);
    let factor: string;
    let shift: string;
    if ('phases' in scaleShift) {
      const sizes = this.base.constant('int64', [2], [channels, channels]);
      const [scale, second] = this.base.node('Split', [scaleShift.phases[0], sizes], { axis: 1 }, 2);
      factor = this.rows.add(scale, this.base.constant('float', [1], [1]));
      shift = second;
    } else {
      // One convolution each, the 1 of 1 + scale in the bias.
      const half = (which: 0 | 1) => Array.from({ length: channels }, (_, i) => which * channels + i);
      const from = scaleShift.input.phases[0];
      factor = this.rows.conv(from, this.picked(scaleShift, 'scale', half(0), 1), { kernel: [1, 1] });
      shift = this.rows.conv(from, this.picked(scaleShift, 'shift', half(1)), { kernel: [1, 1] });
    }
    // Broadcasting would leave the blocked layout; maps of one phase's size stay in it and in the cache.
    const fill = (vector: string) => this.rows.fill(vector, channels, input.height / input.phases.length, input.width);
    const [factors, shifts] = [fill(factor), fill(shift)];
    return { ...input, phases: input.phases.map((p) => this.rows.add(this.rows.one('Mul', [p, factors]), shifts)) };
  }

  depthToSpace2(x: Handle): Handle {
    if ('phases' in x) return this.plain(x, x.channels / 4, 2, (name) => this.base.depthToSpace2(name));
    // Row offset r of input phase p is output phase 2p + r; the two column offsets come side by side as halves of the
    // channels and are interleaved by one transposition of a 2-row matrix, which is fast, unlike DepthToSpace.
    const { input } = x;
    const channels = x.channels / 4;
    const half = (r: number) =>
      Array.from({ length: 2 * channels }, (_, i) => 4 * (i % channels) + 2 * r + Math.floor(i / channels));
    const weights = [0, 1].map((r) => this.picked(x, `row${r}`, half(r)));
    const parts = input.phases.flatMap((phase) => weights.map((w) => this.rows.conv(phase, w, { kernel: [1, 1] })));
    const side = this.rows.one('Concat', parts, { axis: 3 });
    const pairs = this.rows.reshape(side, [0, 2, 2 * channels * input.height * input.width]);
    const mixed = this.rows.one('Transpose', [pairs], { perm: [0, 2, 1] });
    const height = 2 * input.height;
    const width = 2 * input.width;
    return { channels, height, width, phases: [this.rows.reshape(mixed, [0, channels, height, width])] };
  }

  add(a: Handle, b: Handle): Handle {
    const [x, y] = [this.feature(a), this.feature(b)];
    const count = Math.max(x.phases.length, y.phases.length);
    const [p, q] = [this.rows.spread(x, count).phases, this.rows.spread(y, count).phases];
    return { ...x, phases: p.map((name, i) => this.rows.add(name, q[i])) };
  }

  relu(x: Handle): Handle {
    const input = this.feature(x);
    return { ...input, phases: input.phases.map((p) => this.base.relu(p)) };
  }

  silu(x: Handle): Handle {
    const input = this.feature(x);
    return { ...input, phases: input.phases.map((p) => this.base.silu(p)) };
  }

  /** An operation of the plain builder on the whole image. */
  private plain(x: Handle, channels: number, scale: number, op: (name: string) => string): Feature {
    const { phases, height, width } = this.whole(x);
    return { channels, height: height * scale, width: width * scale, phases: [op(phases[0])] };
  }

  groupNorm(x: Handle, s: GroupNormSpec): Handle {
    return this.plain(x, s.channels, 1, (name) => this.base.groupNorm(name, s));
  }

  concatChannels(a: Handle, b: Handle): Handle {
    const second = this.whole(b);
    return this.plain(a, a.channels + b.channels, 1, (name) => this.base.concatChannels(name, second.phases[0]));
  }

  avgPool2(x: Handle): Handle {
    return this.plain(x, x.channels, 0.5, (name) => this.base.avgPool2(name));
  }

  upsampleNearest2(x: Handle): Handle {
    return this.plain(x, x.channels, 2, (name) => this.base.upsampleNearest2(name));
  }

  attention(qkv: Handle, s: AttentionSpec): Handle {
    return this.plain(qkv, s.channels, 1, (name) => this.base.attention(name, s));
  }

  embedding(t: Handle, s: EmbeddingSpec): Handle {
    return this.plain(t, 2 * s.frequencies.length, 1, (name) => {
      const vector = this.base.embedding(name, s);
      return this.rows.one('Unsqueeze', [vector, this.base.constant('int64', [2], [2, 3])]);
    });
  }
}
