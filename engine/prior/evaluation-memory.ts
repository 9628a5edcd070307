/**
 * Memory of one network evaluation, estimated from the description: the largest feature map of every resolution is taken to
 * be kept for the way up, and four of the largest to be alive at once. ONNX Runtime 1.2x on the CPU was seen to hold 73 MiB per
 * image of 320² for a film-resunet of width 32, this gives 68.
 */
import type { GraphBuilder, NetworkDescription } from './graph.ts';

/** A feature map: channels and how often its height and width are halved. */
interface Extent {
  channels: number;
  halvings: number;
}

const vector: Extent = { channels: 0, halvings: 0 };
const aliveAtOnce = 4;

/** Numbers per pixel of the image, at full resolution. */
export function evaluationNumbers(network: NetworkDescription): number {
  const largest = new Map<number, number>();
  const see = (extent: Extent): Extent => {
    const numbers = extent.channels / 4 ** extent.halvings;
    largest.set(extent.halvings, Math.max(largest.get(extent.halvings) ?? 0, numbers));
    return extent;
  };
  const same = (x: Extent) => x;
  const builder: GraphBuilder<Extent> = {
    conv2d: (x, { outputs, stride }) => see({ channels: outputs, halvings: x.halvings + (stride === 2 ? 1 : 0) }),
    linear: () => vector,
    groupNorm: same,
    silu: same,
    relu: same,
    add: same,
    modulate: same,
    concatChannels: (a, b) => see({ channels: a.channels + b.channels, halvings: a.halvings }),
    avgPool2: (x) => see({ ...x, halvings: x.halvings + 1 }),
    upsampleNearest2: (x) => see({ ...x, halvings: x.halvings - 1 }),
    depthToSpace2: (x) => see({ channels: x.channels / 4, halvings: x.halvings - 1 }),
    attention: (_x, { channels }) => see({ channels, halvings: _x.halvings }),
    embedding: () => vector,
  };
  network.build(builder, { channels: network.inputs, halvings: 0 }, vector);
  const kept = [...largest.values()];
  return kept.reduce((sum, numbers) => sum + numbers, 0) + aliveAtOnce * Math.max(...kept);
}

/** Weights in memory relative to their file: the runtime keeps them packed for its kernels beside the plain ones. */
export const weightCopies = 8;
/** Winograd graphs hold transformed feature maps: so much more than the plain graph, but of one image at a time. */
export const winogradFactor = 6;
