/** A described network with its weights on a TensorFlow.js backend: evaluated, and differentiated for training. */
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { check } from '../../errors.ts';
import type { Tensors } from '../../tensor/backend.ts';
import { type NetworkDescription, parameterShapes } from '../graph.ts';
import { checkWeights, type WeightSource } from '../weights.ts';
import { type ImageShape, toChannelsFirst, toChannelsLast } from './channels-last.ts';
import { libraryShape, toLibrary } from './parameter-layout.ts';
import { type TensorMap, tensorBuilder } from './tensor-builder.ts';

export interface TensorNetwork {
  readonly network: NetworkDescription;
  /** By the weight file's names, in the network's order, in the library's layout. */
  readonly parameters: ReadonlyMap<string, Variable>;
  /**
   * x [B, H, W, inputs] and t [B] → [B, H, W, outputs], differentiable; with other weights of the same layout where
   * given. Call inside tf.tidy.
   */
  apply(x: Tensor, t: Tensor, parameters?: TensorMap): Tensor;
  /** x float32 [B, C, H, W] and t [B] → float32 [B, outputs, H, W]. Throws `mismatch` for sizes that do not fit. */
  predict(x: Float32Array, shape: ImageShape, t: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

/** Reads the weights and makes the network. Throws `mismatch` when they do not fit it. */
export async function tensorNetwork(
  network: NetworkDescription,
  weights: WeightSource,
  tensors: Tensors,
): Promise<TensorNetwork> {
  const { tf } = tensors;
  const shapes = parameterShapes(network);
  checkWeights(shapes, weights);
  const parameters = new Map<string, Variable>();
  const dispose = () => {
    for (const variable of parameters.values()) variable.dispose();
  };
  try {
    for (const [name, shape] of shapes) {
      const start = tf.tensor(toLibrary(await weights.read(name), shape), libraryShape(shape), 'float32');
      parameters.set(name, tf.variable(start));
      start.dispose();
    }
  } catch (error) {
    dispose();
    throw error;
  }

  function apply(x: Tensor, t: Tensor, given: TensorMap = parameters): Tensor {
    return network.build(tensorBuilder(tensors, given), x, t);
  }

  async function predict(x: Float32Array, shape: ImageShape, t: Float32Array): Promise<Float32Array> {
    const [batch, channels, height, width] = shape;
    check(
      channels === network.inputs && x.length === batch * channels * height * width && t.length === batch,
      () =>
        `the network needs [B, ${network.inputs}, H, W] numbers and B times, found ${x.length} for [${shape}] and ${t.length}`,
      { code: 'mismatch' },
    );
    check(
      height % network.multiple === 0 && width % network.multiple === 0,
      () => `height and width must be multiples of ${network.multiple}, found ${height}×${width}`,
      { code: 'mismatch' },
    );
    const result = tf.tidy(() => {
      const image = tf.tensor4d(toChannelsLast(x, shape), [batch, height, width, channels]);
      return apply(image, tf.tensor1d(t));
    });
    const data = await result.data<'float32'>();
    result.dispose();
    return toChannelsFirst(data, [batch, network.outputs, height, width]);
  }

  return { network, parameters, apply, predict, dispose };
}
