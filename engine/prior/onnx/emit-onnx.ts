/** Network description + weights → ONNX file content, as chunks to be written in order. */
import { check } from '../../errors.ts';
import { type NetworkDescription, parameterShapes } from '../graph.ts';
import { checkWeights, type WeightSource } from '../weights.ts';
import { buildEps, type EpsTables } from './eps-graph.ts';
import { elementTypes, OnnxBuilder } from './onnx-builder.ts';
import { type Encoded, type LazyBytes, Message } from './protobuf.ts';

export interface OnnxOptions {
  /** float16 halves the file; each weight is cast back to float32 inside the graph. */
  weights?: 'float32' | 'float16';
  /**
   * float16 computes in half precision, with weights of it, for devices that are faster so; ends stay float32. Not
   * together with `wrap`.
   */
  compute?: 'float32' | 'float16';
  /** Name of the output, default `eps_v`. */
  output?: string;
  /** Makes the graph take x_t and the time index t and give ε̂, whatever the network's own convention. */
  wrap?: EpsTables;
  /** Texts kept in the file's metadata. */
  metadata?: Readonly<Record<string, string>>;
  /** Keeps the weights out of the model file, in a second one of this name beside it. */
  externalName?: string;
}

export interface OnnxFiles {
  model: Encoded;
  /** Content of the second file, when `externalName` was given. */
  external?: Encoded;
}

const opset = 17;
const irVersion = 8;
/** Protocol Buffers readers refuse messages of 2 GiB and more. */
export const protobufLimit = 2 ** 31 - 1;
/** External tensors start on page boundaries, so that the runtime can map them. */
const page = 4096;

export function valueInfo(name: string, dims: readonly (string | number)[]): Message {
  const shape = new Message();
  for (const d of dims) shape.message(1, typeof d === 'string' ? new Message().string(2, d) : new Message().int(1, d));
  const tensor = new Message().int(1, elementTypes.float).message(2, shape);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

function weightBytes(source: WeightSource, name: string, size: number, half: boolean): LazyBytes {
  return {
    length: size * (half ? 2 : 4),
    read: async () => {
      const data = await source.read(name);
      check(data.length === size, () => `tensor ${name} has ${data.length} numbers, expected ${size}`, {
        path: source.label,
      });
      const stored = half ? Float16Array.from(data) : data;
      return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    },
  };
}

/**
 * ONNX model of a network: inputs `x` float32 [batch, C, height, width], `t` float32 [batch]; output float32
 * [batch, C′, height, width]. Throws `mismatch` when the weights do not fit, `unsupported` when one file would pass
 * 2 GiB.
 */
export function emitOnnx(network: NetworkDescription, source: WeightSource, options: OnnxOptions = {}): OnnxFiles {
  const computesHalf = options.compute === 'float16';
  const half = computesHalf || options.weights === 'float16';
  const widens = half && !computesHalf;
  const output = options.output ?? 'eps_v';
  check(!computesHalf || options.wrap === undefined, () => 'a graph with the time index inside computes in float32', {
    code: 'unsupported',
  });
  const g = new OnnxBuilder(widens ? (name) => `${name}.f32` : undefined, computesHalf ? 'float16' : 'float');
  const image = computesHalf ? g.node('Cast', ['x'], { to: elementTypes.float16 })[0] : 'x';
  const result =
    options.wrap === undefined ? network.build(g, image, 't') : buildEps(network, g, image, 't', options.wrap);
  checkWeights(parameterShapes(network), source);

  const graph = new Message();
  const external =
    options.externalName === undefined ? undefined : { length: 0, chunks: [] as (Uint8Array | LazyBytes)[] };
  for (const { name } of g.parameters.values())
    if (widens) {
      const cast = new Message().string(1, name).string(2, `${name}.f32`).string(3, `cast ${name}`).string(4, 'Cast');
      graph.message(1, cast.message(5, new Message().string(1, 'to').int(3, elementTypes.float).int(20, 2)));
    }
  for (const node of g.nodes) graph.message(1, node);
  const last = new Message().string(1, result).string(2, output).string(3, 'output');
  if (computesHalf)
    last.string(4, 'Cast').message(5, new Message().string(1, 'to').int(3, elementTypes.float).int(20, 2));
  else last.string(4, 'Identity');
  graph.message(1, last);
  graph.string(2, 'tangent');
  for (const constant of g.constants) graph.message(5, constant);
  for (const { name, dims } of g.parameters.values()) {
    const size = dims.reduce((n, d) => n * d, 1);
    const bytes = weightBytes(source, name, size, half);
    const tensor = new Message()
      .ints(1, dims)
      .int(2, half ? elementTypes.float16 : elementTypes.float)
      .string(8, name);
    if (external === undefined) tensor.bytes(9, bytes);
    else {
      const gap = (page - (external.length % page)) % page;
      external.chunks.push(new Uint8Array(gap), bytes);
      const entry = (key: string, value: string) => new Message().string(1, key).string(2, value);
      tensor.message(13, entry('location', options.externalName ?? ''));
      tensor.message(13, entry('offset', String(external.length + gap)));
      tensor.message(13, entry('length', String(bytes.length))).int(14, 1);
      external.length += gap + bytes.length;
    }
    graph.message(5, tensor);
  }
  graph.message(11, valueInfo('x', ['batch', network.inputs, 'height', 'width']));
  graph.message(11, valueInfo('t', ['batch']));
  graph.message(12, valueInfo(output, ['batch', network.outputs, 'height', 'width']));

  const model = new Message().int(1, irVersion).string(2, 'tangent').message(7, graph);
  model.message(8, new Message().string(1, '').int(2, opset));
  for (const [key, value] of Object.entries(options.metadata ?? {}))
    model.message(14, new Message().string(1, key).string(2, value));
  check(
    model.length <= protobufLimit,
    () => `the ONNX file would take ${model.length} bytes, more than the format's 2 GiB`,
    {
      code: 'unsupported',
      path: source.label,
      hint: 'choose float16 weights or external data',
    },
  );
  return external === undefined ? { model } : { model, external };
}

/** All bytes at once, for a session made from memory. */
export async function collect(encoded: Encoded): Promise<Uint8Array> {
  const out = new Uint8Array(encoded.length);
  let offset = 0;
  for (const chunk of encoded.chunks) {
    const bytes = chunk instanceof Uint8Array ? chunk : await chunk.read();
    out.set(bytes, offset);
    offset += bytes.length;
  }
  return out;
}
