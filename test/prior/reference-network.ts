/** The tiny network of the importers' reference values: 144 tensors whose elements follow a formula. */
import { type GuidedDiffusionConfig, guidedDiffusion } from '../../engine/prior/architectures/guided-diffusion.ts';
import { parameterShapes } from '../../engine/prior/graph.ts';

export const tinyConfig: GuidedDiffusionConfig = {
  kind: 'guided-diffusion',
  imageSize: 8,
  inChannels: 1,
  outChannels: 2,
  width: 32,
  mult: [1, 2],
  resBlocks: 1,
  attentionFactors: [2],
  headWidth: 16,
  attentionOrder: 'legacy',
};

/** The same network under the names users write in a configuration file. */
export const tinyReferenceConfig = {
  image_size: 8,
  in_channels: 1,
  out_channels: 2,
  num_channels: 32,
  channel_mult: '1,2',
  num_res_blocks: 1,
  attention_resolutions: '4',
  num_head_channels: 16,
  num_heads: 4,
  use_scale_shift_norm: true,
  resblock_updown: true,
  use_new_attention_order: false,
  learn_sigma: true,
  beta_start: 1e-4,
  beta_end: 0.02,
  num_diffusion_timesteps: 1000,
};

export interface NamedTensor {
  shape: readonly number[];
  data: Float32Array;
}

/** Element i of the j-th key (ASCII order): 0.15 sin(0.7(i+1)² + 1.7(j+1)), plus 1 for 1-D weights. */
export function tinyTensors(): Map<string, NamedTensor> {
  const shapes = parameterShapes(guidedDiffusion(tinyConfig));
  const keys = [...shapes.keys()].sort();
  const tensors = new Map<string, NamedTensor>();
  for (const [j, name] of keys.entries()) {
    const shape = shapes.get(name) ?? [];
    const base = shape.length === 1 && name.endsWith('weight') ? 1 : 0;
    const length = shape.reduce((n, s) => n * s, 1);
    const value = (i: number) => base + 0.15 * Math.sin(0.7 * (i + 1) ** 2 + 1.7 * (j + 1));
    tensors.set(name, { shape, data: Float32Array.from({ length }, (_, i) => value(i)) });
  }
  return tensors;
}

export const tinyImage = (): Float32Array => Float32Array.from({ length: 64 }, (_, i) => Math.cos(0.5 * i));

export const tinyExpected = {
  500: { first: [-1.08554, -0.49661, 0.20852, 0.65693], last: [-0.6974, 1.05572, 0.84052, 0.47838], norm: 11.50268 },
  0: { first: [-1.35689, -1.34064, -0.26908, 0.39367], last: undefined, norm: 12.97164 },
} as const;
