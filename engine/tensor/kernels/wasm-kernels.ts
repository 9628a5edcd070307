/** All kernels this folder adds to, or replaces in, the WebAssembly backend of TensorFlow.js. */
import { convolutionFilterGradient } from './convolution-filter-gradient.ts';
import { convolutionInputGradient } from './convolution-input-gradient.ts';
import { batchMatMul } from './matrix-product.ts';
import type { Kernel } from './register.ts';

export const wasmKernels: readonly Kernel[] = [batchMatMul, convolutionFilterGradient, convolutionInputGradient];
