/**
 * Gradients of the depthwise convolution Y[b, y, x, c m + k] = Σ_{u, v} X[b, s y + d u − p, s x + e v − q, c] F[u, v, c, k]
 * on the WebAssembly backend, with m multipliers per channel:
 *   dF[u, v, c, k] = Σ_{b, y, x} X[…, c] dY[b, y, x, c m + k],   dX[…, c] += F[u, v, c, k] dY[b, y, x, c m + k].
 * Plain loops: their cost is that of reading the images once per tap.
 */
import { floatsOf, type KernelCall, output, sizeOf } from '../wasm-heap.ts';
import { type ConvolutionShape, convolutionShape } from './convolution-shape.ts';
import type { Kernel } from './register.ts';

/** Calls `row` for each tap and run of output pixels in a row that it reads inside the image. */
function eachTapRow(
  s: ConvolutionShape,
  row: (tap: number, input: number, output: number, pixels: number, inputStep: number) => void,
): void {
  for (let b = 0; b < s.batch; b++)
    for (let u = 0; u < s.filterHeight; u++)
      for (let v = 0; v < s.filterWidth; v++) {
        const shift = v * s.dilationWidth - s.padLeft;
        const first = Math.max(0, Math.ceil(-shift / s.strideWidth));
        const last = Math.min(s.outWidth - 1, Math.floor((s.inWidth - 1 - shift) / s.strideWidth));
        if (last < first) continue;
        for (let y = 0; y < s.outHeight; y++) {
          const inY = y * s.strideHeight + u * s.dilationHeight - s.padTop;
          if (inY < 0 || inY >= s.inHeight) continue;
          const input = ((b * s.inHeight + inY) * s.inWidth + first * s.strideWidth + shift) * s.inChannels;
          const out = ((b * s.outHeight + y) * s.outWidth + first) * s.outChannels;
          row(u * s.filterWidth + v, input, out, last - first + 1, s.strideWidth * s.inChannels);
        }
      }
}

const filterGradient: Kernel = {
  name: 'DepthwiseConv2dNativeBackpropFilter',
  run: ({ inputs: { x, dy }, attrs, backend }: KernelCall) => {
    const filterShape = attrs.filterShape as number[];
    const s = convolutionShape(attrs, x.shape, filterShape, dy.shape, true);
    const multiplier = s.outChannels / s.inChannels;
    const out = output(backend, filterShape);
    const image = floatsOf(backend, x);
    const gradient = floatsOf(backend, dy);
    const sums = new Float64Array(sizeOf(filterShape));
    eachTapRow(s, (tap, input, start, pixels, step) => {
      for (let p = 0; p < pixels; p++)
        for (let c = 0; c < s.inChannels; c++) {
          const value = image[input + p * step + c];
          const from = start + p * s.outChannels + c * multiplier;
          const to = (tap * s.inChannels + c) * multiplier;
          for (let k = 0; k < multiplier; k++) sums[to + k] += value * gradient[from + k];
        }
    });
    floatsOf(backend, out).set(sums);
    return out;
  },
};

const inputGradient: Kernel = {
  name: 'DepthwiseConv2dNativeBackpropInput',
  run: ({ inputs: { dy, filter }, attrs, backend }: KernelCall) => {
    const inputShape = attrs.inputShape as number[];
    const s = convolutionShape(attrs, inputShape, filter.shape, dy.shape, true);
    const multiplier = s.outChannels / s.inChannels;
    const out = output(backend, inputShape);
    const image = floatsOf(backend, out).fill(0);
    const gradient = floatsOf(backend, dy);
    const weights = floatsOf(backend, filter);
    eachTapRow(s, (tap, input, start, pixels, step) => {
      for (let p = 0; p < pixels; p++)
        for (let c = 0; c < s.inChannels; c++) {
          const from = start + p * s.outChannels + c * multiplier;
          const at = (tap * s.inChannels + c) * multiplier;
          let sum = 0;
          for (let k = 0; k < multiplier; k++) sum += weights[at + k] * gradient[from + k];
          image[input + p * step + c] += sum;
        }
    });
    return out;
  },
};

export const depthwiseGradients: readonly Kernel[] = [filterGradient, inputGradient];
