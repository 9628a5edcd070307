/**
 * Complex tensors on the WebAssembly backend. A complex64 tensor is one block of interleaved (re, im) float32, so its
 * memory is released with it and it has no parts of its own. Operations that only move or add numbers run the shipped
 * float32 kernel on the same block seen with a last axis of 2. A complex tensor stays on its backend: TensorFlow.js
 * cannot move one (read it with data() and build it anew).
 */
import * as tf from '@tensorflow/tfjs-core';
import { check } from '../../errors.ts';
import { floatsOf, type KernelCall, output, type WasmBackend } from '../wasm-heap.ts';
import { tile, transpose } from './rearrange.ts';
import { type Kernel, shippedKernel } from './register.ts';

type Attributes = KernelCall['attrs'];
type TensorInfo = tf.TensorInfo;

function parts(call: KernelCall, name: string): { out: TensorInfo; from: Float32Array; to: Float32Array } {
  const { input } = call.inputs;
  check(input.dtype === 'complex64', () => `${name} takes a complex64 tensor, not ${input.dtype}`);
  const out = output(call.backend, input.shape);
  return { out, from: floatsOf(call.backend, input), to: floatsOf(call.backend, out) };
}

const complex: Kernel = {
  name: 'Complex',
  run: ({ inputs: { real, imag }, backend }) => {
    check(real.shape.join() === imag.shape.join(), () => `real part [${real.shape}], imaginary part [${imag.shape}]`, {
      code: 'mismatch',
    });
    const out = output(backend, real.shape, 'complex64');
    const re = floatsOf(backend, real);
    const im = floatsOf(backend, imag);
    const to = floatsOf(backend, out);
    for (let i = 0; i < re.length; i++) {
      to[2 * i] = re[i];
      to[2 * i + 1] = im[i];
    }
    return out;
  },
};

const real: Kernel = {
  name: 'Real',
  run: (call) => {
    const { out, from, to } = parts(call, 'Real');
    for (let i = 0; i < to.length; i++) to[i] = from[2 * i];
    return out;
  },
};

const imag: Kernel = {
  name: 'Imag',
  run: (call) => {
    const { out, from, to } = parts(call, 'Imag');
    for (let i = 0; i < to.length; i++) to[i] = from[2 * i + 1];
    return out;
  },
};

const complexAbs: Kernel = {
  name: 'ComplexAbs',
  run: (call) => {
    const { x } = call.inputs;
    const { out, from, to } = parts({ ...call, inputs: { input: x } }, 'ComplexAbs');
    // float64 squares neither overflow nor vanish for any float32 input.
    for (let i = 0; i < to.length; i++) to[i] = Math.sqrt(from[2 * i] ** 2 + from[2 * i + 1] ** 2);
    return out;
  },
};

const shippedCast = shippedKernel('Cast');
const shippedMultiply = shippedKernel('Multiply');

const cast: Kernel = {
  name: 'Cast',
  run: (call) => {
    const { x } = call.inputs;
    const { backend } = call;
    const to = call.attrs.dtype;
    if (x.dtype === 'complex64' && to !== 'complex64') {
      const re = real.run({ ...call, inputs: { input: x } });
      if (to === 'float32') return re;
      try {
        return shippedCast({ ...call, inputs: { x: re } });
      } finally {
        backend.disposeData(re.dataId);
      }
    }
    if (to !== 'complex64') return shippedCast(call);
    const out = output(backend, x.shape, 'complex64');
    if (x.dtype === 'complex64') {
      floatsOf(backend, out).set(floatsOf(backend, x));
      return out;
    }
    const re = shippedCast({ ...call, attrs: { ...call.attrs, dtype: 'float32' } });
    const values = floatsOf(backend, re);
    const numbers = floatsOf(backend, out).fill(0);
    for (let i = 0; i < values.length; i++) numbers[2 * i] = values[i];
    backend.disposeData(re.dataId);
    return out;
  },
};

/** (a + ib)(c + id) = (ac − bd) + i(ad + bc), shapes broadcast. */
const multiply: Kernel = {
  name: 'Multiply',
  run: (call) => {
    const { a, b } = call.inputs;
    if (a.dtype !== 'complex64' || b.dtype !== 'complex64') return shippedMultiply(call);
    const { backend } = call;
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const out = output(backend, shape, 'complex64');
    const left = floatsOf(backend, a);
    const right = floatsOf(backend, b);
    const to = floatsOf(backend, out);
    const strides = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)];
    const position = new Array<number>(shape.length).fill(0);
    let l = 0;
    let r = 0;
    for (let i = 0; i < to.length / 2; i++) {
      const [p, q, s, t] = [left[2 * l], left[2 * l + 1], right[2 * r], right[2 * r + 1]];
      to[2 * i] = p * s - q * t;
      to[2 * i + 1] = p * t + q * s;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        l += strides[0][axis];
        r += strides[1][axis];
        if (++position[axis] < shape[axis]) break;
        position[axis] = 0;
        l -= strides[0][axis] * shape[axis];
        r -= strides[1][axis] * shape[axis];
      }
    }
    return out;
  },
};

/** Elements to step per axis of `full`; 0 where `shape` is repeated. */
function broadcastStrides(shape: readonly number[], full: readonly number[]): number[] {
  const strides = full.map(() => 0);
  let stride = 1;
  for (let axis = full.length - 1; axis >= full.length - shape.length; axis--) {
    const n = shape[axis - full.length + shape.length];
    if (n > 1) strides[axis] = stride;
    stride *= n;
  }
  return strides;
}

const list = (value: unknown): number[] => (Array.isArray(value) ? value : []);
const unchanged = (attrs: Attributes): Attributes => attrs;
/** Counts a negative axis from the end of the complex tensor, not of the pair view. */
const axisOf = (value: unknown, rank: number): number => (Number(value) < 0 ? Number(value) + rank : Number(value));

/** Attributes of the float32 kernel on the pair view, from those of the complex operation on a tensor of this rank. */
const onPairs: Readonly<Record<string, (attrs: Attributes, rank: number) => Attributes>> = {
  Add: unchanged,
  Sub: unchanged,
  Neg: unchanged,
  Identity: unchanged,
  ZerosLike: unchanged,
  Concat: (a, rank) => ({ ...a, axis: axisOf(a.axis, rank) }),
  Slice: (a) => ({ ...a, begin: [...list(a.begin), 0], size: [...list(a.size), 2] }),
  Transpose: (a, rank) => ({ ...a, perm: [...list(a.perm), rank] }),
  Reverse: (a, rank) => ({ ...a, dims: (Array.isArray(a.dims) ? a.dims : [a.dims]).map((d) => axisOf(d, rank)) }),
  PadV2: (a) => ({ ...a, paddings: [...((a.paddings as number[][]) ?? []), [0, 0]] }),
  Tile: (a) => ({ ...a, reps: [...list(a.reps), 1] }),
  GatherV2: (a, rank) => ({ ...a, axis: axisOf(a.axis, rank) }),
};

/** The float32 kernel under an operation: ours where this folder has one. */
function floatKernel(name: string): Kernel['run'] {
  return [tile, transpose].find((kernel) => kernel.name === name)?.run ?? shippedKernel(name);
}

function pairKernel(name: string): Kernel {
  const shipped = floatKernel(name);
  return {
    name,
    run: (call) => {
      const complexOnes = Object.values(call.inputs).filter((t) => t.dtype === 'complex64');
      if (complexOnes.length === 0) return shipped(call);
      // Indices, the only other kind of input here, stay what they are.
      const view = (t: TensorInfo): TensorInfo =>
        t.dtype === 'complex64' ? { dataId: t.dataId, shape: [...t.shape, 2], dtype: 'float32' } : t;
      const inputs = Object.fromEntries(Object.entries(call.inputs).map(([key, t]) => [key, view(t)]));
      // Concat's inputs are a list: object spread keeps its indices, the kernel wants the array.
      const given = Array.isArray(call.inputs) ? (Object.values(inputs) as unknown as typeof inputs) : inputs;
      const made = shipped({ ...call, inputs: given, attrs: onPairs[name](call.attrs, complexOnes[0].shape.length) });
      return { dataId: made.dataId, shape: made.shape.slice(0, -1), dtype: 'complex64' };
    },
  };
}

export const complexKernels: readonly Kernel[] = [
  complex,
  real,
  imag,
  complexAbs,
  cast,
  multiply,
  ...Object.keys(onPairs).map(pairKernel),
];

interface HeapReader {
  readSync(id: object, start?: number, end?: number): Float32Array | Int32Array | Uint8Array;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/** Lets the backend hand out complex tensors' numbers, which it refuses for an unknown type. */
export function readComplex(backend: WasmBackend): void {
  const reader = backend as WasmBackend & HeapReader;
  const { readSync, typedArrayFromHeap } = reader;
  Object.assign(backend, {
    readSync: (id: object, start?: number, end?: number) => {
      const { dtype, shape } = backend.dataIdMap.get(id);
      if (dtype !== 'complex64') return readSync.call(backend, id, start, end);
      return Float32Array.from(floatsOf(backend, { dataId: id, shape, dtype })).subarray(
        2 * (start ?? 0),
        end === undefined ? undefined : 2 * end,
      );
    },
    typedArrayFromHeap: (tensor: TensorInfo) =>
      tensor.dtype === 'complex64' ? floatsOf(backend, tensor) : typedArrayFromHeap.call(backend, tensor),
  });
}
