/**
 * Convolutions of NHWC maps with filters [kh, kw, in, out], with gradients made of the two things the wasm backend is
 * fast at, forward convolution and matrix product:
 * - stride 1, input gradient: convolution of dy with the filter turned by 180° and its channel axes exchanged, padded by
 *   k − 1 − p;
 * - stride 1, filter gradient: for each tap (i, j) the product (shifted x)ᵀ dy. In padded maps laid out flat, a shift is
 *   an offset of i·W + j columns, so x is transposed once and each tap is one slice and one product;
 * - 1×1, and 2×2 with stride 2: one product over pixels or over 2×2 patches.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { check } from '../../errors.ts';
import type { Tensors } from '../../tensor/backend.ts';
import { affine, sumRows, swapLast } from './matrix-product.ts';
import { withGradient } from './with-gradient.ts';

export interface ConvolutionShape {
  kernel: number;
  stride: number;
  /** Zeros on every side. */
  padding: number;
}

const four = (x: Tensor): [number, number, number, number] => {
  const [b, h, w, c] = x.shape;
  return [b, h, w, c];
};

function padded({ tf }: Tensors, x: Tensor, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [before, after],
    [before, after],
    [0, 0],
  ]);
}

function filterGradient(tensors: Tensors, x: Tensor, dy: Tensor, { kernel, padding }: ConvolutionShape): Tensor {
  const { tf } = tensors;
  const grid = padded(tensors, x, padding, padding);
  const [batch, height, width, inputs] = four(grid);
  const outputs = four(dy)[3];
  const length = batch * height * width;
  const reach = kernel - 1;
  // The last rows of dy on this grid are zeros that every shift may read past; they are cut off.
  const used = length - reach * (width + 1);
  const columns = swapLast(tensors, tf.reshape(grid, [length, inputs]));
  const rows = tf.slice(tf.reshape(padded(tensors, dy, 0, reach), [length, outputs]), [0, 0], [used, outputs]);
  const taps: Tensor[] = [];
  for (let i = 0; i < kernel; i++)
    for (let j = 0; j < kernel; j++) taps.push(tf.matMul(tf.slice(columns, [0, i * width + j], [inputs, used]), rows));
  return tf.reshape(tf.concat(taps, 0), [kernel, kernel, inputs, outputs]);
}

function strideOne(tensors: Tensors, x: Tensor, w: Tensor, b: Tensor, shape: ConvolutionShape): Tensor {
  const { tf } = tensors;
  const { kernel, padding } = shape;
  return withGradient(
    tensors,
    [x, w, b],
    () => tf.fused.conv2d({ x: x as Tensor4D, filter: w as Tensor4D, strides: 1, pad: padding, bias: b }),
    (dy, [image, filter]) => {
      const turned = swapLast(tensors, tf.reverse(filter, [0, 1])) as Tensor4D;
      const pixels = tf.reshape(dy, [-1, four(dy)[3]]);
      return [
        tf.conv2d(dy as Tensor4D, turned, 1, kernel - 1 - padding),
        filterGradient(tensors, image, dy, shape),
        sumRows(tensors, pixels),
      ];
    },
  );
}

/** [B, H, W, C] → [B·H/2·W/2, 4C]: the pixels of each 2×2 patch, row by row. */
function patches({ tf }: Tensors, x: Tensor): Tensor {
  const [batch, height, width, channels] = four(x);
  check(
    height % 2 === 0 && width % 2 === 0,
    () => `a stride of 2 needs even height and width, found ${height}×${width}`,
    { code: 'mismatch' },
  );
  const split = tf.reshape(x, [batch * (height / 2), 2, width / 2, 2 * channels]);
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch * (height / 2) * (width / 2), 4 * channels]);
}

/** x [B, H, W, in], w [kh, kw, in, out], b [out]. Throws `unsupported` for forms no architecture uses. */
export function convolution(tensors: Tensors, x: Tensor, w: Tensor, b: Tensor, shape: ConvolutionShape): Tensor {
  const { tf } = tensors;
  const { kernel, stride, padding } = shape;
  const [batch, height, width, inputs] = four(x);
  const outputs = b.shape[0];
  if (kernel === 1 && stride === 1 && padding === 0) {
    const y = affine(tensors, tf.reshape(x, [-1, inputs]), tf.reshape(w, [inputs, outputs]), b);
    return tf.reshape(y, [batch, height, width, outputs]);
  }
  if (kernel === 2 && stride === 2 && padding === 0) {
    const y = affine(tensors, patches(tensors, x), tf.reshape(w, [4 * inputs, outputs]), b);
    return tf.reshape(y, [batch, height / 2, width / 2, outputs]);
  }
  check(
    stride === 1 && padding < kernel,
    () => `a ${kernel}×${kernel} convolution with stride ${stride} and padding ${padding} is not available`,
    { code: 'unsupported' },
  );
  return strideOne(tensors, x, w, b, shape);
}

/** The same through TensorFlow.js' own convolution and its gradients: for backends that have them natively. */
export function libraryConvolution(tensors: Tensors, x: Tensor, w: Tensor, b: Tensor, shape: ConvolutionShape): Tensor {
  const { tf } = tensors;
  return tf.add(tf.conv2d(x as Tensor4D, w as Tensor4D, shape.stride, shape.padding), b);
}
