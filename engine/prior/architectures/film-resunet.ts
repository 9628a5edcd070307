/**
 * film-resunet: a U-Net without normalisation layers. Residual blocks x + conv(relu(conv(x))), feature-wise scale and
 * shift from the noise level once per stage, 2×2 stride-2 convolutions down, 1×1 convolutions with depth-to-space up,
 * added skips. models/training/net.py is the same network in PyTorch, tensor for tensor.
 */
import { z } from 'zod';
import type { GraphBuilder, NetworkDescription } from '../graph.ts';

export const filmResUNetConfig = z
  .strictObject({
    kind: z.literal('film-resunet'),
    /** Image channels in and out. */
    channels: z.int().min(1).max(16),
    width: z.int().min(1).max(1024),
    mult: z.array(z.int().min(1).max(64)).min(2).max(6),
    /** Residual blocks per stage; the last entry is the middle stage. */
    blocks: z.array(z.int().min(0).max(16)).min(2).max(6),
    /** Length of the noise-level embedding. */
    embedding: z.int().min(2).max(4096).multipleOf(2),
  })
  .refine((c) => c.blocks.length === c.mult.length, {
    message: 'blocks and mult must have one entry per stage',
    path: ['blocks'],
  });
export type FilmResUNetConfig = z.infer<typeof filmResUNetConfig>;

/** The scalar input is c_noise = ln(σ)/4 (Karras et al. 2022, table 1). */
export function filmResUNet(config: FilmResUNetConfig): NetworkDescription {
  const widths = config.mult.map((m) => m * config.width);
  const levels = widths.length - 1;
  const half = config.embedding / 2;
  const frequencies = Array.from({ length: half }, (_, i) => 2 ** (i / 8) / 4);

  function stage<T>(g: GraphBuilder<T>, x: T, emb: T, name: string, level: number): T {
    const channels = widths[level];
    const film = g.linear(emb, { name: `${name}.film`, inputs: config.embedding, outputs: 2 * channels });
    let h = g.modulate(x, film, channels);
    for (let b = 0; b < config.blocks[level]; b++) {
      const conv = { inputs: channels, outputs: channels, kernel: 3, padding: 1 } as const;
      const inner = g.relu(g.conv2d(h, { name: `${name}.blocks.${b}.conv1`, ...conv }));
      h = g.add(h, g.conv2d(inner, { name: `${name}.blocks.${b}.conv2`, ...conv }));
    }
    return h;
  }

  function build<T>(g: GraphBuilder<T>, x: T, t: T): T {
    const e = config.embedding;
    let emb = g.embedding(t, { frequencies });
    emb = g.relu(g.linear(emb, { name: 'time1', inputs: e, outputs: e }));
    emb = g.relu(g.linear(emb, { name: 'time2', inputs: e, outputs: e }));
    let h = g.conv2d(x, { name: 'head', inputs: config.channels, outputs: widths[0], kernel: 3, padding: 1 });
    const skips: T[] = [];
    for (let i = 0; i < levels; i++) {
      h = stage(g, h, emb, `down_stages.${i}`, i);
      skips.push(h);
      h = g.conv2d(h, { name: `downs.${i}`, inputs: widths[i], outputs: widths[i + 1], kernel: 2, stride: 2 });
    }
    h = stage(g, h, emb, 'middle', levels);
    for (let i = levels - 1; i >= 0; i--) {
      h = g.conv2d(h, { name: `ups.${i}`, inputs: widths[i + 1], outputs: 4 * widths[i], kernel: 1 });
      h = g.add(g.depthToSpace2(h), skips[i]);
      h = stage(g, h, emb, `up_stages.${i}`, i);
    }
    return g.conv2d(h, { name: 'tail', inputs: widths[0], outputs: config.channels, kernel: 3, padding: 1 });
  }

  return { inputs: config.channels, outputs: config.channels, multiple: 2 ** levels, build };
}
