/** The last section of the contract: each case ends with 2, names file, field, found and expected, and leaves nothing. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import { jsonOf, tangent } from './tangent-process.ts';
import { ellipses, tinyScan } from './tiny-scan.ts';

let folder: string;
const scan = tinyScan({ slices: 1, size: 16, coils: 2 });
const { kspace, mask } = scan.arrays as { kspace: NdArray<'complex64'>; mask: NdArray<'uint8'> };
const good = writeNpz({ kspace, mask });

function changed(array: NdArray<'complex64'>, at: number, value: number): NdArray<'complex64'> {
  const data = array.data.slice();
  data[at] = value;
  return { ...array, data };
}

/** .npy that claims 2^40 elements and holds 16 bytes. */
function absurd(): Uint8Array {
  const header = "{'descr': '<c8', 'fortran_order': False, 'shape': (1048576, 1048576), }";
  const padded = `${header.padEnd(128 - 10 - 1)}\n`;
  const bytes = Buffer.alloc(128 + 16);
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(padded.length, 8);
  bytes.write(padded, 10, 'latin1');
  return bytes;
}

const firstMeasured = kspace.data.findIndex((v) => v !== 0);
const emptyColumn = mask.data.findIndex((v) => v === 0);

interface Case {
  name: string;
  file: string;
  bytes: () => Uint8Array | string;
  extra?: string[];
  message: RegExp;
  path: RegExp;
}

const cases: Case[] = [
  {
    name: 'truncated',
    file: 'cut.npy',
    bytes: () => writeNpy(kspace).subarray(0, 1000),
    message: /promises \d+ bytes .* found \d+ \(truncated\)/,
    path: /cut\.npy/,
  },
  { name: 'corrupt', file: 'corrupt.npz', bytes: () => good.subarray(200), message: /./, path: /corrupt\.npz/ },
  { name: 'empty', file: 'empty.npz', bytes: () => '', message: /empty/, path: /empty\.npz/ },
  { name: 'text', file: 'notes.npz', bytes: () => 'hello', message: /not a scan/, path: /notes\.npz/ },
  {
    name: 'wrong type',
    file: 'type.npz',
    bytes: () => writeNpz({ kspace: ndarray('complex64', [4], new Float32Array(8)) }),
    message: /kspace has shape \[4\], expected/,
    path: /type\.npz/,
  },
  {
    name: 'NaN',
    file: 'nan.npz',
    bytes: () => writeNpz({ kspace: changed(kspace, firstMeasured, Number.NaN), mask }),
    message: /kspace holds NaN at \[0,0,\d+,\d+\], expected finite numbers/,
    path: /nan\.npz/,
  },
  {
    name: 'infinite',
    file: 'inf.npz',
    bytes: () => writeNpz({ kspace: changed(kspace, firstMeasured, Number.POSITIVE_INFINITY) }),
    message: /kspace holds Infinity/,
    path: /inf\.npz/,
  },
  {
    name: 'mask of another size',
    file: 'mask-size.npz',
    bytes: () => writeNpz({ kspace, mask: ndarray('uint8', [8, 8], new Uint8Array(64).fill(1)) }),
    message: /mask .*\[8,8\]|mask .*8/,
    path: /mask-size\.npz/,
  },
  {
    name: 'mask that contradicts the data',
    file: 'mask.npz',
    bytes: () => writeNpz({ kspace: changed(kspace, 2 * emptyColumn, 1), mask }),
    message: /mask/,
    path: /mask\.npz/,
  },
  {
    name: 'maps of another size in the file',
    file: 'maps.npz',
    bytes: () => writeNpz({ kspace, mask, maps: ndarray('complex64', [1, 3, 8, 8], new Float32Array(384).fill(1)) }),
    message: /maps .*\[1,3,8,8\]|maps/,
    path: /maps\.npz/,
  },
  {
    name: 'all zero',
    file: 'zero.npz',
    bytes: () => writeNpz({ kspace: { ...kspace, data: new Float32Array(kspace.data.length) } }),
    message: /zero|no /,
    path: /zero\.npz/,
  },
  {
    name: 'absurd size in the header',
    file: 'absurd.npy',
    bytes: absurd,
    message: /8796093022208|1048576/,
    path: /absurd\.npy/,
  },
  {
    name: 'image without simulation options',
    file: 'image.npy',
    bytes: () => writeNpy(ellipses(1, 16)),
    message: /already reconstructed/,
    path: /image\.npy/,
  },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-bad-'));
  await mkdir(join(folder, 'in'));
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'in', 'good.npz'), good);
});
afterAll(() => rm(folder, { recursive: true }));

async function refused(words: string[], expected: { message: RegExp; path: RegExp }): Promise<void> {
  const result = await tangent(['reconstruct', ...words, '--out', join(folder, 'out', 'r'), '--json']);
  const { error } = jsonOf(result) as { error: { code: string; message: string; path: string; hint: string } };
  expect({ code: result.code, message: error.message, path: error.path }).toEqual({
    code: 2,
    message: expect.stringMatching(expected.message),
    path: expect.stringMatching(expected.path),
  });
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
  expect(result.stderr).toBe(`tangent: ${error.message} (${error.path}). ${error.hint}\n`);
  expect(await readdir(join(folder, 'out'))).toEqual([]);
}

describe('bad input', () => {
  test.each(cases)('$name', async ({ file, bytes, extra = [], message, path }) => {
    const place = join(folder, 'in', file);
    await writeFile(place, bytes());
    await refused([place, '--method', 'cg-sense', ...extra], { message, path });
  });

  test('a path that does not exist, and a folder without scans', async () => {
    await refused([join(folder, 'nothing.h5')], { message: /no such/, path: /nothing\.h5/ });
    await mkdir(join(folder, 'in', 'folder'), { recursive: true });
    await refused([join(folder, 'in', 'folder')], { message: /./, path: /folder/ });
  });

  test('maps and references given beside the scan', async () => {
    const place = join(folder, 'in', 'good.npz');
    const maps = join(folder, 'in', 'maps.npy');
    await writeFile(maps, writeNpy(ndarray('complex64', [2, 8, 8], new Float32Array(256).fill(1))));
    await refused([place, '--method', 'cg-sense', '--maps', maps], { message: /maps/, path: /good\.npz|maps/ });
    const reference = join(folder, 'in', 'reference.npy');
    await writeFile(reference, writeNpy(ndarray('float32', [1, 8, 8], new Float32Array(64))));
    await refused([place, '--method', 'cg-sense', '--reference', reference], {
      message: /reference is \[1,8,8\], the image will be \[1,16,16\]/,
      path: /reference/,
    });
    await writeFile(reference, writeNpy(ndarray('float32', [16, 16], new Float32Array(256).fill(Number.NaN))));
    await refused([place, '--reference', reference], { message: /reference holds NaN/, path: /reference\.npy/ });
  });

  test('a place that cannot be written', async () => {
    const result = await tangent([
      ...['reconstruct', join(folder, 'in', 'good.npz'), '--method', 'zero-filled'],
      ...['--out', join(folder, 'in', 'good.npz', 'result'), '--json'],
    ]);
    expect(result.code).toBe(2);
    expect(jsonOf(result)).toMatchObject({
      error: { code: 'bad-usage', message: expect.stringContaining('good.npz') },
    });
  });
});
