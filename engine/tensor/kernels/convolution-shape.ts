/** Sizes of a two-dimensional convolution, from the attributes of a TensorFlow.js kernel, checked. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../errors.ts';
import type { KernelCall } from '../wasm-heap.ts';

export interface ConvolutionShape {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

type Four = [number, number, number, number];

/**
 * The sizes for input [batch, y, x, channel] and a filter [y, x, in, out] (depthwise: [y, x, channel, multiplier]).
 * Errors: `unsupported` for channels-first data, `mismatch` when dy is not [batch, outHeight, outWidth, outChannels].
 */
export function convolutionShape(
  attrs: KernelCall['attrs'],
  inputShape: readonly number[],
  filterShape: readonly number[],
  dyShape: readonly number[],
  depthwise: boolean,
): ConvolutionShape {
  const format = attrs.dataFormat ?? 'NHWC';
  if (format !== 'NHWC')
    throw new EngineError('unsupported', `convolution gradients on WebAssembly take NHWC data, not ${String(format)}`, {
      hint: 'move the channels to the last axis',
    });
  const info = tf.backend_util.computeConv2DInfo(
    [...inputShape] as Four,
    [...filterShape] as Four,
    attrs.strides as [number, number],
    (attrs.dilations ?? 1) as [number, number] | number,
    attrs.pad as 'same' | 'valid' | number,
    attrs.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
    depthwise,
  );
  const expected = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  if (expected.join() !== dyShape.join())
    throw new EngineError('mismatch', `the gradient of a convolution output is [${dyShape}], expected [${expected}]`);
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}
