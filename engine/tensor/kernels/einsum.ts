/**
 * Einsum on the WebAssembly backend, for one or two operands: C[out] = Σ_summed A[a] B[b].
 * Labels that only one operand has and the output lacks are summed first; what is left is a batch of matrix products,
 * A as [batch, free A, summed], B as [batch, summed, free B], whose axes are then put in the order asked for.
 */
import * as tf from '@tensorflow/tfjs-core';
import { check, EngineError } from '../../errors.ts';
import type { KernelCall } from '../wasm-heap.ts';
import type { Kernel } from './register.ts';

interface Operand {
  readonly tensor: tf.Tensor;
  readonly labels: readonly string[];
}

export const einsum: Kernel = {
  name: 'Einsum',
  run: (call: KernelCall) => {
    const tensors = Object.values(call.inputs) as tf.Tensor[];
    const { operandLabels, outputLabels, sizes } = parse(String(call.attrs.equation), tensors);
    return tf.tidy(() => {
      const operands = tensors.map((tensor, i): Operand => {
        const others = operandLabels.filter((_, k) => k !== i).flat();
        const keep = [...outputLabels, ...others];
        return sumOut({ tensor, labels: operandLabels[i] }, (label) => keep.includes(label));
      });
      const product = operands.length === 1 ? operands[0] : contract(operands[0], operands[1], outputLabels, sizes);
      const result = arrange(product, outputLabels);
      return tensors.includes(result) ? tf.clone(result) : result;
    });
  },
};

function parse(equation: string, tensors: readonly tf.Tensor[]) {
  const match = /^([a-zA-Z]*)(?:,([a-zA-Z]*))?->([a-zA-Z]*)$/.exec(equation.replaceAll(' ', ''));
  if (match === null || (match[2] === undefined ? 1 : 2) !== tensors.length)
    throw new EngineError('unsupported', `einsum "${equation}" of ${tensors.length} operands`, {
      hint: 'write one or two operands and the output, such as "ij,jk->ik"',
    });
  const operandLabels = [match[1], match[2]].filter((text) => text !== undefined).map((text) => [...text]);
  const outputLabels = [...match[3]];
  const sizes = new Map<string, number>();
  operandLabels.forEach((labels, i) => {
    const { shape } = tensors[i];
    check(
      labels.length === shape.length && new Set(labels).size === labels.length,
      () => `einsum "${equation}": operand ${i + 1} is [${shape}], its labels are "${labels.join('')}"`,
      { code: 'mismatch', hint: 'give each axis one label of its own' },
    );
    labels.forEach((label, axis) => {
      const known = sizes.get(label) ?? shape[axis];
      check(known === shape[axis], () => `einsum "${equation}": ${label} is ${known} and ${shape[axis]}`, {
        code: 'mismatch',
      });
      sizes.set(label, known);
    });
  });
  check(
    outputLabels.every((label) => sizes.has(label)) && new Set(outputLabels).size === outputLabels.length,
    () => `einsum "${equation}": the output names an axis no operand has, or one twice`,
  );
  return { operandLabels, outputLabels, sizes };
}

function sumOut({ tensor, labels }: Operand, keep: (label: string) => boolean): Operand {
  const axes = labels.flatMap((label, axis) => (keep(label) ? [] : [axis]));
  return axes.length === 0 ? { tensor, labels } : { tensor: tf.sum(tensor, axes), labels: labels.filter(keep) };
}

function contract(a: Operand, b: Operand, out: readonly string[], sizes: ReadonlyMap<string, number>): Operand {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => out.includes(label));
  const summed = shared.filter((label) => !out.includes(label));
  const freeA = a.labels.filter((label) => !shared.includes(label));
  const freeB = b.labels.filter((label) => !shared.includes(label));
  const size = (labels: readonly string[]) => labels.reduce((product, label) => product * (sizes.get(label) ?? 1), 1);
  const left = tf.reshape(arrange(a, [...batch, ...freeA, ...summed]), [size(batch), size(freeA), size(summed)]);
  const right = tf.reshape(arrange(b, [...batch, ...summed, ...freeB]), [size(batch), size(summed), size(freeB)]);
  const labels = [...batch, ...freeA, ...freeB];
  const tensor = tf.reshape(
    tf.matMul(left, right),
    labels.map((label) => sizes.get(label) ?? 1),
  );
  return { tensor, labels };
}

function arrange({ tensor, labels }: Operand, order: readonly string[]): tf.Tensor {
  const permutation = order.map((label) => labels.indexOf(label));
  return permutation.every((axis, i) => axis === i) ? tensor : tf.transpose(tensor, permutation);
}
