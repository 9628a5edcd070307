/**
 * The gradient of einsum, which TensorFlow.js lacks. For C[out] = Σ A[a] B[b],
 *   dA[a] = Σ dC[out] B[b] over the labels a lacks, repeated along labels that only a has and out lacks.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Registers it for all backends. Calling again does nothing. */
export function registerEinsumGradient(): void {
  if (tf.getGradient('Einsum') !== undefined) return;
  tf.registerGradient({
    kernelName: 'Einsum',
    saveAllInputs: true,
    gradFunc: (dy, operands, attrs) => {
      const [inputs, out] = String(attrs.equation).replaceAll(' ', '').split('->');
      const labels = inputs.split(',');
      const gradient = dy as tf.Tensor;
      return Object.fromEntries(
        operands.map((operand, i) => [i, () => operandGradient(gradient, out, operands, labels, i, operand.shape)]),
      );
    },
  });
}

function operandGradient(
  dy: tf.Tensor,
  out: string,
  operands: readonly tf.Tensor[],
  labels: readonly string[],
  i: number,
  shape: number[],
): tf.Tensor {
  const others = labels.filter((_, k) => k !== i);
  const reached = [...labels[i]].filter((label) => [out, ...others].some((text) => text.includes(label)));
  const equation = `${[out, ...others].join(',')}->${reached.join('')}`;
  const made = tf.einsum(equation, dy, ...operands.filter((_, k) => k !== i));
  if (reached.length === labels[i].length) return made;
  const expanded = tf.reshape(
    made,
    shape.map((n, axis) => (reached.includes(labels[i][axis]) ? n : 1)),
  );
  return tf.mul(expanded, tf.ones(shape));
}
