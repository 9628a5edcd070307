/**
 * Floating-point operations of one network evaluation, counted over its description: 2 per multiply-add of convolutions,
 * linear layers and attention. Pointwise work (activations, normalisation, sums) is left out, as is usual.
 */
import type { GraphBuilder, NetworkDescription } from '../../engine/prior/graph.ts';

interface Shape {
  channels: number;
  height: number;
  width: number;
}

/** For one image [inputs, height, width]; height and width are multiples of `network.multiple`. */
export function networkFlops(network: NetworkDescription, height: number, width: number): number {
  let flops = 0;
  const counter: GraphBuilder<Shape> = {
    conv2d: (x, { inputs, outputs, kernel, stride = 1, padding = 0 }) => {
      const along = (n: number) => Math.floor((n + 2 * padding - kernel) / stride) + 1;
      const out = { channels: outputs, height: along(x.height), width: along(x.width) };
      flops += 2 * kernel * kernel * inputs * outputs * out.height * out.width;
      return out;
    },
    linear: (_, { inputs, outputs }) => {
      flops += 2 * inputs * outputs;
      return { channels: outputs, height: 1, width: 1 };
    },
    groupNorm: (x) => x,
    silu: (x) => x,
    relu: (x) => x,
    add: (a) => a,
    modulate: (x) => x,
    concatChannels: (a, b) => ({ ...a, channels: a.channels + b.channels }),
    avgPool2: (x) => ({ ...x, height: x.height / 2, width: x.width / 2 }),
    upsampleNearest2: (x) => ({ ...x, height: 2 * x.height, width: 2 * x.width }),
    depthToSpace2: (x) => ({ channels: x.channels / 4, height: 2 * x.height, width: 2 * x.width }),
    attention: (qkv, { channels }) => {
      const positions = qkv.height * qkv.width;
      flops += 4 * positions * positions * channels;
      return { ...qkv, channels };
    },
    embedding: (_, { frequencies }) => ({ channels: 2 * frequencies.length, height: 1, width: 1 }),
  };
  const scalar = { channels: 1, height: 1, width: 1 };
  network.build(counter, { channels: network.inputs, height, width }, scalar);
  return flops;
}
