import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { readNpy, writeNpy } from '../../engine/io/npy.ts';
import { parseCsv } from '../../main/host/artifacts/csv.ts';
import { jsonOf, tangent } from './tangent-process.ts';

let folder: string;
let out: string;
let runs = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-solve-'));
  // One pixel, measured as 0.8: the scalar recursion of the sampler's golden values.
  await writeFile(join(folder, 'kspace.npy'), writeNpy(ndarray('complex64', [1, 1], Float32Array.of(0.8, 0))));
  await writeFile(join(folder, 'init.npy'), writeNpy(ndarray('complex64', [1, 1], new Float32Array(2))));
});
beforeEach(() => {
  out = join(folder, `result-${runs++}`);
});
afterAll(() => rm(folder, { recursive: true }));

const one = () => [
  ...['solve', 'dds', '--input', `kspace=${join(folder, 'kspace.npy')}`, '--input', `init=${join(folder, 'init.npy')}`],
  ...['--set', 'prior_mean=0.5', '--set', 'prior_spectrum=0.25', '--set', 'eta=0', '--set', 'dc=proximal'],
];

describe('solvers', () => {
  test('list --json is an array with manifest fields', async () => {
    const result = await tangent(['solvers', 'list', '--json']);
    expect(result.code).toBe(0);
    const list = jsonOf(result);
    expect(list).toEqual(expect.arrayContaining([expect.objectContaining({ id: 'dds' })]));
    for (const entry of list as object[])
      for (const field of ['id', 'title', 'group', 'citation', 'inputs', 'outputs', 'parameters'])
        expect(entry).toHaveProperty(field);
  });

  test('show prints inputs, parameters and outputs; an unknown name is a usage error', async () => {
    const shown = await tangent(['solvers', 'show', 'dds']);
    expect(shown.code).toBe(0);
    for (const word of ['kspace', 'prior_spectrum', 'cgIters', 'residual']) expect(shown.stdout).toContain(word);
    const unknown = await tangent(['solvers', 'show', 'nothing']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('nothing');
  });
});

describe('solve', () => {
  test('dds on one pixel gives the golden value, with the files of the contract', async () => {
    const result = await tangent([...one(), '--set', 'steps=20', '--set', 'gamma=1', '--out', out, '--json']);
    expect(result.stderr).not.toMatch(/^tangent:/m);
    expect(result.code).toBe(0);
    const record = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    expect(jsonOf(result)).toEqual({ ...record, folder: out });
    expect(record).toMatchObject({
      solver: 'dds',
      version: expect.any(String),
      params: { steps: 20, gamma: 1, eta: 0, cgIters: 5, seed: 0 },
      seed: 0,
      metrics: expect.any(Object),
      seconds: expect.any(Number),
      artifacts: { image: 'image.npy', residual: 'residual.csv', magnitude: 'magnitude.png' },
    });
    expect([...Object.values(record.artifacts), 'result.json'].sort()).toEqual((await readdir(out)).sort());
    const image = readNpy(await readFile(join(out, 'image.npy')));
    expect(image.dtype).toBe('complex64');
    expect(image.data[0]).toBeCloseTo(0.8096407145, 4);
    const curve = parseCsv(await readFile(join(out, 'residual.csv'), 'utf8'), 'residual.csv');
    expect(Object.values(curve)[0]).toHaveLength(20);
  });

  test('--seed is the seed unless --set seed is given', async () => {
    const words = [...one(), '--set', 'steps=2', '--json'];
    const plain = jsonOf(await tangent([...words, '--seed', '5', '--out', `${out}-a`]));
    expect(plain).toMatchObject({ seed: 5, params: { seed: 5 } });
    const set = jsonOf(await tangent([...words, '--seed', '5', '--set', 'seed=6', '--out', `${out}-b`]));
    expect(set).toMatchObject({ seed: 6, params: { seed: 6 } });
  });

  test.each([
    [['--set', 'stepz=3'], /no parameter stepz/, /steps/],
    [['--set', 'steps=0'], /steps/, /1 to 1000/],
    [['--set', 'sampler=euler'], /sampler/, /ddim.*dpm2m/],
    [['--set', 'steps'], /expected NAME=VALUE/, /--set NAME=VALUE/],
    [['--set', 'steps=3', '--set', 'steps=4'], /steps is given twice/, /./],
    [['--input', 'k=x.npy'], /no input "k"/, /kspace/],
    [['--demo'], /no demo/, /./],
  ])('%j is a usage error that names what is allowed', async (extra, message, hint) => {
    const result = await tangent(['solve', 'dds', '--out', out, ...extra, '--json']);
    expect(result.code).toBe(2);
    const { error } = jsonOf(result) as { error: { message: string; hint: string } };
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect((await readdir(folder)).filter((name) => name.includes(out.slice(folder.length + 1)))).toEqual([]);
  });

  test('a file that cannot be read is named', async () => {
    await writeFile(join(folder, 'notes.npy'), 'hello');
    const words = ['solve', 'dds', '--out', out, '--input', `kspace=${join(folder, 'notes.npy')}`];
    const result = await tangent([...words, '--set', 'prior_spectrum=1', '--json']);
    expect(result.code).toBe(2);
    expect(jsonOf(result)).toMatchObject({ error: { path: expect.stringContaining('notes.npy') } });
  });
});

describe('the experiments of a paper', () => {
  test('sinkhorn-newton-sparse reaches its bars beside plain Sinkhorn, from the seed alone', async () => {
    const result = await tangent(['solve', 'sinkhorn-newton-sparse', '--demo', '--out', out, '--json']);
    expect(result.code).toBe(0);
    const { metrics } = jsonOf(result) as { metrics: Record<string, number> };
    expect(metrics.random_assignment_sns_iterations).toBeLessThanOrEqual(45);
    expect(metrics.random_assignment_sinkhorn_iterations).toBeGreaterThan(
      100 * metrics.random_assignment_sns_iterations,
    );
    const { experiment, met } = parseCsv(await readFile(join(out, 'table.csv'), 'utf8'), 'table.csv');
    expect(experiment).toHaveLength(10);
    // The plan's sparsity grows in our experiment instead of falling (docs/solvers).
    expect(experiment.filter((_, row) => met[row] !== 'yes')).toEqual(['Hessian sparsity']);
  });

  test('takes no inputs and no parameters', async () => {
    const result = await tangent([
      'solve',
      'sinkhorn-newton-sparse',
      '--demo',
      '--set',
      'eta=3',
      '--out',
      out,
      '--json',
    ]);
    expect(result.code).toBe(2);
  });
});
