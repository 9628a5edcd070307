/**
 * The network on TensorFlow.js tensors. Feature maps are [B, H, W, C] inside; weights are given in the library's layout
 * under the weight file's names (parameter-layout.ts). Gradients are the library's own: hand-written ones (convolution with
 * the turned filter, products of shifted images, pooling for up-sampling) gave the same numbers and no more speed.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { check } from '../../errors.ts';
import type { Tensors } from '../../tensor/backend.ts';
import type { AttentionSpec, ConvSpec, EmbeddingSpec, GraphBuilder, GroupNormSpec, LinearSpec } from '../graph.ts';

export type TensorMap = ReadonlyMap<string, Tensor>;

const images = (x: Tensor): [number, number, number, number] => {
  const [b, h, w, c] = x.shape;
  return [b, h, w, c];
};

export function tensorBuilder(tensors: Tensors, parameters: TensorMap): GraphBuilder<Tensor> {
  const { tf } = tensors;

  const parameter = (name: string): Tensor => {
    const found = parameters.get(name);
    check(found !== undefined, () => `there is no tensor ${name}`, { code: 'not-found', path: name });
    return found;
  };

  return {
    conv2d(x, s: ConvSpec) {
      const weight = parameter(`${s.name}.weight`);
      return tf.fused.conv2d({
        x: x as Tensor4D,
        filter: tf.reshape(weight, [s.kernel, s.kernel, s.inputs, s.outputs]),
        bias: parameter(`${s.name}.bias`),
        strides: s.stride ?? 1,
        pad: s.padding ?? 0,
        dimRoundingMode: 'floor',
      });
    },

    linear: (x, s: LinearSpec) => tf.add(tf.matMul(x, parameter(`${s.name}.weight`)), parameter(`${s.name}.bias`)),

    groupNorm(x, s: GroupNormSpec) {
      const [b, h, w, c] = images(x);
      const grouped = tf.reshape(x, [b, h * w, s.groups, c / s.groups]);
      const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
      const variance = tf.mean(tf.square(centred), [1, 3], true);
      const normal = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, s.eps))), [b, h, w, c]);
      return tf.add(tf.mul(normal, parameter(`${s.name}.weight`)), parameter(`${s.name}.bias`));
    },

    silu: (x) => tf.mul(x, tf.sigmoid(x)),
    relu: (x) => tf.relu(x),
    add: (a, b) => tf.add(a, b),

    modulate(x, scaleShift, channels) {
      const map = tf.reshape(scaleShift, [-1, 1, 1, 2 * channels]);
      const [scale, shift] = tf.split(map, 2, 3);
      return tf.add(tf.mul(x, tf.add(scale, 1)), shift);
    },

    concatChannels: (a, b) => tf.concat([a, b], 3),

    avgPool2: (x) => tf.avgPool(x as Tensor4D, 2, 2, 0),

    upsampleNearest2(x) {
      // By repetition: the cpu backend's gradient of resizeNearestNeighbor is wrong for batches of more than one image.
      const [b, h, w, c] = images(x);
      const wide = tf.tile(tf.reshape(x, [b * h * w, 1, c]), [1, 2, 1]);
      return tf.reshape(tf.tile(tf.reshape(wide, [b * h, 1, 2 * w * c]), [1, 2, 1]), [b, 2 * h, 2 * w, c]);
    },

    depthToSpace2(x) {
      const [b, h, w, c] = images(x);
      const split = tf.reshape(x, [b * h, w, c / 4, 2, 2]);
      return tf.reshape(tf.transpose(split, [0, 3, 1, 4, 2]), [b, 2 * h, 2 * w, c / 4]);
    },

    attention(qkv, s: AttentionSpec) {
      const [b, h, w] = images(qkv);
      const heads = s.channels / s.headWidth;
      const legacy = s.order === 'legacy';
      // Channels are [head, (q k v), width] or [(q k v), head, width]; each part becomes [B, head, pixel, width].
      const parts = tf.reshape(qkv, [b, h * w, ...(legacy ? [heads, 3] : [3, heads]), s.headWidth]);
      const [q, k, v] = tf
        .split(parts, 3, legacy ? 3 : 2)
        .map((part) => tf.transpose(tf.reshape(part, [b, h * w, heads, s.headWidth]), [0, 2, 1, 3]));
      const root = s.headWidth ** -0.25;
      const scores = tf.matMul(tf.mul(q, root), tf.mul(k, root), false, true);
      const mixed = tf.matMul(tf.softmax(scores), v);
      return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [b, h, w, s.channels]);
    },

    embedding(t, s: EmbeddingSpec) {
      const angle = tf.mul(tf.reshape(t, [-1, 1]), tf.tensor2d([...s.frequencies], [1, s.frequencies.length]));
      return tf.concat([tf.cos(angle), tf.sin(angle)], 1);
    },
  };
}
