/**
 * What a network may be made of. An architecture is a function over this interface; each target (ONNX, the parameter
 * list, TensorFlow.js) implements it with its own tensor handle T. Feature maps are [B, C, H, W] in meaning; a target
 * may store them otherwise, so no operation here mentions a memory layout. Vectors are [B, C].
 * Parameters follow PyTorch's names and shapes: conv [out, in, kh, kw], linear [out, in].
 */

export interface ConvSpec {
  name: string;
  inputs: number;
  outputs: number;
  kernel: 1 | 2 | 3;
  /** Default 1. */
  stride?: 1 | 2;
  /** Zeros on every side; default 0. */
  padding?: 0 | 1;
  /** A 1×1 convolution kept as a one-dimensional kernel [out, in, 1] in the weight file. */
  flat?: boolean;
}

export interface LinearSpec {
  name: string;
  inputs: number;
  outputs: number;
}

export interface GroupNormSpec {
  name: string;
  channels: number;
  groups: number;
  eps: number;
}

export interface AttentionSpec {
  channels: number;
  headWidth: number;
  /** `legacy`: q, k, v are consecutive blocks inside each head; `new`: all q, then all k, then all v. */
  order: 'legacy' | 'new';
}

export interface EmbeddingSpec {
  /** Angular frequencies f_i; the embedding is [cos(t f_0) …, sin(t f_0) …], cosines first. */
  frequencies: readonly number[];
}

export interface GraphBuilder<T> {
  conv2d(x: T, spec: ConvSpec): T;
  linear(x: T, spec: LinearSpec): T;
  groupNorm(x: T, spec: GroupNormSpec): T;
  silu(x: T): T;
  relu(x: T): T;
  add(a: T, b: T): T;
  /** x·(1+scale) + shift, scale and shift being the two halves of a vector [B, 2C] (feature-wise linear modulation). */
  modulate(x: T, scaleShift: T, channels: number): T;
  concatChannels(a: T, b: T): T;
  avgPool2(x: T): T;
  upsampleNearest2(x: T): T;
  /** [B, 4C, H, W] → [B, C, 2H, 2W]; channel 4c + 2i + j goes to row offset i, column offset j of channel c. */
  depthToSpace2(x: T): T;
  /** softmax((q d^−¼)ᵀ(k d^−¼)) v per head over all positions; qkv has 3·channels. */
  attention(qkv: T, spec: AttentionSpec): T;
  /** Vector [B, 2·frequencies] of a per-row scalar [B]. */
  embedding(t: T, spec: EmbeddingSpec): T;
}

/** A network: image x [B, inputs, H, W] and one scalar per row to an image [B, outputs, H, W]. */
export interface NetworkDescription {
  inputs: number;
  outputs: number;
  /** Height and width must be multiples of this. */
  multiple: number;
  build<T>(g: GraphBuilder<T>, x: T, t: T): T;
}

export type ParameterShapes = Map<string, readonly number[]>;

export function convParameters(s: ConvSpec): [string, readonly number[]][] {
  const kernel = s.flat ? [1] : [s.kernel, s.kernel];
  return [
    [`${s.name}.weight`, [s.outputs, s.inputs, ...kernel]],
    [`${s.name}.bias`, [s.outputs]],
  ];
}

export function linearParameters(s: LinearSpec): [string, readonly number[]][] {
  return [
    [`${s.name}.weight`, [s.outputs, s.inputs]],
    [`${s.name}.bias`, [s.outputs]],
  ];
}

export function groupNormParameters(s: GroupNormSpec): [string, readonly number[]][] {
  return [
    [`${s.name}.weight`, [s.channels]],
    [`${s.name}.bias`, [s.channels]],
  ];
}

/** Names and shapes of every parameter, in the order the network uses them. */
export function parameterShapes(network: NetworkDescription): ParameterShapes {
  const shapes: ParameterShapes = new Map();
  const record = (entries: [string, readonly number[]][]) => {
    for (const [name, shape] of entries) shapes.set(name, shape);
    return null;
  };
  const none = () => null;
  const recorder: GraphBuilder<null> = {
    conv2d: (_, s) => record(convParameters(s)),
    linear: (_, s) => record(linearParameters(s)),
    groupNorm: (_, s) => record(groupNormParameters(s)),
    silu: none,
    relu: none,
    add: none,
    modulate: none,
    concatChannels: none,
    avgPool2: none,
    upsampleNearest2: none,
    depthToSpace2: none,
    attention: none,
    embedding: none,
  };
  network.build(recorder, null, null);
  return shapes;
}

export function parameterCount(shapes: ParameterShapes): number {
  let total = 0;
  for (const shape of shapes.values()) total += shape.reduce((n, s) => n * s, 1);
  return total;
}
