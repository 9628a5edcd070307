/**
 * First weights of a network, as PyTorch draws them: uniform in ±1/√fan-in for convolutions, linear layers and their
 * biases (Kaiming uniform with a = √5), one and zero for normalisations; then what each architecture changes: modules
 * that start at zero, so that residual blocks begin as the identity and the network's output as zero.
 */
import { createRandom } from '../../arrays/random.ts';
import type { DescribedArchitecture } from '../architectures/architecture.ts';
import { describeNetwork } from '../architectures/architecture.ts';
import { parameterShapes } from '../graph.ts';
import { memoryWeights, type NamedTensor, type WeightSource } from '../weights.ts';

interface Exceptions {
  zero: RegExp;
  /** Weights multiplied by `factor`. */
  small: RegExp;
  factor: number;
}

const exceptions: Record<DescribedArchitecture['kind'], Exceptions> = {
  'film-resunet': { zero: /\.film\.|^tail\./, small: /\.conv2\.weight$/, factor: 0.2 },
  'guided-diffusion': { zero: /\.out_layers\.3\.|\.proj_out\.|^out\.2\./, small: /(?!)/, factor: 1 },
};

/** Weights drawn in the network's own order from one seed. */
export function initialWeights(architecture: DescribedArchitecture, seed: number): WeightSource {
  const shapes = parameterShapes(describeNetwork(architecture));
  const { zero, small, factor } = exceptions[architecture.kind];
  const random = createRandom(seed);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, shape] of shapes) {
    const data = new Float32Array(shape.reduce((n, s) => n * s, 1));
    const weightName = name.replace(/\.bias$/, '.weight');
    const [, ...inputs] = shapes.get(weightName) ?? shape;
    if (inputs.length === 0) data.fill(name === weightName ? 1 : 0);
    else {
      const bound = (small.test(name) ? factor : 1) / Math.sqrt(inputs.reduce((n, s) => n * s, 1));
      for (let i = 0; i < data.length; i++) data[i] = bound * (2 * random.uniform() - 1);
    }
    if (zero.test(name)) data.fill(0);
    tensors.set(name, { shape, data });
  }
  return memoryWeights(tensors, 'first weights');
}
