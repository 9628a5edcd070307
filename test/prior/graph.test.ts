import { describe, expect, it } from 'vitest';
import { filmResUNet } from '../../engine/prior/architectures/film-resunet.ts';
import { aapm256, fastmri320, guidedDiffusion } from '../../engine/prior/architectures/guided-diffusion.ts';
import { parameterCount, parameterShapes } from '../../engine/prior/graph.ts';
import { tinyConfig } from './reference-network.ts';

describe('parameter lists', () => {
  it('count those of the published networks', () => {
    const ct = parameterShapes(guidedDiffusion(aapm256));
    const mri = parameterShapes(guidedDiffusion(fastmri320));
    expect([ct.size, parameterCount(ct)]).toEqual([362, 374_022_658]);
    expect([mri.size, parameterCount(mri)]).toEqual([344, 361_428_228]);
  });

  it('name attention and up-sampling blocks where the published state dicts have them', () => {
    const ct = parameterShapes(guidedDiffusion(aapm256));
    const mri = parameterShapes(guidedDiffusion(fastmri320));
    for (const name of ['input_blocks.9.1', 'middle_block.1', 'output_blocks.2.1', 'output_blocks.3.1'])
      expect(ct.get(`${name}.qkv.weight`)).toEqual([3072, 1024, 1]);
    expect(ct.has('output_blocks.3.2.in_layers.0.weight')).toBe(true);
    expect(mri.has('output_blocks.3.1.in_layers.0.weight')).toBe(true);
    expect([...mri.keys()].filter((n) => n.endsWith('qkv.weight'))).toEqual(['middle_block.1.qkv.weight']);
    expect(mri.get('input_blocks.0.0.weight')).toEqual([256, 2, 3, 3]);
    expect(mri.get('output_blocks.0.0.skip_connection.weight')).toEqual([1024, 2048, 1, 1]);
    expect(mri.has('input_blocks.1.0.skip_connection.weight')).toBe(false);
  });

  it('count those of the importers’ reference network', () => {
    const tiny = parameterShapes(guidedDiffusion(tinyConfig));
    expect([tiny.size, parameterCount(tiny)]).toEqual([144, 826_626]);
  });

  it('count those of the shipped network', () => {
    const config = {
      kind: 'film-resunet',
      channels: 2,
      width: 32,
      mult: [1, 2, 4, 8],
      blocks: [1, 2, 3, 2],
      embedding: 128,
    } as const;
    const shapes = parameterShapes(filmResUNet({ ...config, mult: [...config.mult], blocks: [...config.blocks] }));
    expect([shapes.size, parameterCount(shapes)]).toEqual([90, 5_024_994]);
    expect(shapes.get('ups.0.weight')).toEqual([128, 64, 1, 1]);
    expect(shapes.get('middle.film.weight')).toEqual([512, 128]);
  });
});
