import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSafetensors, writeSafetensors } from '../../engine/prior/safetensors.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const path = join(folder, 'w.safetensors');

function write(header: unknown, dataBytes: number, change: { length?: bigint } = {}): void {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, change.length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  writeFileSync(path, bytes);
}

const f32 = (shape: number[], begin: number, end: number) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

describe('safetensors', () => {
  it('returns what was written, float32 exactly and float16 rounded', async () => {
    const shapes = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(shapes, fc.boolean(), async (list, half) => {
        const tensors = new Map(
          list.map((shape, j) => {
            const length = shape.reduce((n, s) => n * s, 1);
            return [`layer.${j}`, { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i + 10 * j)) }];
          }),
        );
        await writeSafetensors(path, memoryWeights(tensors), { dtype: half ? 'F16' : 'F32', metadata: { step: '7' } });
        const source = await openSafetensors(path);
        expect(source.metadata).toEqual({ step: '7' });
        for (const [name, { shape, data }] of tensors) {
          expect(source.tensors.get(name)?.shape).toEqual(shape);
          expect(await source.read(name)).toEqual(half ? Float32Array.from(Float16Array.from(data)) : data);
        }
        await source.close();
      }),
      { numRuns: 25 },
    );
  });

  it('sorts keys and aligns tensors to 8 bytes', async () => {
    const tensor = (n: number) => ({ shape: [n], data: new Float32Array(n) });
    await writeSafetensors(
      path,
      memoryWeights(
        new Map([
          ['b', tensor(2)],
          ['c', tensor(3)],
          ['a', tensor(4)],
        ]),
      ),
    );
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    expect(length % 8).toBe(0);
    expect(Object.keys(header)).toEqual(['a', 'b', 'c']);
    for (const entry of Object.values<{ data_offsets: number[] }>(header)) expect(entry.data_offsets[0] % 8).toBe(0);
  });

  it('leaves nothing behind when a tensor cannot be read', async () => {
    const broken = {
      ...memoryWeights(new Map([['w', { shape: [1], data: new Float32Array(1) }]])),
      read: () => Promise.reject(new Error('gone')),
    };
    await expect(writeSafetensors(join(folder, 'never.safetensors'), broken)).rejects.toThrowError('gone');
    expect(readdirSync(folder).filter((f) => f.startsWith('never'))).toEqual([]);
  });

  it.each<[string, unknown, number, RegExp]>([
    ['not JSON', '{"a":', 0, /not valid JSON/],
    ['a list', [1], 0, /not a JSON object/],
    ['an unknown dtype', { a: { dtype: 'I8', shape: [1], data_offsets: [0, 1] } }, 1, /dtype I8/],
    ['2^40 elements', { a: f32([2 ** 20, 2 ** 20], 0, 2 ** 42) }, 4, /would take 4398046511104 bytes/],
    ['offsets beyond the file', { a: f32([2], 0, 8) }, 4, /needs 8 bytes, found offsets 0 to 8 in 4/],
    ['a shape of another size', { a: f32([2], 0, 4) }, 4, /needs 8 bytes, found offsets 0 to 4/],
    ['overlapping tensors', { a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4, /starts at 0, expected 4/],
    ['a gap', { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, /starts at 8, expected 4/],
    ['bytes after the last tensor', { a: f32([1], 0, 4) }, 8, /fill 4 bytes, the file has 8/],
    ['a negative size', { a: f32([-1], 0, 4) }, 4, /malformed/],
  ])('refuses a header with %s', async (_, header, bytes, message) => {
    write(header, bytes);
    await expect(openSafetensors(path)).rejects.toMatchObject({
      name: 'EngineError',
      code: 'bad-input',
      message: expect.stringMatching(message),
    });
  });

  it('refuses an absurd header length before reading it', async () => {
    write({}, 0, { length: 2n ** 40n });
    await expect(openSafetensors(path)).rejects.toThrowError(/claims 1099511627776 bytes/);
  });
});
