/** Files of the published checkpoints' size, made of zeros in sparse files. */
import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { contentStartInFile, listZipFile } from '../../engine/io/zip.ts';
import { aapm256, fastmri320, guidedDiffusion } from '../../engine/prior/architectures/guided-diffusion.ts';
import { openCheckpoint } from '../../engine/prior/checkpoint-pt.ts';
import { needsExternalData } from '../../engine/prior/export-prior.ts';
import { parameterShapes } from '../../engine/prior/graph.ts';
import { emitOnnx } from '../../engine/prior/onnx/emit-onnx.ts';
import { describeWeights } from '../../engine/prior/registry.ts';
import { bytesOf, dictPiece, protocol2, rawBytes, tensorPiece } from './checkpoint-writer.ts';
import { publishedKeys } from './published-keys.ts';
import { writeSparseCheckpoint, writeSparseZip } from './sparse-checkpoint.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const path = join(folder, 'full.pt');
afterEach(() => rmSync(path, { force: true }));

const sorted = (shapes: ReadonlyMap<string, readonly number[]>) => [...shapes].sort(([a], [b]) => (a < b ? -1 : 1));

describe.each([
  ['ct', aapm256, 'AAPM-256', 362, 374_022_658],
  ['mri', fastmri320, 'fastMRI-320', 344, 361_428_228],
] as const)('the published %s checkpoint', (model, config, known, tensors, parameters) => {
  const keys = publishedKeys(model);

  it('has the names and shapes of its table of blocks', () => {
    expect(sorted(parameterShapes(guidedDiffusion(config)))).toEqual(sorted(keys));
  });

  it('is recognised in a file of its full size', async () => {
    writeSparseCheckpoint(path, keys);
    expect(statSync(path).size).toBeGreaterThan(4 * parameters);
    const { list, ...found } = await describeWeights(path);
    expect(found).toMatchObject({ format: 'pt', tensors, parameters, known, assumed: [], problems: [] });
    expect(list?.map(({ name }) => name)).toEqual([...keys.keys()]);
    const source = await openCheckpoint(path);
    const last = await source.read('out.2.weight');
    await source.close();
    expect(last).toEqual(new Float32Array((model === 'ct' ? 2 : 4) * 256 * 9));
  });
});

describe('beyond 32 bits', () => {
  const w = Float32Array.from({ length: 6 }, (_, i) => i + 0.5);
  const one = tensorPiece({ storage: '1', type: 'FloatStorage', count: 6, offset: 2, shape: [2, 2], strides: [2, 1] });
  const wide = tensorPiece({
    storage: '0',
    type: 'FloatStorage',
    count: 1_150_000_000,
    offset: 1_149_999_998,
    shape: [2],
    strides: [1],
  });
  const pickle = bytesOf([
    protocol2,
    dictPiece([
      ['hole', wide],
      ['w', one],
    ]),
    '.',
  ]);

  it('reads tensors behind 4.6 GB, and the end of a storage above 4 GiB', async () => {
    writeSparseZip(path, [
      ['a/data.pkl', pickle],
      ['a/data/0', 4_600_000_000],
      ['a/data/1', rawBytes(w)],
    ]);
    const source = await openCheckpoint(path);
    expect(await source.read('w')).toEqual(w.subarray(2));
    expect(await source.read('hole')).toEqual(new Float32Array(2));
    await source.close();
    const file = await open(path);
    const last = (await listZipFile(file, path))[2];
    expect(last).toMatchObject({ name: 'a/data/1', size: 24 });
    expect(await contentStartInFile(file, (await file.stat()).size, last, path)).toBeGreaterThan(4.6e9);
    await file.close();
  });

  it('tells a file whose 64-bit directory is cut off', async () => {
    writeSparseZip(path, [
      ['a/data.pkl', pickle],
      ['a/data/0', 2_500_000_000],
      ['a/data/1', rawBytes(w)],
    ]);
    await expect(openCheckpoint(path)).rejects.toThrowError(/storage 0 claims 4600000000 bytes, the file holds 25/);
    const file = await open(path, 'r+');
    await file.truncate((await file.stat()).size - 30);
    await file.close();
    await expect(openCheckpoint(path)).rejects.toThrowError(/directory is missing/);
  });

  it('needs external data for ONNX weights beyond 2 GiB, and says so without', () => {
    const config = { ...aapm256, width: 384 };
    const network = guidedDiffusion(config);
    const tensors = new Map(
      [...parameterShapes(network)].map(([name, shape]) => [name, { dtype: 'F32', shape }] as const),
    );
    const never = () => Promise.reject(new Error('no weight is read to count bytes'));
    const source = { label: 'large', format: 'memory', tensors, read: never, close: async () => {} } as const;
    expect(needsExternalData(source, 'float32')).toBe(true);
    expect(needsExternalData(source, 'float16')).toBe(false);
    expect(() => emitOnnx(network, source)).toThrowError(/more than the format's 2 GiB/);
    const { model, external } = emitOnnx(network, source, { externalName: 'large.onnx.data' });
    expect(model.length).toBeLessThan(2 ** 20);
    expect(external?.length).toBeGreaterThan(2 ** 31);
  });
});
