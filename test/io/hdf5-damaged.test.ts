/** The HDF5 library may abort or loop on a damaged file; the program sees an EngineError and goes on. */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { withHdf5 } from '../../engine/io/hdf5-file.ts';
import { hdf5Scan } from '../../engine/io/hdf5-scan.ts';
import { numbered } from './arrays.ts';
import { engineErrorFrom } from './engine-error-of.ts';
import { complexRecords, hdf5File } from './hdf5-fixture.ts';
import { headerXml } from './make-readouts.ts';
import { mutate, mutations } from './mutations.ts';

const fixture = (): string =>
  hdf5File({
    kspace: { ...complexRecords(numbered([2, 2, 4, 4])), chunks: [1, 2, 4, 4], compression: 4 },
    ismrmrd_header: { data: headerXml({ encoded: [4, 4, 1] }) },
  });

describe('damaged HDF5', () => {
  test('mutated files give a scan or an EngineError', async () => {
    const path = fixture();
    const original = new Uint8Array(readFileSync(path));
    await fc.assert(
      fc.asyncProperty(mutations, async (steps) => {
        writeFileSync(path, mutate(original, steps));
        try {
          expect((await hdf5Scan(path, undefined, { stepMs: 3000 })).kind).toBe('kspace');
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 14 },
    );
    writeFileSync(path, original);
    expect((await hdf5Scan(path)).kspace.shape).toEqual([2, 2, 4, 4]);
  });

  test('a dataset that claims more than the file can hold is refused before it is read', async () => {
    const path = hdf5File({ kspace: { data: new Float32Array(4), shape: [4] } });
    const bytes = new Uint8Array(readFileSync(path));
    // The only four-element extent in the file is that of the dataset: make it 2^40.
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let changed = 0;
    for (let at = 0; at + 8 <= bytes.length; at++)
      if (view.getBigUint64(at, true) === 4n && bytes[at - 4] === 2 && bytes[at - 3] === 1) {
        view.setBigUint64(at, 2n ** 40n, true);
        view.setBigUint64(at + 8, 2n ** 40n, true);
        changed++;
      }
    expect(changed).toBe(1);
    writeFileSync(path, bytes);
    const before = process.memoryUsage().arrayBuffers;
    const error = await engineErrorFrom(() => withHdf5(path, async (file) => file.dataset('/kspace')));
    expect(error.message).toContain('claims');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
  });

  test('a library that does not answer in time is given up', async () => {
    const error = await engineErrorFrom(() => withHdf5(fixture(), async (file) => file.list('/'), { stepMs: 0 }));
    expect(error.message).toContain('no answer');
  });

  test('a file that is not there', async () => {
    expect((await engineErrorFrom(() => hdf5Scan('/nowhere/x.h5'))).code).toBe('not-found');
  });
});
