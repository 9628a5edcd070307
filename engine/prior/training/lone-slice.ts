/**
 * The network of one slice inside a prior of slabs: its first convolution sums over the three slices of the slab, its last
 * keeps the middle one. It gives exactly what the slab network gives for a slice that stands in for its neighbours, and is
 * what a training on single images starts from.
 */
import { EngineError } from '../../errors.ts';
import type { Manifest } from '../manifest.ts';
import { slabWidth } from '../slab-prior.ts';
import type { TensorInfo, WeightSource } from '../weights.ts';

const first = 'head.weight';
const last = ['tail.weight', 'tail.bias'];

/** Throws `unsupported` for an architecture whose ends are not known here. */
export function loneSlice(manifest: Manifest, weights: WeightSource): { manifest: Manifest; weights: WeightSource } {
  const { slab: _, architecture, ...rest } = manifest;
  if (architecture.kind !== 'film-resunet')
    throw new EngineError('unsupported', `slabs of a ${architecture.kind} network cannot be trained further`, {
      path: manifest.id,
    });
  const tensors = new Map<string, TensorInfo>(
    [...weights.tensors].map(([name, info]) => [name, { ...info, shape: loneShape(name, info.shape) }]),
  );
  return {
    manifest: { ...rest, channels: 1, architecture: { ...architecture, channels: 1 } },
    weights: {
      ...weights,
      tensors,
      close: () => weights.close(),
      read: async (name) => {
        const values = await weights.read(name);
        if (name === first) return summed(values, weights.tensors.get(name)?.shape ?? []);
        if (last.includes(name)) return values.subarray(values.length / slabWidth, (2 * values.length) / slabWidth);
        return values;
      },
    },
  };
}

/** Shapes [out, in, kernel, kernel] and [out]. */
function loneShape(name: string, shape: readonly number[]): readonly number[] {
  if (name === first) return [shape[0], 1, ...shape.slice(2)];
  return last.includes(name) ? [1, ...shape.slice(1)] : shape;
}

/** Σ over the input channels of [out, 3, kernel, kernel]. */
function summed(values: Float32Array, [outputs, inputs, height, width]: readonly number[]): Float32Array {
  const taps = height * width;
  const out = new Float32Array(outputs * taps);
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < inputs; c++)
      for (let t = 0; t < taps; t++) out[o * taps + t] += values[(o * inputs + c) * taps + t];
  return out;
}
