import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { filmResUNet } from '../../engine/prior/architectures/film-resunet.ts';
import { parameterShapes } from '../../engine/prior/graph.ts';
import { collect, emitOnnx } from '../../engine/prior/onnx/emit-onnx.ts';
import { openWeights } from '../../engine/prior/open-weights.ts';
import { describeWeights, importPrior } from '../../engine/prior/registry.ts';
import { writeSafetensors } from '../../engine/prior/safetensors.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import { checkpointFile } from './checkpoint-writer.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const network = filmResUNet({
  kind: 'film-resunet',
  channels: 1,
  width: 2,
  mult: [1, 2],
  blocks: [1, 1],
  embedding: 4,
});
const tensors = new Map(
  [...parameterShapes(network)].map(([name, shape]) => {
    const length = shape.reduce((n, s) => n * s, 1);
    return [name, { shape, data: Float32Array.from({ length }, (_, i) => Math.cos(i)) }] as const;
  }),
);

async function whole(format: string): Promise<Uint8Array> {
  if (format === 'pt') return checkpointFile(tensors, { wrapper: 'model', wide: true });
  if (format === 'onnx') return collect(emitOnnx(network, memoryWeights(tensors)).model);
  const path = join(folder, 'whole.safetensors');
  await writeSafetensors(path, memoryWeights(tensors));
  return readFileSync(path);
}

/** Reads everything a program would read; any failure must be one meant for people. */
async function readAll(path: string, format: string): Promise<boolean> {
  try {
    await describeWeights(path);
    if (format === 'onnx') return true;
    const source = await openWeights(path);
    try {
      for (const name of source.tensors.keys()) await source.read(name);
    } finally {
      await source.close();
    }
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    expect(['bad-input', 'untrusted', 'unsupported', 'mismatch']).toContain((error as EngineError).code);
    return false;
  }
}

describe.each(['pt', 'safetensors', 'onnx'])('a damaged .%s file', (format) => {
  const path = join(folder, `damaged.${format}`);

  it('fails with a reason wherever it is cut off', async () => {
    const bytes = await whole(format);
    const runs = format === 'onnx' ? 12 : 60;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        writeFileSync(path, bytes.subarray(0, length));
        expect(await readAll(path, format)).toBe(false);
      }),
      { numRuns: runs },
    );
  });

  it('never fails otherwise than with a reason when bytes are changed', async () => {
    const bytes = await whole(format);
    const change = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    const runs = format === 'onnx' ? 12 : 150;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 24 }), async (changes) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        writeFileSync(path, copy);
        if (!(await readAll(path, format))) refused++;
      }),
      { numRuns: runs },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('reads the undamaged file', async () => {
    writeFileSync(path, await whole(format));
    expect(await readAll(path, format)).toBe(true);
  });
});

describe('other files', () => {
  it.each([
    ['empty', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('these are not the weights you are looking for')],
    ['zeros', new Uint8Array(4096)],
    ['an image', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0, 0, 0, 1])],
  ])('refuses %s', async (_, bytes) => {
    const path = join(folder, 'other');
    writeFileSync(path, bytes);
    await expect(importPrior(path, { out: join(folder, 'out') })).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('refuses a folder and a missing file', async () => {
    await expect(describeWeights(folder)).rejects.toBeInstanceOf(EngineError);
    await expect(describeWeights(join(folder, 'nowhere.pt'))).rejects.toMatchObject({ code: 'not-found' });
  });
});
