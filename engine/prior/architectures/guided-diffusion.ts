/**
 * The guided-diffusion U-Net (Dhariwal, Nichol 2021) in the form of the two DDS checkpoints: residual blocks with
 * group normalisation, SiLU and feature-wise modulation from the time embedding, resampling inside residual blocks,
 * self-attention at chosen resolutions and in the middle, decoder input concat(h, skip). Parameter names are those of
 * its PyTorch state dict.
 */
import { z } from 'zod';
import { check } from '../../errors.ts';
import type { GraphBuilder, NetworkDescription } from '../graph.ts';

const groups = 32;
const eps = 1e-5;

export const guidedDiffusionConfig = z.strictObject({
  kind: z.literal('guided-diffusion'),
  imageSize: z.int().min(1).max(4096),
  inChannels: z.int().min(1).max(64),
  outChannels: z.int().min(1).max(128),
  width: z.int().min(groups).max(2048).multipleOf(groups),
  mult: z.array(z.int().min(1).max(64)).min(1).max(8),
  resBlocks: z.int().min(1).max(16),
  /** Downsampling factors (not resolutions) at which attention follows each residual block. */
  attentionFactors: z.array(z.int().min(1)).max(8),
  headWidth: z.int().min(1).max(1024),
  /** Number of heads at every attention; replaces `headWidth`. */
  heads: z.int().min(1).max(64).optional(),
  attentionOrder: z.enum(['legacy', 'new']),
});
export type GuidedDiffusionConfig = z.infer<typeof guidedDiffusionConfig>;

/** The published AAPM CT model: 374 022 658 parameters in 362 tensors. */
export const aapm256: GuidedDiffusionConfig = {
  kind: 'guided-diffusion',
  imageSize: 256,
  inChannels: 1,
  outChannels: 2,
  width: 256,
  mult: [1, 1, 2, 2, 4, 4],
  resBlocks: 1,
  attentionFactors: [16],
  headWidth: 64,
  attentionOrder: 'legacy',
};

/** The published fastMRI complex model: 361 428 228 parameters in 344 tensors; 320/16 = 20 is never reached. */
export const fastmri320: GuidedDiffusionConfig = {
  ...aapm256,
  imageSize: 320,
  inChannels: 2,
  outChannels: 4,
  attentionFactors: [20],
};

/** The scalar input is the raw time index 0 … 999. */
export function guidedDiffusion(config: GuidedDiffusionConfig): NetworkDescription {
  const widths = config.mult.map((m) => m * config.width);
  const levels = widths.length;
  const embedding = 4 * config.width;
  const half = config.width / 2;
  const frequencies = Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10000) * i) / half));

  type Resample = 'none' | 'down' | 'up';
  const conv3 = { kernel: 3, padding: 1 } as const;

  function resBlock<T>(
    g: GraphBuilder<T>,
    x: T,
    emb: T,
    name: string,
    inputs: number,
    outputs: number,
    resample: Resample,
  ): T {
    const change = (v: T) => (resample === 'down' ? g.avgPool2(v) : resample === 'up' ? g.upsampleNearest2(v) : v);
    let h = change(g.silu(g.groupNorm(x, { name: `${name}.in_layers.0`, channels: inputs, groups, eps })));
    h = g.conv2d(h, { name: `${name}.in_layers.2`, inputs, outputs, ...conv3 });
    const film = g.linear(emb, { name: `${name}.emb_layers.1`, inputs: embedding, outputs: 2 * outputs });
    h = g.modulate(g.groupNorm(h, { name: `${name}.out_layers.0`, channels: outputs, groups, eps }), film, outputs);
    h = g.conv2d(g.silu(h), { name: `${name}.out_layers.3`, inputs: outputs, outputs, ...conv3 });
    const skip = change(x);
    return g.add(
      inputs === outputs ? skip : g.conv2d(skip, { name: `${name}.skip_connection`, inputs, outputs, kernel: 1 }),
      h,
    );
  }

  function attention<T>(g: GraphBuilder<T>, x: T, name: string, channels: number): T {
    const flat = { inputs: channels, kernel: 1, flat: true } as const;
    const normal = g.groupNorm(x, { name: `${name}.norm`, channels, groups, eps });
    const qkv = g.conv2d(normal, { name: `${name}.qkv`, outputs: 3 * channels, ...flat });
    const headWidth = config.heads === undefined ? config.headWidth : channels / config.heads;
    check(
      Number.isInteger(headWidth) && channels % headWidth === 0,
      () => {
        return `${channels} channels of ${name} do not divide into heads of ${headWidth}`;
      },
      { code: 'mismatch', hint: 'give num_head_channels or num_heads in the configuration' },
    );
    const mixed = g.attention(qkv, { channels, headWidth, order: config.attentionOrder });
    return g.add(x, g.conv2d(mixed, { name: `${name}.proj_out`, outputs: channels, ...flat }));
  }

  function build<T>(g: GraphBuilder<T>, x: T, t: T): T {
    let emb = g.linear(g.embedding(t, { frequencies }), {
      name: 'time_embed.0',
      inputs: config.width,
      outputs: embedding,
    });
    // Every use of the embedding is through SiLU, so it is applied once here.
    emb = g.silu(g.linear(g.silu(emb), { name: 'time_embed.2', inputs: embedding, outputs: embedding }));

    const first = widths[0];
    let h = g.conv2d(x, { name: 'input_blocks.0.0', inputs: config.inChannels, outputs: first, ...conv3 });
    let channels = first;
    let factor = 1;
    let index = 1;
    const skips: { value: T; channels: number }[] = [{ value: h, channels }];
    for (let level = 0; level < levels; level++) {
      for (let b = 0; b < config.resBlocks; b++, index++) {
        h = resBlock(g, h, emb, `input_blocks.${index}.0`, channels, widths[level], 'none');
        channels = widths[level];
        if (config.attentionFactors.includes(factor)) h = attention(g, h, `input_blocks.${index}.1`, channels);
        skips.push({ value: h, channels });
      }
      if (level === levels - 1) continue;
      h = resBlock(g, h, emb, `input_blocks.${index}.0`, channels, channels, 'down');
      skips.push({ value: h, channels });
      index++;
      factor *= 2;
    }

    h = resBlock(g, h, emb, 'middle_block.0', channels, channels, 'none');
    h = attention(g, h, 'middle_block.1', channels);
    h = resBlock(g, h, emb, 'middle_block.2', channels, channels, 'none');

    index = 0;
    for (let level = levels - 1; level >= 0; level--) {
      for (let b = 0; b <= config.resBlocks; b++, index++) {
        const skip = skips.pop();
        if (skip === undefined) continue;
        let part = 0;
        const name = () => `output_blocks.${index}.${part++}`;
        h = resBlock(g, g.concatChannels(h, skip.value), emb, name(), channels + skip.channels, widths[level], 'none');
        channels = widths[level];
        if (config.attentionFactors.includes(factor)) h = attention(g, h, name(), channels);
        if (level > 0 && b === config.resBlocks) {
          h = resBlock(g, h, emb, name(), channels, channels, 'up');
          factor /= 2;
        }
      }
    }
    h = g.silu(g.groupNorm(h, { name: 'out.0', channels, groups, eps }));
    return g.conv2d(h, { name: 'out.2', inputs: channels, outputs: config.outChannels, ...conv3 });
  }

  return { inputs: config.inChannels, outputs: config.outChannels, multiple: 2 ** (levels - 1), build };
}
