/** Writes small ONNX models for tests, field by field. */
import { Message } from '../../engine/prior/onnx/protobuf.ts';

export const elementTypes = { float32: 1, int64: 7, float16: 10, float64: 11 } as const;

export interface OnnxEnd {
  name: string;
  type?: keyof typeof elementTypes;
  dims: readonly (string | number)[];
}

export interface OnnxNode {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  ints?: Readonly<Record<string, number>>;
}

export interface OnnxWeights {
  name: string;
  dims: readonly number[];
  /** Values, or the place of them in a file beside the model. */
  values?: Float32Array | BigInt64Array;
  external?: { location: string; offset?: number | string; length?: number | string };
}

export interface OnnxModel {
  inputs: readonly OnnxEnd[];
  outputs: readonly OnnxEnd[];
  nodes: readonly OnnxNode[];
  weights?: readonly OnnxWeights[];
  metadata?: Readonly<Record<string, string>>;
}

function end({ name, type = 'float32', dims }: OnnxEnd): Message {
  const shape = new Message();
  for (const d of dims) shape.message(1, typeof d === 'string' ? new Message().string(2, d) : new Message().int(1, d));
  const tensor = new Message().int(1, elementTypes[type]).message(2, shape);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

function bytesOf(message: Message): Uint8Array {
  const out = new Uint8Array(message.length);
  let at = 0;
  for (const chunk of message.chunks) {
    if (!(chunk instanceof Uint8Array)) throw new Error('test models hold their bytes');
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

export function onnxFile({ inputs, outputs, nodes, weights = [], metadata = {} }: OnnxModel): Uint8Array {
  const graph = new Message();
  for (const { op, inputs: from, outputs: to, ints = {} } of nodes) {
    const node = new Message();
    for (const name of from) node.string(1, name);
    for (const name of to) node.string(2, name);
    node.string(4, op);
    for (const [name, value] of Object.entries(ints))
      node.message(5, new Message().string(1, name).int(3, value).int(20, 2));
    graph.message(1, node);
  }
  graph.string(2, 'test');
  for (const { name, dims, values, external } of weights) {
    const integer = values instanceof BigInt64Array;
    const tensor = new Message()
      .ints(1, dims)
      .int(2, elementTypes[integer ? 'int64' : 'float32'])
      .string(8, name);
    if (values !== undefined) tensor.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    if (external !== undefined) {
      for (const [key, value] of Object.entries(external))
        tensor.message(13, new Message().string(1, key).string(2, String(value)));
      tensor.int(14, 1);
    }
    graph.message(5, tensor);
  }
  for (const e of inputs) graph.message(11, end(e));
  for (const e of outputs) graph.message(12, end(e));
  const model = new Message().int(1, 8).string(2, 'test').message(7, graph);
  model.message(8, new Message().string(1, '').int(2, 17));
  for (const [key, value] of Object.entries(metadata)) model.message(14, new Message().string(1, key).string(2, value));
  return bytesOf(model);
}

const image = ['batch', 2, 'height', 'width'] as const;

/** ε̂ = x + t, the smallest network of an image and a time; `change` replaces parts. */
export function addTime(change: Partial<OnnxModel> & { time?: 'float32' | 'int64' } = {}): OnnxModel {
  const { time = 'float32', ...rest } = change;
  return {
    inputs: [
      { name: 'sample', dims: image },
      { name: 'timestep', type: time, dims: ['batch'] },
    ],
    outputs: [{ name: 'noise', dims: image }],
    nodes: [
      { op: 'Cast', inputs: ['timestep'], outputs: ['tf'], ints: { to: elementTypes.float32 } },
      { op: 'Unsqueeze', inputs: ['tf', 'axes'], outputs: ['column'] },
      { op: 'Add', inputs: ['sample', 'column'], outputs: ['noise'] },
    ],
    weights: [{ name: 'axes', dims: [3], values: BigInt64Array.of(1n, 2n, 3n) }],
    ...rest,
  };
}
