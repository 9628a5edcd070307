/**
 * Gradient of a two-dimensional convolution with respect to its input (and the forward pass of a transposed
 * convolution), on the WebAssembly backend:
 *   dX[b, y, x, i] = Σ_{u, v, o} dY[b, (y + p − u)/s, (x + q − v)/s, o] F[u, v, i, o]   over whole quotients.
 * Stride 1: the convolution of dY with the filter turned by 180° and its channels exchanged, which XNNPACK does at full
 * speed (the shipped kernel: 0.8 GFLOP/s). Other strides: one product dY Fᵀ per band of rows, whose columns, one per tap
 * and channel, are added where the tap reaches.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, floatsOf, type KernelCall, output, sizeOf, withScratch } from '../wasm-heap.ts';
import { type ConvolutionShape, convolutionShape } from './convolution-shape.ts';
import { multiplyMatrices } from './product.ts';
import { type Kernel, shippedKernel } from './register.ts';

/** Numbers of the product kept at a time. */
const BAND_NUMBERS = 1 << 20;

const convolve = shippedKernel('Conv2D');

export const convolutionInputGradient: Kernel = {
  name: 'Conv2DBackpropInput',
  run: (call: KernelCall) => {
    const { dy, filter } = call.inputs;
    const inputShape = call.attrs.inputShape as number[];
    const shape = convolutionShape(call.attrs, inputShape, filter.shape, dy.shape, false);
    const top = shape.filterHeight - 1 - shape.padTop;
    const left = shape.filterWidth - 1 - shape.padLeft;
    const bottom = shape.inHeight + shape.filterHeight - 1 - shape.outHeight - top;
    const right = shape.inWidth + shape.filterWidth - 1 - shape.outWidth - left;
    const direct =
      shape.strideHeight === 1 &&
      shape.strideWidth === 1 &&
      Math.min(top, left, bottom, right) >= 0 &&
      sizeOf(dy.shape) > 0;
    if (!direct) return byProducts(call, shape);
    const turned = turnFilter(call, shape);
    try {
      const pad = [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ];
      const attrs = { strides: [1, 1], dilations: [1, 1], pad, dataFormat: 'NHWC' };
      return convolve({ inputs: { x: dy, filter: turned }, attrs, backend: call.backend });
    } finally {
      call.backend.disposeData(turned.dataId);
    }
  },
};

/** F′[u, v, o, i] = F[U − 1 − u, V − 1 − v, i, o]. */
function turnFilter(call: KernelCall, shape: ConvolutionShape): TensorInfo {
  const { filterHeight, filterWidth, inChannels, outChannels } = shape;
  const turned = output(call.backend, [filterHeight, filterWidth, outChannels, inChannels]);
  const from = floatsOf(call.backend, call.inputs.filter);
  const to = floatsOf(call.backend, turned);
  const taps = filterHeight * filterWidth;
  const size = inChannels * outChannels;
  for (let tap = 0; tap < taps; tap++) {
    const source = (taps - 1 - tap) * size;
    const target = tap * size;
    for (let o = 0; o < outChannels; o++)
      for (let i = 0; i < inChannels; i++) to[target + o * inChannels + i] = from[source + i * outChannels + o];
  }
  return turned;
}

function byProducts(call: KernelCall, shape: ConvolutionShape): TensorInfo {
  const { backend } = call;
  const { dy, filter } = call.inputs;
  const { inHeight, inWidth, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth } = shape;
  const out = output(backend, [shape.batch, inHeight, inWidth, inChannels]);
  floatsOf(backend, out).fill(0);
  const columns = filterHeight * filterWidth * inChannels;
  const bandRows = Math.max(1, Math.min(outHeight, Math.floor(BAND_NUMBERS / (columns * outWidth))));
  withScratch(backend, 4 * bandRows * outWidth * columns, (band) => {
    for (let b = 0; b < shape.batch; b++)
      for (let y = 0; y < outHeight; y += bandRows) {
        const rows = Math.min(bandRows, outHeight - y);
        const start = addressOf(backend, dy) + 4 * outChannels * outWidth * (b * outHeight + y);
        multiplyMatrices(
          backend,
          { address: start, stride: 4 * outChannels, summedContiguous: true },
          { address: addressOf(backend, filter), stride: 4 * outChannels, summedContiguous: true },
          band,
          rows * outWidth,
          outChannels,
          columns,
        );
        addBand(floatsOf(backend, out), backend.wasm.HEAPF32, band / 4, shape, b, y, rows);
      }
  });
  return out;
}

/** Adds the columns of output rows y … y + rows − 1 of image b to the input pixels their taps reach. */
function addBand(
  out: Float32Array,
  heap: Float32Array,
  band: number,
  shape: ConvolutionShape,
  b: number,
  y: number,
  rows: number,
): void {
  const { inHeight, inWidth, inChannels, outWidth, filterHeight, filterWidth } = shape;
  const columns = filterHeight * filterWidth * inChannels;
  for (let r = 0; r < rows; r++)
    for (let u = 0; u < filterHeight; u++) {
      const inY = (y + r) * shape.strideHeight - shape.padTop + u;
      if (inY < 0 || inY >= inHeight) continue;
      for (let x = 0; x < outWidth; x++)
        for (let v = 0; v < filterWidth; v++) {
          const inX = x * shape.strideWidth - shape.padLeft + v;
          if (inX < 0 || inX >= inWidth) continue;
          const target = ((b * inHeight + inY) * inWidth + inX) * inChannels;
          const source = band + (r * outWidth + x) * columns + (u * filterWidth + v) * inChannels;
          for (let i = 0; i < inChannels; i++) out[target + i] += heap[source + i];
        }
    }
}
