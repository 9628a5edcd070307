import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elements } from '../../engine/arrays/ndarray.ts';
import { parseNpy, readNpy, readNpyText, writeNpy } from '../../engine/io/npy.ts';
import { parseNpyHeader } from '../../engine/io/npy-header.ts';
import { anyArray } from './arrays.ts';
import { engineErrorOf } from './engine-error-of.ts';
import { sharedBytes, sharedPresent } from './shared-file.ts';

/** A .npy file with any header text, padded as NumPy does. */
function npyFile(header: string, body: ArrayBuffer | Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const start = version === 1 ? 10 : 12;
  const data = body instanceof Uint8Array ? body : new Uint8Array(body);
  const bytes = new Uint8Array(start + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(text, start);
  bytes.set(data, start + text.length);
  return bytes;
}

const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

describe('npy', () => {
  test('an array survives writing and reading, bit by bit', () => {
    fc.assert(
      fc.property(anyArray, (a) => {
        const b = readNpy(writeNpy(a));
        expect(b.dtype).toBe(a.dtype);
        expect(b.shape).toEqual(a.shape);
        const bytes = (x: typeof a): Uint8Array => new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength);
        expect(bytes(b)).toEqual(bytes(a));
      }),
    );
  });

  test('the written header is what NumPy writes: version 1, padded to 64 bytes, ending in a newline', () => {
    fc.assert(
      fc.property(anyArray, (a) => {
        const bytes = writeNpy(a);
        const { dataOffset } = parseNpyHeader(bytes);
        expect(dataOffset % 64).toBe(0);
        expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
        expect(bytes[dataOffset - 1]).toBe(0x0a);
        expect(bytes.length - dataOffset).toBe(a.data.byteLength);
      }),
    );
  });

  test.each([1, 2, 3])('version %i', (version) => {
    const file = npyFile(header('<f4', '(2,)'), Float32Array.of(1.5, -2).buffer, version);
    expect(readNpy(file)).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(1.5, -2) });
  });

  test('big endian words are turned, the two parts of a complex number each', () => {
    const body = new DataView(new ArrayBuffer(16));
    body.setFloat32(0, 1.25);
    body.setFloat32(4, -3);
    body.setFloat32(8, 0.5);
    body.setFloat32(12, 7);
    expect([...readNpy(npyFile(header('>c8', '(2,)'), body.buffer)).data]).toEqual([1.25, -3, 0.5, 7]);
    expect([...readNpy(npyFile(header('>u2', '(1, 2)'), Uint8Array.of(1, 2, 255, 0))).data]).toEqual([258, 65280]);
  });

  test('Fortran order becomes C order, in three axes and for complex numbers', () => {
    const [n0, n1, n2] = [2, 3, 4];
    const stored = new Float32Array(2 * n0 * n1 * n2);
    for (let i = 0; i < n0; i++)
      for (let j = 0; j < n1; j++)
        for (let k = 0; k < n2; k++) stored.set([100 * i + 10 * j + k, -i], 2 * (i + n0 * (j + n1 * k)));
    const a = readNpy(npyFile(header('<c8', '(2, 3, 4)', 'True'), stored.buffer));
    for (let i = 0; i < n0; i++)
      for (let j = 0; j < n1; j++)
        for (let k = 0; k < n2; k++) {
          const at = 2 * ((i * n1 + j) * n2 + k);
          expect([a.data[at], a.data[at + 1]]).toEqual([100 * i + 10 * j + k, -i]);
        }
  });

  test('conversions: half to single exactly, double complex to single, booleans to 0 and 1, 64-bit integers', () => {
    const half = readNpy(npyFile(header('<f2', '(3,)'), Uint8Array.of(0, 0x3c, 0, 0xc0, 1, 0)));
    expect(half).toEqual({ dtype: 'float32', shape: [3], data: Float32Array.of(1, -2, 2 ** -24) });
    const wide = parseNpy(npyFile(header('<c16', '()'), Float64Array.of(0.1, 2).buffer));
    expect(wide.array.data).toEqual(Float32Array.of(0.1, 2));
    expect(wide.descr).toBe('<c16');
    expect([...readNpy(npyFile(header('|b1', '(4,)'), Uint8Array.of(0, 1, 2, 255))).data]).toEqual([0, 1, 1, 1]);
    expect(readNpy(npyFile(header('<i8', '(2,)'), BigInt64Array.of(-5n, 7n).buffer))).toEqual({
      dtype: 'int32',
      shape: [2],
      data: Int32Array.of(-5, 7),
    });
    expect(readNpy(npyFile(header('<u8', '(1,)'), BigUint64Array.of(2n ** 40n).buffer)).data).toEqual(
      Float64Array.of(2 ** 40),
    );
    const beyond = engineErrorOf(() =>
      readNpy(npyFile(header('<i8', '(1,)'), BigInt64Array.of(2n ** 53n + 1n).buffer)),
    );
    expect(beyond.code).toBe('unsupported');
  });

  test.each([
    ['an object array', npyFile(header('|O', '(1,)'), new Uint8Array(8)), 'untrusted'],
    ['text', npyFile(header('<U3', '(1,)'), new Uint8Array(12)), 'unsupported'],
    [
      'records',
      npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)),
      'unsupported',
    ],
    ['no magic', new Uint8Array(64), 'bad-input'],
    ['nothing', new Uint8Array(0), 'bad-input'],
    ['another version', npyFile(header('<f4', '(1,)'), new Uint8Array(4), 9), 'bad-input'],
    ['a negative size', npyFile(header('<f4', '(-1,)'), new Uint8Array(4)), 'bad-input'],
    ['a header that calls a function', npyFile("__import__('os').system('x')", new Uint8Array(4)), 'bad-input'],
    ['deep nesting', npyFile('('.repeat(2000), new Uint8Array(4)), 'bad-input'],
  ])('%s is refused', (_, bytes, code) => {
    expect(engineErrorOf(() => readNpy(bytes, 'scan.npy')).code).toBe(code);
  });

  test('truncation names the promised and the found size', () => {
    const whole = writeNpy({ dtype: 'float32', shape: [10], data: new Float32Array(10) });
    const error = engineErrorOf(() => readNpy(whole.subarray(0, whole.length - 1), 'scan.npy'));
    expect(error.message).toContain('40 bytes');
    expect(error.message).toContain('found 39');
    expect(error.path).toBe('scan.npy');
  });

  test.each([
    '(1099511627776,)',
    '(1048576, 1048576)',
    '(0, 9007199254740991)',
    '(99999, 99999, 99999, 99999)',
  ])('a claim of %s is refused before anything is allocated', (shape) => {
    const file = npyFile(header('<f4', shape), new Uint8Array(16));
    const before = process.memoryUsage().arrayBuffers;
    const error = engineErrorOf(() => readNpy(file));
    expect(error.code).toBe('bad-input');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });

  test('text of both kinds', () => {
    const points = Uint32Array.from([...'a°b\0'].map((c) => c.codePointAt(0) ?? 0));
    expect(readNpyText(npyFile(header('<U4', '()'), points.buffer))).toBe('a°b');
    expect(readNpyText(npyFile(header('|S3', '()'), Uint8Array.of(72, 105, 0)))).toBe('Hi');
  });

  test.skipIf(!sharedPresent)('a real file: 7-coil k-space', () => {
    const a = readNpy(sharedBytes('kspace/brain_t1_7ch.npy'));
    expect(a.dtype).toBe('complex64');
    expect(a.shape).toEqual([7, 256, 216]);
    expect(a.data.length).toBe(2 * elements(a.shape));
    // Zero frequency, the largest sample of every coil, lies at floor(n/2).
    const energy = (y: number, x: number): number =>
      Math.hypot(a.data[2 * (y * 216 + x)], a.data[2 * (y * 216 + x) + 1]);
    expect(energy(128, 108)).toBeGreaterThan(100 * energy(10, 10));
  });
});
