/** Arbitrary and damaged bytes give a value or an EngineError, soon, whatever sizes they claim. */
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { contentStartInFile, listZip, listZipFile, readZipMember } from '../../engine/io/zip.ts';
import { parseManifest } from '../../engine/prior/manifest.ts';
import { readOnnx } from '../../engine/prior/onnx/read-onnx.ts';
import { readPickle } from '../../engine/prior/pickle.ts';
import { parseReferenceConfig } from '../../engine/prior/reference-config.ts';
import { openSafetensors } from '../../engine/prior/safetensors.ts';
import { bytesOf, dictPiece, type Piece, protocol2, storedZip, tensorPiece, text } from './checkpoint-writer.ts';
import { addTime, onnxFile } from './onnx-writer.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { manifestOfTiny } from './tiny-prior.ts';

const folder = temporaryFolder();
const path = join(folder, 'fuzz');
const codes = ['bad-input', 'untrusted', 'unsupported', 'mismatch'];

/** True when the work gave a value, false when it was refused in the way meant for people. */
async function attempt(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    expect(codes).toContain((error as EngineError).code);
    expect((error as EngineError).message.length).toBeLessThan(1000);
    return false;
  }
}

/** Some bytes of a valid file set to others; extremes are likelier, since sizes hide in them. */
function damaged(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const value = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 }));
  const change = fc.tuple(fc.integer({ min: 0, max: valid.length - 1 }), value);
  const cut = fc.oneof(
    { weight: 4, arbitrary: fc.constant(valid.length) },
    { weight: 1, arbitrary: fc.nat(valid.length) },
  );
  return fc.tuple(fc.array(change, { minLength: 1, maxLength: 12 }), cut).map(([changes, length]) => {
    const copy = Uint8Array.from(valid);
    for (const [at, v] of changes) copy[at] = v;
    return copy.subarray(0, length);
  });
}

/** Runs the reader over arbitrary and damaged inputs; some must have been refused, and the valid one must pass. */
async function survives(valid: Uint8Array, runs: number, read: (bytes: Uint8Array) => unknown): Promise<void> {
  expect(await attempt(() => read(valid))).toBe(true);
  let refused = 0;
  const inputs = fc.oneof(
    { weight: 3, arbitrary: damaged(valid) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  );
  await fc.assert(
    fc.asyncProperty(inputs, async (bytes) => {
      if (!(await attempt(() => read(bytes)))) refused++;
    }),
    { numRuns: runs },
  );
  expect(refused).toBeGreaterThan(0);
}

const tensor = { storage: '0', type: 'FloatStorage', count: 2, offset: 0, shape: [2], strides: [1] };
const pickle = bytesOf([protocol2, dictPiece([['w', tensorPiece(tensor)]]), '.']);

describe('readPickle', () => {
  it('survives damaged pickles', () => survives(pickle, 3000, (bytes) => readPickle(bytes, 'fuzz')));

  it('survives any sequence of its own instructions', async () => {
    // Opcodes with fitting arguments, in no sensible order.
    const u32 = fc
      .oneof(fc.constantFrom(0, 1, 3, 255, 2 ** 31 - 1, 2 ** 32 - 1), fc.nat(300))
      .map((n) => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24]);
    const byte = fc.integer({ min: 0, max: 255 });
    const plain = fc
      .constantFrom(...'}])(tlduseaRbQN.0125', '\x85', '\x86', '\x87', '\x88', '\x89', '\x93', '\x94')
      .map((c) => c.charCodeAt(0));
    const names = fc.constantFrom(
      'collections\nOrderedDict',
      'torch._utils\n_rebuild_tensor_v2',
      'torch\nFloatStorage',
      'os\nsystem',
      'nt\nsystem',
      'builtins\neval',
    );
    const piece: fc.Arbitrary<Piece> = fc.oneof(
      { weight: 6, arbitrary: plain },
      names.map((name): Piece => ['c', `${name}\n`]),
      fc.constantFrom('storage', 'w', 'builtins', 'eval').map(text),
      u32.map((n): Piece => ['X', n]),
      u32.map((n): Piece => ['J', n]),
      u32.map((n): Piece => ['r', n]),
      u32.map((n): Piece => ['j', n]),
      fc.tuple(fc.constantFrom(0x4b, 0x71, 0x68, 0x8a, 0x8c), byte).map(([op, n]): Piece => [op, n]),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        await attempt(() => readPickle(bytesOf([protocol2, pieces, '.']), 'fuzz'));
      }),
      { numRuns: 3000 },
    );
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ['a million and one empty dictionaries', () => new Uint8Array(1_000_002).fill(0x7d), /more than 1000000 values/],
    [
      'more remembered values than values',
      () => {
        const bytes = new Uint8Array(3 + 5 * 1_000_002);
        bytes.set([0x80, 2, 0x4e]);
        const view = new DataView(bytes.buffer);
        for (let i = 0; i <= 1_000_001; i++) {
          bytes[3 + 5 * i] = 0x72;
          view.setUint32(4 + 5 * i, i, true);
        }
        return bytes;
      },
      /more than 1000000 remembered values/,
    ],
    [
      'a list remembered and put into itself again and again',
      () => bytesOf([protocol2, ']', ['q', 0], new Array(400_000).fill([['h', 0], 'a'])]),
      /ends early/,
    ],
    ['a text of 4 GiB', () => bytesOf([protocol2, 'X', 255, 255, 255, 255]), /4294967295 bytes expected, 0 left/],
    [
      'a whole number of 255 bytes',
      () => bytesOf([protocol2, 0x8a, 255, new Array(255).fill(1)]),
      /whole number of 255/,
    ],
    ['a hundred thousand nested tuples', () => bytesOf([protocol2, ')', new Array(100_000).fill(0x85)]), /ends early/],
    [
      'a frame of 2^63 bytes',
      () => bytesOf([protocol2, 0x95, new Array(7).fill(255), 0x7f, '}', '}', '.']),
      /leaves values behind/,
    ],
  ])('stops at %s', (_, make, message) => {
    const bytes = make();
    const before = process.memoryUsage().arrayBuffers;
    expect(() => readPickle(bytes, 'bomb')).toThrowError(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) }),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('shows only the beginning of a name that is no name', () => {
    const long = 'x'.repeat(100_000);
    const error = (() => {
      try {
        readPickle(bytesOf([protocol2, text(long), text('y'), 0x93, '.']), 'long');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'untrusted' });
    expect((error as Error).message.length).toBeLessThan(200);
  });
});

describe.each(['32-bit', '64-bit'])('a %s ZIP directory', (kind) => {
  const valid = storedZip(
    [
      ['a/data.pkl', pickle],
      ['a/data/0', new Uint8Array(8)],
    ],
    { wide: kind === '64-bit' },
  );

  it('survives damage in memory and in a file, with the same verdict', () =>
    survives(valid, 400, async (bytes) => {
      writeFileSync(path, bytes);
      const file = await open(path);
      try {
        const list = async () => listZipFile(file, path);
        const [inMemory, inFile] = await Promise.allSettled([(async () => listZip(bytes, path))(), list()]);
        expect(inFile.status).toBe(inMemory.status);
        if (inMemory.status === 'rejected') throw inMemory.reason;
        expect(inFile).toEqual(inMemory);
        for (const member of inMemory.value) {
          readZipMember(bytes, member, { path });
          await contentStartInFile(file, bytes.length, member, path);
        }
      } finally {
        await file.close();
      }
    }));

  it('refuses members that share bytes', () => {
    const bytes = Uint8Array.from(valid);
    const view = new DataView(bytes.buffer);
    const rows: number[] = [];
    for (let i = 0; i + 4 <= bytes.length; i++) if (view.getUint32(i, true) === 0x02014b50) rows.push(i);
    const [first, second] = rows;
    // The second member is said to start where the first does.
    if (kind === '32-bit') view.setUint32(second + 42, view.getUint32(first + 42, true), true);
    else view.setBigUint64(second + 46 + 'a/data/0'.length + 4 + 16, 0n, true);
    expect(() => listZip(bytes, 'bomb.zip')).toThrowError(
      expect.objectContaining({ code: 'bad-input', path: 'bomb.zip', message: expect.stringMatching(/past the next/) }),
    );
  });

  it('refuses a member count no directory has room for', () => {
    const bytes = Uint8Array.from(valid);
    const view = new DataView(bytes.buffer);
    if (kind === '32-bit') view.setUint16(bytes.length - 12, 60_000, true);
    else view.setBigUint64(bytes.length - 22 - 20 - 56 + 32, 2n ** 40n, true);
    expect(() => listZip(bytes)).toThrowError(/members claimed, the directory has no room/);
  });
});

describe('other readers', () => {
  const onFile = (read: () => unknown) => (bytes: Uint8Array) => {
    writeFileSync(path, bytes);
    return read();
  };

  it('safetensors survives damage', () => {
    const header = JSON.stringify({
      __metadata__: { a: 'b' },
      v: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
      w: { dtype: 'F16', shape: [3], data_offsets: [8, 14] },
    });
    const valid = new Uint8Array(8 + header.length + 14);
    new DataView(valid.buffer).setBigUint64(0, BigInt(header.length), true);
    valid.set(new TextEncoder().encode(header), 8);
    return survives(
      valid,
      600,
      onFile(async () => {
        const source = await openSafetensors(path);
        for (const name of source.tensors.keys()) await source.read(name);
        await source.close();
      }),
    );
  });

  it('the look into ONNX files survives damage', () =>
    survives(
      onnxFile(
        addTime({
          metadata: { author: 'x' },
          weights: [{ name: 'w', dims: [1], external: { location: 'w.bin', offset: 0, length: 4 } }],
        }),
      ),
      600,
      onFile(() => readOnnx(path)),
    ));

  it('the look into ONNX files ends at absurd lengths and endless nesting', async () => {
    const huge = [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    writeFileSync(path, Uint8Array.from([8, 8, ...huge]));
    await expect(readOnnx(path)).rejects.toThrowError(/graph needs 9\d{18} bytes, 0 of the model are left/);
    // graph → node → attribute → graph …, each the whole rest of the file.
    let inner: number[] = [];
    const wrap = (field: number, content: number[]) => {
      const length = [(content.length & 127) | 128, ((content.length >> 7) & 127) | 128, content.length >> 14];
      return [field * 8 + 2, ...length, ...content];
    };
    for (let i = 0; i < 60; i++) inner = wrap(1, wrap(5, wrap(6, inner)));
    writeFileSync(path, Uint8Array.from([8, 8, ...wrap(7, inner)]));
    await expect(readOnnx(path)).rejects.toThrowError(/nest more than 64 deep/);
    // Two million and one fields of two bytes.
    writeFileSync(path, new Uint8Array(4_000_004).fill(8));
    await expect(readOnnx(path)).rejects.toThrowError(/more than 2000000 fields/);
  }, 30_000);

  it('manifests survive any JSON and any field of another kind', async () => {
    const valid = manifestOfTiny();
    expect(await attempt(() => parseManifest(JSON.stringify(valid), 'manifest.json'))).toBe(true);
    const fields = fc.constantFrom(...Object.keys(valid), 'provenance', '__proto__');
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fields, fc.jsonValue(), async (field, value) => {
        const json = JSON.stringify({ ...valid, [field]: value });
        if (!(await attempt(() => parseManifest(json, 'manifest.json')))) refused++;
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(300);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (json) => {
        expect(await attempt(() => parseManifest(json, 'manifest.json'))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    '../w.safetensors',
    '/etc/passwd',
    'sub/w',
    '..',
    '.w',
    '',
    'a\\b',
    'x'.repeat(200),
  ])('a manifest whose weights are in %j is refused by field', (file) => {
    const of = (weights: object) => () => parseManifest(JSON.stringify(manifestOfTiny({ weights })), 'm');
    const sha256 = '0'.repeat(64);
    expect(of({ file, sha256, bytes: 1 })).toThrowError(/weights\.file/);
    if (file.length > 200 || /^[./]|^$|[\\/]/.test(file))
      expect(of({ file: 'w', sha256, bytes: 1, data: [{ file, sha256, bytes: 1 }] })).toThrowError(
        /weights\.data\.0\.file/,
      );
  });

  it('configurations survive any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await attempt(() => parseReferenceConfig(value, 'config.json'));
      }),
      { numRuns: 300 },
    );
  });
});
