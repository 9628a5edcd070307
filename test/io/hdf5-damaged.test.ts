/** The HDF5 library may abort or loop on a damaged file; the program sees an EngineError and goes on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import h5wasm from 'h5wasm/node';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { withHdf5 } from '../../engine/io/hdf5-file.ts';
import { hdf5Scan } from '../../engine/io/hdf5-scan.ts';
import { numbered } from './arrays.ts';
import { engineErrorFrom } from './engine-error-of.ts';
import { complexRecords, hdf5File } from './hdf5-fixture.ts';
import { headerXml } from './make-readouts.ts';
import { mutate, mutations } from './mutations.ts';
import { temporaryFolder } from './temporary-folder.ts';

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
      { numRuns: 8 },
    );
    writeFileSync(path, original);
    expect((await hdf5Scan(path)).kspace.shape).toEqual([2, 2, 4, 4]);
  });

  test('a dataset that claims more than the file can hold is refused before it is read', async () => {
    // A chunked dataset stretched to 2^40 numbers stores only what was written.
    const path = join(temporaryFolder(), 'scan.h5');
    const file = new h5wasm.File(path, 'w');
    const data = new Float32Array(4);
    file.create_dataset({ name: 'kspace', data, shape: [4], maxshape: [null], chunks: [4] }).resize([2 ** 40]);
    file.close();
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
