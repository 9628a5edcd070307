/** An operation with a gradient written by hand. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../../tensor/backend.ts';

/**
 * forward(inputs) whose gradient with respect to each input is gradient(dy, inputs), in their order. First order only:
 * the hand-written gradient is not recorded.
 */
export function withGradient(
  { tf }: Tensors,
  inputs: Tensor[],
  forward: () => Tensor,
  gradient: (dy: Tensor, inputs: Tensor[]) => Tensor[],
): Tensor {
  const run = tf.customGrad((...given) => {
    const save = given[given.length - 1];
    if (typeof save === 'function') save(inputs);
    return { value: forward(), gradFunc: gradient };
  });
  return run(...inputs);
}
