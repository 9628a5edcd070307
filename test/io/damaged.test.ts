/** Damaged files: every reader gives a value or an EngineError, and never takes memory the file does not justify. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { EngineError } from '../../engine/errors.ts';
import { cflToSlices, readCfl, slicesToCfl, writeCfl } from '../../engine/io/cfl.ts';
import { readNifti, writeNifti } from '../../engine/io/nifti.ts';
import { readNpy, writeNpy } from '../../engine/io/npy.ts';
import { readNpz, writeNpz } from '../../engine/io/npz.ts';
import { npzScan } from '../../engine/io/npz-scan.ts';
import { numbered } from './arrays.ts';
import { mutate, mutations } from './mutations.ts';

const kspace = numbered([2, 6, 5]);
const volume = ndarray(
  'float32',
  [2, 3, 4],
  Float32Array.from({ length: 24 }, (_, i) => i / 3),
);
const geometry = [0, 1].map((z) => ({
  position: [0, 0, 2 * z] as [number, number, number],
  rowCosines: [1, 0, 0] as [number, number, number],
  columnCosines: [0, 1, 0] as [number, number, number],
}));
const nifti = writeNifti({ volume, spacingMm: [2, 1, 1], geometry });
const pair = writeCfl(slicesToCfl(kspace));

/** Bytes of memory a reader may hold beside its result for files this small. */
const ALLOWANCE = 24 << 20;

const readers: [name: string, seed: Uint8Array, read: (bytes: Uint8Array) => unknown][] = [
  ['npy', writeNpy(kspace), (bytes) => readNpy(bytes, 'x')],
  ['npy of integers', writeNpy(ndarray('int16', [3, 4], new Int16Array(12))), (bytes) => readNpy(bytes, 'x')],
  [
    'npz',
    writeNpz({ kspace, mask: ndarray('uint8', [6, 5], new Uint8Array(30).fill(1)) }),
    (bytes) => readNpz(bytes, 'x'),
  ],
  ['npz as a scan', zipSync({ 'kspace.npy': writeNpy(kspace) }, { level: 0 }), (bytes) => npzScan(bytes, 'x')],
  ['nifti', nifti, (bytes) => readNifti(bytes, 'x')],
  ['nifti.gz', new Uint8Array(gzipSync(nifti)), (bytes) => readNifti(bytes, 'x')],
  ['cfl header', pair.header, (bytes) => cflToSlices(readCfl(bytes, pair.data, 'x'))],
  ['cfl data', pair.data, (bytes) => cflToSlices(readCfl(pair.header, bytes, 'x'))],
];

describe('damage gives a value or an EngineError', () => {
  test.each(readers)('%s', (_, seed, read) => {
    fc.assert(
      fc.property(mutations, (steps) => {
        const bytes = mutate(seed, steps);
        const before = process.memoryUsage().arrayBuffers;
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(ALLOWANCE);
      }),
      { numRuns: 400 },
    );
  });

  test.each(readers)('%s: a truncated file is refused unless nothing that counts is missing', (_, seed, read) => {
    const whole = read(seed);
    for (let length = 0; length < seed.length; length += Math.max(1, Math.floor(seed.length / 200))) {
      let value: unknown;
      try {
        value = read(new Uint8Array(seed.subarray(0, length)));
      } catch (error) {
        expect(error).toBeInstanceOf(EngineError);
        continue;
      }
      expect(value).toEqual(whole);
    }
  });

  test.each(readers)('%s: random bytes', (_, _seed, read) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
