import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import { jsonOf, tangent } from './tangent-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-info-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** k-space [2, 3, 8, 12], columns 1, 4, 5, 6, 7, 10 measured. */
function kspace() {
  const columns = [1, 4, 5, 6, 7, 10];
  const data = new Float32Array(2 * 2 * 3 * 8 * 12);
  for (let i = 0; i < data.length; i++) data[i] = columns.includes(Math.floor(i / 2) % 12) ? 1 + (i % 7) : 0;
  return ndarray('complex64', [2, 3, 8, 12], data);
}

describe('info', () => {
  test('npz: k-space, mask from the zeros, spacing', async () => {
    const file = join(folder, 'scan.npz');
    const spacing_mm = ndarray('float64', [3], Float64Array.of(5, 1, 0.5));
    await writeFile(file, writeNpz({ kspace: kspace(), spacing_mm }));
    const result = await tangent(['info', file, '--json']);
    expect(result.code).toBe(0);
    expect(jsonOf(result)).toMatchObject({
      format: 'npz',
      kind: 'kspace',
      modality: 'MR',
      matrix: [8, 12],
      slices: 2,
      coils: 3,
      shape: [2, 3, 8, 12],
      dtype: 'complex64',
      spacing_mm: [5, 1, 0.5],
      mask: { kind: 'columns', measured_fraction: 0.5, acs_lines: 4 },
      acceleration: 2,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('the digest does not depend on name or place', async () => {
    const bytes = writeNpz({ kspace: kspace() });
    const digests: unknown[] = [];
    for (const name of ['a.npz', 'other-name']) {
      await writeFile(join(folder, name), bytes);
      digests.push((jsonOf(await tangent(['info', join(folder, name), '--json'])) as { digest: string }).digest);
    }
    expect(digests[0]).toBe(digests[1]);
  });

  test('npy: a complex array of three axes is one slice of several coils', async () => {
    const file = join(folder, 'coils.npy');
    await writeFile(file, writeNpy(ndarray('complex64', [3, 4, 4], new Float32Array(96).fill(1))));
    const result = await tangent(['info', file, '--json']);
    expect(jsonOf(result)).toMatchObject({
      format: 'npy',
      kind: 'kspace',
      slices: 1,
      coils: 3,
      mask: { kind: 'full' },
    });
  });

  test('for a person: a line each', async () => {
    const file = join(folder, 'person.npz');
    await writeFile(file, writeNpz({ kspace: kspace() }));
    const { code, stdout } = await tangent(['info', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^coils\s+3$/m);
    expect(stdout).toMatch(/^mask\s+columns, 50 % measured, 4 central lines complete$/m);
  });
});
