import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { fileSha256 } from '../../engine/prior/digest.ts';
import { describeWeights, evaluatePrior, importPrior } from '../../engine/prior/registry.ts';
import { addTime, type OnnxModel, onnxFile } from './onnx-writer.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
let files = 0;

/** A model in a folder of its own. */
function put(bytes: Uint8Array): string {
  const path = join(folder, String(files++), 'net.onnx');
  mkdirSync(dirname(path));
  writeFileSync(path, bytes);
  return path;
}
const importModel = (path: string, config: Record<string, unknown> = {}) =>
  importPrior(path, { out: `${path}.prior`, config });
const importBytes = (model: OnnxModel, config: Record<string, unknown> = {}) =>
  importModel(put(onnxFile(model)), config);

const values = Float32Array.from({ length: 2 * 2 * 5 * 6 }, (_, i) => Math.sin(i));
const pair = ndarray('float32', [2, 2, 5, 6], values);
const plusTime = (t: number) => Float32Array.from(values, (v) => v + t);

describe('ONNX networks', () => {
  it.each(['float32', 'int64'] as const)('finds image, %s time and output by their names', async (time) => {
    const { folder: prior, manifest } = await importBytes(addTime({ time }));
    expect(manifest).toMatchObject({
      channels: 2,
      fixedSize: false,
      provenance: { format: 'onnx', statedBy: 'nobody' },
    });
    expect(manifest.architecture).toEqual({
      kind: 'onnx',
      inChannels: 2,
      outChannels: 2,
      image: 'sample',
      time: 'timestep',
      output: 'noise',
      timeType: time,
      multiple: 1,
      anyBatch: true,
    });
    expect((await evaluatePrior(prior, pair, 41)).data).toEqual(plusTime(41));
  });

  it('runs networks of a fixed batch and size one image at a time', async () => {
    const dims = [1, 2, 5, 6];
    const inputs = [
      { name: 'x', dims },
      { name: 't', dims: [1] },
    ];
    const model = addTime({
      inputs,
      outputs: [{ name: 'noise', dims }],
      nodes: [
        { op: 'Unsqueeze', inputs: ['t', 'axes'], outputs: ['column'] },
        { op: 'Add', inputs: ['x', 'column'], outputs: ['noise'] },
      ],
    });
    const { folder: prior, manifest } = await importBytes(model);
    expect(manifest).toMatchObject({ size: [5, 6], fixedSize: true, architecture: { anyBatch: false, multiple: 1 } });
    expect((await evaluatePrior(prior, pair, 7)).data).toEqual(plusTime(7));
  });

  it('notices by running it that a batch axis without a size is fixed inside', async () => {
    const shape = { name: 'one', dims: [4], values: BigInt64Array.of(1n, 2n, 0n, 0n) };
    const model = addTime();
    const fixed = {
      ...model,
      nodes: [
        ...model.nodes.slice(0, 2),
        { op: 'Add', inputs: ['sample', 'column'], outputs: ['sum'] },
        { op: 'Reshape', inputs: ['sum', 'one'], outputs: ['noise'] },
      ],
      weights: [...(model.weights ?? []), shape],
    };
    const { manifest, folder: prior } = await importBytes(fixed);
    expect(manifest.architecture).toMatchObject({ anyBatch: false });
    expect((await evaluatePrior(prior, pair, 3)).data).toEqual(plusTime(3));
  });

  it('takes the output the configuration names', async () => {
    const model = addTime();
    const two = {
      ...model,
      outputs: [
        { name: 'negative', dims: model.outputs[0].dims },
        { name: 'noise', dims: model.outputs[0].dims },
      ],
      nodes: [...model.nodes, { op: 'Neg', inputs: ['noise'], outputs: ['negative'] }],
    };
    expect((await importBytes(two)).manifest.architecture).toMatchObject({ output: 'negative' });
    const { manifest } = await importBytes(two, { onnx_output: 'noise' });
    expect(manifest.architecture).toMatchObject({ output: 'noise' });
    await expect(importBytes(two, { onnx_output: 'eps' })).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringMatching(/onnx_output = eps, the network has negative float32.*noise/),
    });
  });

  const { inputs, outputs, nodes, weights = [] } = addTime();
  const [x, t] = inputs;
  const cases: [string, Partial<OnnxModel>, string, RegExp][] = [
    [
      'a third input',
      { inputs: [x, t, { name: 'label', dims: ['batch'] }] },
      'unsupported',
      /inputs are sample .*; timestep .*; label float32/,
    ],
    [
      'an image of rank 3',
      { inputs: [{ name: 'sample', dims: ['batch', 'height', 'width'] }, t] },
      'unsupported',
      /sample float32\[batch, height, width\]/,
    ],
    [
      'no time',
      { inputs: [x], nodes: [{ op: 'Neg', inputs: ['sample'], outputs: ['noise'] }] },
      'unsupported',
      /a time \[batch\] are needed/,
    ],
    [
      'an image of float64',
      {
        inputs: [{ ...x, type: 'float64' }, t],
        outputs: [{ ...outputs[0], type: 'float64' }],
        nodes: [{ op: 'Neg', inputs: ['sample'], outputs: ['noise'] }],
      },
      'unsupported',
      /sample float64.*a float32 image/,
    ],
    ['a batch of four', { inputs: [{ ...x, dims: [4, 2, 'height', 'width'] }, t] }, 'unsupported', /batches of 4 only/],
    [
      'another number of channels',
      {
        nodes: [
          ...nodes.slice(0, 2),
          { op: 'Concat', inputs: ['sample', 'sample', 'sample'], outputs: ['noise'], ints: { axis: 1 } },
        ],
        outputs: [{ name: 'noise', dims: ['batch', 6, 'height', 'width'] }],
      },
      'unsupported',
      /turns \[1,2,25,25\] into \[1,6,25,25\]/,
    ],
    [
      'another size',
      {
        nodes: [
          ...nodes.slice(0, 2),
          { op: 'Concat', inputs: ['sample', 'sample'], outputs: ['noise'], ints: { axis: 3 } },
        ],
      },
      'unsupported',
      /into \[1,2,25,50\]/,
    ],
    [
      'numbers that are not finite',
      { nodes: [...nodes.slice(0, 2), { op: 'Log', inputs: ['sample'], outputs: ['noise'] }] },
      'unsupported',
      /not finite/,
    ],
    [
      'whole numbers as output',
      {
        nodes: [{ op: 'Cast', inputs: ['sample'], outputs: ['noise'], ints: { to: 7 } }],
        outputs: [{ ...outputs[0], type: 'int64' }],
      },
      'unsupported',
      /outputs are noise int64/,
    ],
    [
      'an operator nobody knows',
      { nodes: [{ op: 'Dream', inputs: ['sample'], outputs: ['noise'] }] },
      'bad-input',
      /Dream/,
    ],
    [
      'too many external files',
      {
        weights: [
          ...weights,
          ...Array.from({ length: 65 }, (_, i) => ({ name: `w${i}`, dims: [1], external: { location: `${i}.bin` } })),
        ],
      },
      'unsupported',
      /more than 64 files/,
    ],
    [
      'a damaged configuration of its own',
      { metadata: { tangent_config: '{"prediction":' } },
      'bad-input',
      /own configuration is not valid JSON/,
    ],
    [
      'a senseless configuration of its own',
      { metadata: { tangent_config: '{"prediction":"fate"}' } },
      'bad-input',
      /field prediction/,
    ],
  ];
  it.each(cases)('refuses %s', async (_, change, code, message) => {
    const path = put(onnxFile(addTime(change)));
    await expect(importModel(path)).rejects.toMatchObject({
      name: 'EngineError',
      code,
      message: expect.stringMatching(message),
    });
    expect(readdirSync(dirname(path))).toEqual(['net.onnx']);
  });

  it('asks for the channels where the network leaves them open', async () => {
    const open = addTime({ inputs: [{ ...x, dims: ['batch', 'channels', 'height', 'width'] }, t] });
    await expect(importBytes(open)).rejects.toMatchObject({ hint: expect.stringContaining('in_channels') });
    expect((await importBytes(open, { in_channels: 1 })).manifest.channels).toBe(1);
    await expect(importBytes(addTime(), { in_channels: 1 })).rejects.toMatchObject({ code: 'mismatch' });
  });

  it('tells a file that is cut off anywhere, before the runtime sees it', async () => {
    const bytes = onnxFile(addTime({ metadata: { author: 'x' } }));
    for (let length = 9; length < bytes.length; length += 7) {
      const path = put(bytes.subarray(0, length));
      const error = await importModel(path).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      // Cut between two fields behind graph and operators, a shorter file is left that is whole.
      if (error === undefined) expect(length).toBeGreaterThan(bytes.length - 20);
      else
        expect(error).toMatchObject({
          code: 'bad-input',
          path,
          message: expect.stringMatching(/ONNX file is damaged/),
        });
    }
    await expect(importModel(put(bytes.subarray(0, 60)))).rejects.toThrowError(
      /graph needs \d+ bytes, \d+ of the model are left/,
    );
  });
});

describe('external data', () => {
  const numbers = Float32Array.from({ length: 4 }, (_, i) => i + 1);
  const model = (location: string, change: { offset?: number | string; length?: number | string } = {}) =>
    onnxFile(
      addTime({
        nodes: [
          ...addTime().nodes.slice(0, 2),
          { op: 'Add', inputs: ['sample', 'column'], outputs: ['sum'] },
          { op: 'Mul', inputs: ['sum', 'factor'], outputs: ['noise'] },
        ],
        weights: [
          ...(addTime().weights ?? []),
          { name: 'factor', dims: [1], external: { location, offset: 8, length: 4, ...change } },
        ],
      }),
    );
  const data = new Uint8Array(numbers.buffer);

  it('are copied with the network, checked by digest, and used', async () => {
    const path = put(model('weights of net.bin'));
    writeFileSync(join(dirname(path), 'weights of net.bin'), data);
    const { folder: prior, manifest } = await importModel(path);
    const copy = join(prior, 'weights of net.bin');
    expect(manifest.weights.data).toEqual([{ file: 'weights of net.bin', sha256: await fileSha256(copy), bytes: 16 }]);
    expect((await evaluatePrior(prior, pair, 1)).data).toEqual(Float32Array.from(plusTime(1), (v) => 3 * v));
    writeFileSync(copy, new Uint8Array(16));
    await expect(evaluatePrior(prior, pair, 1)).rejects.toMatchObject({ code: 'mismatch', path: copy });
    writeFileSync(copy, data.subarray(0, 12));
    await expect(evaluatePrior(prior, pair, 1)).rejects.toThrowError(/12 bytes, the manifest says 16/);
  });

  it.each([
    '../secret.bin',
    '/etc/hostname',
    'sub/w.bin',
    'sub\\w.bin',
    '..',
    '.hidden',
    'C:secret',
    '',
    'Manifest.json',
    'a\u0000b',
  ])('are refused at %j', async (location) => {
    const path = put(model(location));
    mkdirSync(join(dirname(path), 'sub'));
    writeFileSync(join(dirname(path), 'sub', 'w.bin'), data);
    writeFileSync(join(folder, 'secret.bin'), data);
    await expect(importModel(path)).rejects.toMatchObject({ code: 'untrusted' });
    expect(existsSync(`${path}.prior`)).toBe(false);
  });

  it('are refused when missing, short, a folder, or a link that leaves the folder', async () => {
    const missing = put(model('w.bin'));
    await expect(importModel(missing)).rejects.toMatchObject({
      code: 'not-found',
      path: join(dirname(missing), 'w.bin'),
    });
    writeFileSync(join(dirname(missing), 'w.bin'), data.subarray(0, 11));
    await expect(importModel(missing)).rejects.toThrowError(/have 11 bytes, the network needs 12/);
    const directory = put(model('w.bin'));
    mkdirSync(join(dirname(directory), 'w.bin'));
    await expect(importModel(directory)).rejects.toThrowError(/not a file/);
    const link = put(model('w.bin'));
    writeFileSync(join(folder, 'outside.bin'), data);
    symlinkSync(join(folder, 'outside.bin'), join(dirname(link), 'w.bin'));
    await expect(importModel(link)).rejects.toMatchObject({
      code: 'untrusted',
      message: expect.stringMatching(/link/),
    });
    const absurd = put(model('w.bin', { offset: '99999999999999999999' }));
    await expect(importModel(absurd)).rejects.toThrowError(/external data at offset 99999999999999999999/);
  });

  it('a prior folder cannot reach for a file its manifest does not list', async () => {
    const { folder: prior, manifest } = await importBytes(addTime());
    writeFileSync(join(prior, 'model.onnx'), model('/etc/hostname'));
    const path = join(prior, 'model.onnx');
    const weights = { file: 'model.onnx', sha256: await fileSha256(path), bytes: readFileSync(path).length };
    writeFileSync(join(prior, 'manifest.json'), JSON.stringify({ ...manifest, weights }));
    await expect(evaluatePrior(prior, pair, 1)).rejects.toMatchObject({
      code: 'untrusted',
      message: expect.stringMatching(/"\/etc\/hostname", which its manifest does not list/),
    });
  });
});

describe('describeWeights of ONNX', () => {
  it('lists what cannot be used as a problem, with the ends it found', async () => {
    const found = await describeWeights(
      put(onnxFile(addTime({ inputs: [addTime().inputs[0], { name: 'timestep', dims: ['batch', 8] }] }))),
    );
    expect(found.problems).toEqual([expect.stringMatching(/timestep float32\[batch, 8\]/)]);
  });
});
