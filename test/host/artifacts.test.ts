import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import type { ArtifactType } from '../../engine/solvers/artifact.ts';
import { parseCsv, writeCsv } from '../../main/host/artifacts/csv.ts';
import { parseObj, writeObj } from '../../main/host/artifacts/obj.ts';
import { readArtifact } from '../../main/host/artifacts/read-artifact.ts';
import { artifactFile } from '../../main/host/artifacts/write-artifact.ts';

describe('csv', () => {
  test('columns come back as they went', () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((s) => s.trim() === s && !s.startsWith('\uFEFF') && !s.includes('\r'));
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((v) => (v === 0 ? 0 : v));
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(number, { minLength: 20, maxLength: 20 }),
        (names, rows, values) => {
          const columns = Object.fromEntries(names.map((n, c) => [n, values.slice(5 * c, 5 * c + rows)]));
          expect(parseCsv(writeCsv(columns), 't.csv')).toEqual(columns);
        },
      ),
    );
  });

  test('text with commas, quotes and line ends; empty cells of numbers', () => {
    const columns = { a: ['x,"y"', 'two\nlines'], b: [1.5, null] };
    expect(writeCsv(columns)).toBe('a,b\n"x,""y""",1.5\n"two\nlines",\n');
    expect(parseCsv('a,b\r\n"x,""y""",1.5\r\n"two\nlines",\r\n', 't.csv')).toEqual(columns);
  });

  test.each([
    ['', /empty/],
    ['a,a\n1,2\n', /two columns are called "a"/],
    ['a,b\n1\n', /row 2 has 1 cells, the header has 2/],
    ['a\n"x\n', /not closed/],
  ])('%j is refused', (text, message) => {
    expect(() => parseCsv(text, 't.csv')).toThrow(message);
  });
});

describe('obj', () => {
  const mesh = parseObj('# a square\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvn 0 0 1\nf 1/1/1 2 3 -1\n', 'm.obj');

  test('polygons become fans, indices count from 0', () => {
    expect(mesh.vertices.shape).toEqual([4, 3]);
    expect([...mesh.faces.data]).toEqual([0, 1, 2, 0, 2, 3]);
    expect(parseObj(writeObj(mesh), 'm.obj')).toEqual(mesh);
  });

  test.each([
    ['v 1 2\n', /expected three numbers/],
    ['v 0 0 0\nf 1 1 2\n', /vertex 2 of 1/],
    ['f\n', /fewer than 3/],
    ['# nothing\n', /no vertices/],
  ])('%j is refused with the line', (text, message) => {
    expect(() => parseObj(text, 'm.obj')).toThrow(message);
  });
});

describe('files as inputs', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tangent-artifacts-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const slot = (name: string, ...types: ArtifactType[]) => ({ name, types, required: true, description: '' });
  const put = async (name: string, content: Uint8Array | string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  test('npy keeps its shape; npz gives the member of the name and its companions', async () => {
    const kspace = ndarray('complex64', [2, 3, 4], new Float32Array(48).fill(1));
    const plain = await readArtifact(slot('kspace', 'kspace'), await put('k.npy', writeNpy(kspace)));
    expect(plain).toEqual({ type: 'kspace', array: kspace });
    const mask = ndarray('uint8', [3, 4], new Uint8Array(12).fill(1));
    const archive = await readArtifact(slot('kspace', 'kspace'), await put('k.npz', writeNpz({ mask, kspace })));
    expect(archive).toEqual({ type: 'kspace', array: kspace, companions: { mask } });
  });

  test('csv as a table, and as numbers for a matrix', async () => {
    const path = await put('t.csv', 'x,y\n1,2\n3,4\n5,6\n');
    expect(await readArtifact(slot('data', 'table'), path)).toEqual({
      type: 'table',
      columns: { x: [1, 3, 5], y: [2, 4, 6] },
    });
    const matrix = await readArtifact(slot('data', 'matrix'), path);
    expect(matrix).toMatchObject({ type: 'matrix', array: { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) } });
    const text = await put('words.csv', 'x,y\n1,a\n');
    await expect(readArtifact(slot('data', 'matrix'), text)).rejects.toThrow(/row 2: expected a number, found "a"/);
  });

  test('json graphs, models by name, and numbers that are not finite', async () => {
    const graph = await put('g.json', '{"edges": [[0, 1]]}');
    expect(await readArtifact(slot('graph', 'graph'), graph)).toEqual({ type: 'graph', json: { edges: [[0, 1]] } });
    expect(await readArtifact(slot('model', 'model'), 'brain-mri')).toEqual({ type: 'model', source: 'brain-mri' });
    const bad = await put('nan.npy', writeNpy(ndarray('float32', [2], Float32Array.of(1, Number.NaN))));
    await expect(readArtifact(slot('x', 'matrix'), bad)).rejects.toThrow(/x holds NaN at \[1\]/);
  });

  test('each type has its file', () => {
    const array = ndarray('float32', [2, 2], Float32Array.of(0, 1, 2, 3));
    expect(artifactFile({ type: 'image', array })?.ending).toBe('npy');
    expect(artifactFile({ type: 'picture', array })?.ending).toBe('png');
    expect(artifactFile({ type: 'curve', columns: { step: [1], y: [2] } })).toEqual({
      ending: 'csv',
      content: 'step,y\n1,2\n',
    });
    expect(artifactFile({ type: 'graph', json: [1] })?.ending).toBe('json');
    expect(artifactFile({ type: 'metrics', values: {} })).toBeUndefined();
  });
});
