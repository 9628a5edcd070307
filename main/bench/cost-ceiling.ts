/** What the network's runtime reaches on convolutions alone: a chain of equal 3×3 convolutions on one large image. */
import { createRandom } from '../../engine/arrays/random.ts';
import { type NetworkDescription, parameterShapes } from '../../engine/prior/graph.ts';
import { collect, emitOnnx } from '../../engine/prior/onnx/emit-onnx.ts';
import { openSession } from '../../engine/prior/session.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import { startClock, type Time } from './cost-clock.ts';
import { networkFlops } from './cost-flops.ts';

export interface CeilingOptions {
  /** Large enough that nothing but the convolutions counts. */
  channels: number;
  size: number;
  layers: number;
  threads: number;
}

export interface Ceiling {
  flops: number;
  /** One evaluation. */
  measure(): Promise<Time>;
  dispose(): Promise<void>;
}

export async function openCeiling({ channels, size, layers, threads }: CeilingOptions): Promise<Ceiling> {
  const network: NetworkDescription = {
    inputs: channels,
    outputs: channels,
    multiple: 1,
    build: (g, x) => {
      let h = x;
      for (let i = 0; i < layers; i++)
        h = g.conv2d(h, { name: `layer${i}`, inputs: channels, outputs: channels, kernel: 3, padding: 1 });
      return h;
    },
  };
  const random = createRandom(0);
  // Weights of variance 1/(9·channels) keep the values of order 1 through the chain.
  const spread = Math.sqrt(3 / (9 * channels));
  const weights = new Map(
    [...parameterShapes(network)].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
      for (let i = 0; i < data.length; i++) data[i] = spread * (2 * random.uniform() - 1);
      return [name, { shape, data }] as const;
    }),
  );
  const model = await collect(emitOnnx(network, memoryWeights(weights), { output: 'y' }).model);
  const session = await openSession(
    model,
    { image: 'x', time: 't', output: 'y', timeType: 'float32' },
    { device: 'cpu', threads },
    'the convolution ceiling',
  );
  const image = new Float32Array(channels * size * size);
  for (let i = 0; i < image.length; i++) image[i] = 2 * random.uniform() - 1;
  const evaluate = () => session.run(image, [1, channels, size, size], new Float32Array(1));
  await evaluate();
  return {
    flops: networkFlops(network, size, size),
    measure: async () => {
      const clock = startClock();
      await evaluate();
      return clock();
    },
    dispose: () => session.release(),
  };
}
