/**
 * All kernels this folder adds to, or replaces in, the WebAssembly backend of TensorFlow.js 4.22. Against its plain
 * backend the package lacks 16: those below, and Draw, RaggedGather, RaggedRange, RaggedTensorToTensor and
 * StaticRegexReplace (text, ragged arrays, canvases), which neither networks nor solvers here use.
 */
import { complexKernels } from './complex.ts';
import { convolutionFilterGradient } from './convolution-filter-gradient.ts';
import { convolutionInputGradient } from './convolution-input-gradient.ts';
import { depthwiseGradients } from './depthwise-gradients.ts';
import { einsum } from './einsum.ts';
import { fourierKernels } from './fourier.ts';
import { batchMatMul } from './matrix-product.ts';
import type { Kernel } from './register.ts';
import { unsortedSegmentSum } from './segment-sum.ts';

export const wasmKernels: readonly Kernel[] = [
  batchMatMul,
  convolutionFilterGradient,
  convolutionInputGradient,
  ...depthwiseGradients,
  ...complexKernels,
  ...fourierKernels,
  einsum,
  unsortedSegmentSum,
];
