import { expect, test } from 'vitest';
import { filmResUNet } from '../../../engine/prior/architectures/film-resunet.ts';
import { parameterShapes } from '../../../engine/prior/graph.ts';
import { parseManifest } from '../../../engine/prior/manifest.ts';
import { loneSlice } from '../../../engine/prior/training/lone-slice.ts';
import { memoryWeights } from '../../../engine/prior/weights.ts';
import { plainFilmResUNet } from '../plain-film-resunet.ts';
import { manifestOfTiny, tinyFilmConfig, tinyFilmTensors } from '../tiny-prior.ts';

const config = { ...tinyFilmConfig, channels: 3 };
const tensors = tinyFilmTensors(config);
const change = { channels: 3, slab: true, modality: 'ct', architecture: config };
const slab = parseManifest(JSON.stringify(manifestOfTiny(change)), 'manifest.json');

test('the network of one slice is that of the slab whose slices are all the same', async () => {
  const { manifest, weights } = loneSlice(slab, memoryWeights(tensors));
  expect(manifest).toMatchObject({ channels: 1, architecture: { channels: 1 } });
  expect(manifest.slab).toBeUndefined();
  const lone = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, { shape }] of weights.tensors) lone.set(name, { shape, data: await weights.read(name) });
  const one = { ...config, channels: 1 };
  expect(new Map([...lone].map(([name, { shape }]) => [name, [...shape]]))).toEqual(
    new Map([...parameterShapes(filmResUNet(one))].map(([name, shape]) => [name, [...shape]])),
  );
  const slice = Float64Array.from({ length: 64 }, (_, i) => Math.sin(0.37 * i));
  const repeated = new Float64Array([...slice, ...slice, ...slice]);
  const of = (data: Float64Array, c: number) => ({ c, h: 8, w: 8, data });
  const whole = plainFilmResUNet(config, tensors, of(repeated, 3), -0.4);
  const single = plainFilmResUNet(one, lone, of(slice, 1), -0.4);
  for (let i = 0; i < 64; i++) expect(single.data[i]).toBeCloseTo(whole.data[64 + i], 5);
});

test('slabs are three real slices', () => {
  const text = (more: object) => JSON.stringify(manifestOfTiny({ ...change, ...more }));
  expect(() => parseManifest(text({ modality: 'mri' }), 'm')).toThrow(/slab: a slab has three channels/);
});
