/**
 * Gradient of a two-dimensional convolution with respect to its filter, on the WebAssembly backend:
 *   dF[u, v, i, o] = Σ_{b, y, x} X[b, s y + u − p, s x + v − q, i] dY[b, y, x, o].
 * X: [batch, y, x, in]; dY: [batch, y, x, out]; dF: [y, x, in, out]; strides s, padding p above and q left.
 *
 * For each tap (u, v) this is a product of two matrices whose summed index, the pixel, is the slow one. Bands of output
 * rows are packed straight into the panels of that product, so the matrix of shifted images is never stored. A 1 × 1
 * filter without stride or padding is a single product.
 */
import { addressOf, floatsOf, type KernelCall, output, withScratch } from '../wasm-heap.ts';
import { type ConvolutionShape, convolutionShape } from './convolution-shape.ts';
import { multiplyMatrices, multiplyPanels, pack, padSteps, panelBytes, up } from './product.ts';
import { COLUMNS, productProgram, ROWS, UNROLL } from './product-program.ts';
import type { Kernel } from './register.ts';

/** Pixels per band and input channels per packed block: the panels stay in a core's cache. */
const BAND_PIXELS = 256;
const CHANNEL_BLOCK = 128;

export const convolutionFilterGradient: Kernel = {
  name: 'Conv2DBackpropFilter',
  run: (call: KernelCall) => {
    const { x, dy } = call.inputs;
    const filterShape = call.attrs.filterShape as number[];
    const shape = convolutionShape(call.attrs, x.shape, filterShape, dy.shape, false);
    const out = output(call.backend, filterShape);
    const pointwise =
      shape.filterHeight === 1 &&
      shape.filterWidth === 1 &&
      shape.inHeight === shape.outHeight &&
      shape.inWidth === shape.outWidth;
    if (pointwise)
      multiplyMatrices(
        call.backend,
        { address: addressOf(call.backend, x), stride: 4 * shape.inChannels, summedContiguous: false },
        { address: addressOf(call.backend, dy), stride: 4 * shape.outChannels, summedContiguous: false },
        addressOf(call.backend, out),
        shape.inChannels,
        shape.batch * shape.outHeight * shape.outWidth,
        shape.outChannels,
      );
    else sumOverBands(call, shape, out);
    return out;
  },
};

function sumOverBands(call: KernelCall, shape: ConvolutionShape, out: ReturnType<Kernel['run']>): void {
  const { backend } = call;
  const { inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = shape;
  const program = productProgram(backend);
  const bandRows = Math.min(outHeight, Math.max(1, Math.floor(BAND_PIXELS / outWidth)));
  const paddedWidth = (outWidth - 1) * strideWidth + filterWidth;
  const paddedRows = (bandRows - 1) * strideHeight + filterHeight;
  const taps = filterHeight * filterWidth;

  const imageBytes = up(4 * paddedRows * paddedWidth * inChannels, 16);
  const leftBytes = panelBytes(Math.min(CHANNEL_BLOCK, up(inChannels, ROWS)), bandRows * outWidth);
  const rightBytes = panelBytes(up(outChannels, COLUMNS), bandRows * outWidth);
  const sumStride = 4 * up(outChannels, COLUMNS);
  const tapBytes = up(inChannels, ROWS) * sumStride;

  withScratch(backend, imageBytes + 16 + leftBytes + rightBytes + taps * tapBytes, (image) => {
    const left = image + imageBytes + 16;
    const right = left + leftBytes;
    const sums = right + rightBytes;
    backend.wasm.HEAPF32.fill(0, sums / 4, (sums + taps * tapBytes) / 4);
    for (let b = 0; b < shape.batch; b++)
      for (let y = 0; y < outHeight; y += bandRows) {
        const rows = Math.min(bandRows, outHeight - y);
        const count = rows * outWidth;
        const depth = up(count, UNROLL);
        copyBand(call, shape, b, y, (rows - 1) * strideHeight + filterHeight, paddedWidth, image);
        const dy = addressOf(backend, call.inputs.dy) + 4 * outChannels * outWidth * (b * outHeight + y);
        const gradient = { address: dy, stride: 4 * outChannels, summedContiguous: false };
        pack(program, backend, gradient, outChannels, count, right, COLUMNS, depth);
        padSteps(backend, right, outChannels, COLUMNS, count, depth);
        for (let i = 0; i < inChannels; i += CHANNEL_BLOCK) {
          const channels = Math.min(CHANNEL_BLOCK, inChannels - i);
          padSteps(backend, left, channels, ROWS, count, depth);
          for (let tap = 0; tap < taps; tap++) {
            const u = Math.floor(tap / filterWidth);
            const v = tap % filterWidth;
            for (let r = 0; r < rows; r++) {
              const pixel = (r * strideHeight + u) * paddedWidth + v;
              const row = {
                address: image + 4 * (pixel * inChannels + i),
                stride: 4 * strideWidth * inChannels,
                summedContiguous: false,
              };
              pack(program, backend, row, channels, outWidth, left, ROWS, depth, r * outWidth);
            }
            const into = sums + tap * tapBytes + i * sumStride;
            multiplyPanels(program, left, channels, right, outChannels, depth, into, sumStride);
          }
        }
      }
    const result = floatsOf(backend, out);
    const heap = backend.wasm.HEAPF32;
    for (let tap = 0; tap < taps; tap++)
      for (let i = 0; i < inChannels; i++) {
        const start = (sums + tap * tapBytes + i * sumStride) / 4;
        result.set(heap.subarray(start, start + outChannels), outChannels * (tap * inChannels + i));
      }
  });
}

/** Copies the input rows that output rows y … read, zeros where the padding is, to [rows, paddedWidth, in] at `to`. */
function copyBand(
  call: KernelCall,
  shape: ConvolutionShape,
  b: number,
  y: number,
  rows: number,
  paddedWidth: number,
  to: number,
): void {
  const { inHeight, inWidth, inChannels, strideHeight, padTop, padLeft } = shape;
  const x = floatsOf(call.backend, call.inputs.x);
  const heap = call.backend.wasm.HEAPF32;
  const first = Math.max(0, padLeft);
  const skipped = Math.max(0, -padLeft);
  const width = Math.max(0, Math.min(inWidth - skipped, paddedWidth - first));
  for (let r = 0; r < rows; r++) {
    const target = to / 4 + r * paddedWidth * inChannels;
    const source = y * strideHeight - padTop + r;
    if (source < 0 || source >= inHeight) {
      heap.fill(0, target, target + paddedWidth * inChannels);
      continue;
    }
    const start = ((b * inHeight + source) * inWidth + skipped) * inChannels;
    heap.fill(0, target, target + first * inChannels);
    heap.set(x.subarray(start, start + width * inChannels), target + first * inChannels);
    heap.fill(0, target + (first + width) * inChannels, target + paddedWidth * inChannels);
  }
}
