/** The training loss of a batch, its gradient, and the gradient's norm. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../../tensor/backend.ts';
import type { TensorNetwork } from '../tensor-network/tensor-network.ts';
import type { TrainingProblem } from './training-problem.ts';

export interface LossGradient {
  loss: number;
  /** Over all parameters. */
  gradNorm: number;
  /** By parameter name; the caller disposes them. */
  gradients: ReadonlyMap<string, Tensor>;
}

/**
 * loss = mean over images, channels and pixels of w_b (F − F*)², weights w [B]. Of networks that also learn the variance,
 * the first half of the output channels is F; the other half has no part in the loss.
 */
export async function lossGradient(
  { tf }: Tensors,
  net: TensorNetwork,
  problem: TrainingProblem,
  weights: Float64Array,
): Promise<LossGradient> {
  const { side, input, target, time } = problem;
  const batch = weights.length;
  const channels = net.network.inputs;
  const shape = [batch, side, side, channels];
  const names = [...net.parameters.keys()];
  const variables = [...net.parameters.values()];
  const { list, figures } = tf.tidy(() => {
    const x = tf.tensor(input, shape);
    const wanted = tf.tensor(target, shape);
    const t = tf.tensor1d(time);
    const factors = tf.tensor(
      Float32Array.from(weights, (w) => w / target.length),
      [batch, 1, 1, 1],
    );
    const { value, grads } = tf.variableGrads(() => {
      const output = net.apply(x, t);
      const answer = net.network.outputs === channels ? output : tf.slice(output, [0, 0, 0, 0], shape);
      const errors = tf.mul(tf.square(tf.sub(answer, wanted)), factors);
      // Summed row by row first: one long float32 sum would lose digits.
      return tf.sum<Scalar>(tf.sum(tf.reshape(errors, [batch * side, side * channels]), 1));
    }, variables);
    const each = variables.map((v) => grads[v.name] ?? tf.zeros(v.shape));
    return {
      list: each,
      figures: tf.stack([value, ...each.map((g) => tf.sum(tf.square(g)))]),
    };
  });
  const [loss, ...squares] = await figures.data<'float32'>();
  figures.dispose();
  return {
    loss,
    gradNorm: Math.sqrt(squares.reduce((sum, s) => sum + s, 0)),
    gradients: new Map(names.map((name, i) => [name, list[i]])),
  };
}
