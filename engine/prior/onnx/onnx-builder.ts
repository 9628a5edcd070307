/**
 * Emits a network as an ONNX graph (opset 17): inputs `x` float32 [batch, C, H, W] and `t` float32 [batch], one output.
 * Every weight is a constant and every convolution is followed directly by the Relu or Add that ONNX Runtime fuses
 * into it; modulation is Mul and Add with [B, C, 1, 1].
 */
import {
  type AttentionSpec,
  type ConvSpec,
  convParameters,
  type EmbeddingSpec,
  type GraphBuilder,
  type GroupNormSpec,
  groupNormParameters,
  type LinearSpec,
  linearParameters,
} from '../graph.ts';
import { Message } from './protobuf.ts';

export type Attribute = number | readonly number[] | string | { float: number };

/** A weight the graph refers to, with the shape the graph wants it in (same elements as in the weight file). */
export interface OnnxParameter {
  name: string;
  dims: readonly number[];
}

/** Numbers of ONNX's TensorProto.DataType. */
export const elementTypes = { float: 1, int64: 7, float16: 10 };
const attributeType = { float: 1, int: 2, string: 3, ints: 7 };

export class OnnxBuilder implements GraphBuilder<string> {
  readonly nodes: Message[] = [];
  readonly constants: Message[] = [];
  readonly parameters = new Map<string, OnnxParameter>();
  private readonly constantNames = new Map<string, string>();
  private count = 0;
  private readonly rename: (parameter: string) => string;
  /** Type of feature maps and of the constants they meet. */
  private readonly real: 'float' | 'float16';

  /** `rename` gives the value a parameter is used by, where that is not the weight itself (a Cast of it). */
  constructor(rename: (parameter: string) => string = (name) => name, real: 'float' | 'float16' = 'float') {
    this.rename = rename;
    this.real = real;
  }

  node(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, outputs = 1): string[] {
    const names = Array.from({ length: outputs }, () => `v${this.count++}`);
    const m = new Message();
    for (const input of inputs) m.string(1, input);
    for (const output of names) m.string(2, output);
    m.string(3, names[0]).string(4, op);
    for (const [key, value] of Object.entries(attributes)) {
      const a = new Message().string(1, key);
      if (typeof value === 'number') a.int(3, value).int(20, attributeType.int);
      else if (typeof value === 'string') a.string(4, value).int(20, attributeType.string);
      else if ('float' in value) a.float(2, value.float).int(20, attributeType.float);
      else a.ints(8, value).int(20, attributeType.ints);
      m.message(5, a);
    }
    this.nodes.push(m);
    return names;
  }

  private one(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.node(op, inputs, attributes)[0];
  }

  /** A constant tensor; equal ones are stored once. */
  constant(type: 'float' | 'float16' | 'int64', dims: readonly number[], values: readonly number[]): string {
    const key = `${type}[${dims}]:${values}`;
    const known = this.constantNames.get(key);
    if (known !== undefined) return known;
    const name = `c${this.constantNames.size}`;
    const arrays = { float: Float32Array, float16: Float16Array };
    const raw = type === 'int64' ? BigInt64Array.from(values, BigInt) : arrays[type].from(values);
    const m = new Message().ints(1, dims).int(2, elementTypes[type]).string(8, name);
    m.bytes(9, new Uint8Array(raw.buffer));
    this.constants.push(m);
    this.constantNames.set(key, name);
    return name;
  }

  private parameter(name: string, dims: readonly number[]): string {
    this.parameters.set(name, { name, dims });
    return this.rename(name);
  }

  conv2d(x: string, s: ConvSpec): string {
    const [[weight], [bias, biasDims]] = convParameters(s);
    const w = this.parameter(weight, [s.outputs, s.inputs, s.kernel, s.kernel]);
    const b = this.parameter(bias, biasDims);
    const pad = s.padding ?? 0;
    const stride = s.stride ?? 1;
    return this.one('Conv', [x, w, b], {
      kernel_shape: [s.kernel, s.kernel],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    });
  }

  linear(x: string, s: LinearSpec): string {
    const inputs = linearParameters(s).map(([name, dims]) => this.parameter(name, dims));
    return this.one('Gemm', [x, ...inputs], { transB: 1 });
  }

  groupNorm(x: string, s: GroupNormSpec): string {
    const [[weight], [bias]] = groupNormParameters(s);
    const flat = this.one('Reshape', [x, this.constant('int64', [3], [0, s.groups, -1])]);
    const ones = this.constant(this.real, [s.groups], new Array(s.groups).fill(1));
    const none = this.constant(this.real, [s.groups], new Array(s.groups).fill(0));
    const normal = this.one('InstanceNormalization', [flat, ones, none], { epsilon: { float: s.eps } });
    const back = this.one('Reshape', [normal, this.one('Shape', [x])]);
    const scaled = this.one('Mul', [back, this.parameter(weight, [1, s.channels, 1, 1])]);
    return this.one('Add', [scaled, this.parameter(bias, [1, s.channels, 1, 1])]);
  }

  silu(x: string): string {
    return this.one('Mul', [x, this.one('Sigmoid', [x])]);
  }

  relu(x: string): string {
    return this.one('Relu', [x]);
  }

  add(a: string, b: string): string {
    return this.one('Add', [a, b]);
  }

  modulate(x: string, scaleShift: string, channels: number): string {
    const sizes = this.constant('int64', [2], [channels, channels]);
    const map = this.one('Unsqueeze', [scaleShift, this.constant('int64', [2], [2, 3])]);
    const [scale, shift] = this.node('Split', [map, sizes], { axis: 1 }, 2);
    const factor = this.one('Add', [scale, this.constant(this.real, [1], [1])]);
    return this.one('Add', [this.one('Mul', [x, factor]), shift]);
  }

  concatChannels(a: string, b: string): string {
    return this.one('Concat', [a, b], { axis: 1 });
  }

  avgPool2(x: string): string {
    return this.one('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  }

  upsampleNearest2(x: string): string {
    return this.one('Resize', [x, '', this.constant('float', [4], [1, 1, 2, 2])], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  }

  depthToSpace2(x: string): string {
    return this.one('DepthToSpace', [x], { blocksize: 2, mode: 'CRD' });
  }

  attention(qkv: string, s: AttentionSpec): string {
    const heads = s.channels / s.headWidth;
    const legacy = s.order === 'legacy';
    // Axes after the reshape: legacy [B, head, (q k v), n]; new [B, (q k v)·head, width, n].
    const shape = legacy ? [0, heads, 3 * s.headWidth, -1] : [0, 3 * heads, s.headWidth, -1];
    const part = legacy ? s.headWidth : heads;
    const rows = this.one('Reshape', [qkv, this.constant('int64', [4], shape)]);
    const sizes = this.constant('int64', [3], [part, part, part]);
    const [q, k, v] = this.node('Split', [rows, sizes], { axis: legacy ? 2 : 1 }, 3);
    const root = this.constant(this.real, [1], [s.headWidth ** -0.25]);
    const queries = this.one('Transpose', [this.one('Mul', [q, root])], { perm: [0, 1, 3, 2] });
    const scores = this.one('MatMul', [queries, this.one('Mul', [k, root])]);
    const weights = this.one('Transpose', [this.one('Softmax', [scores], { axis: -1 })], { perm: [0, 1, 3, 2] });
    const mixed = this.one('MatMul', [v, weights]);
    const like = this.node(
      'Split',
      [qkv, this.constant('int64', [3], [s.channels, s.channels, s.channels])],
      { axis: 1 },
      3,
    );
    return this.one('Reshape', [mixed, this.one('Shape', [like[0]])]);
  }

  embedding(t: string, s: EmbeddingSpec): string {
    const column = this.one('Unsqueeze', [t, this.constant('int64', [1], [1])]);
    const angle = this.one('Mul', [column, this.constant('float', [1, s.frequencies.length], s.frequencies)]);
    const waves = this.one('Concat', [this.one('Cos', [angle]), this.one('Sin', [angle])], { axis: 1 });
    // Angles of some hundred radians need float32; their sines do not.
    return this.real === 'float' ? waves : this.one('Cast', [waves], { to: elementTypes[this.real] });
  }
}
