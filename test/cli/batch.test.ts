/** Many scans by one command. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import { readResult } from '../../engine/recon/result-folder.ts';
import { expandInputs } from '../../main/cli/commands/batch/inputs.ts';
import { jsonOf, startTangent, tangent } from './tangent-process.ts';
import { writeTinyScan } from './tiny-scan.ts';
import { writeTinySeries } from './tiny-series.ts';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
const fast = ['--method', 'cg-sense', '--cg', '3', '--threads', '1', '--format', 'npy'];
interface Row {
  name: string;
  state: string;
  folder: string | null;
  error: { code: string; message: string } | null;
}
interface Summary {
  scans: number;
  done: number;
  failed: number;
  skipped: number;
  results: Row[];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-batch-'));
  await mkdir(at('in', 'deeper'), { recursive: true });
  await writeTinyScan(at('in', 'DOE-JOHN.npz'));
  await writeTinyScan(at('in', 'deeper', 'second.npz'), { seed: 1, slices: 1 });
  await writeFile(at('in', 'readme.txt'), 'no scan');
  const maps = ndarray('complex64', [1, 1, 2, 2], new Float32Array(8));
  await writeFile(at('in', 'maps.npz'), writeNpz({ maps }));
});
afterAll(() => rm(folder, { recursive: true }));

describe('batch', () => {
  test('gives every scan the bytes it has alone, in folders without names, and leaves them with --resume', async () => {
    const words = ['batch', at('in'), '--out', at('out'), '--json', '--quiet', ...fast];
    const first = await tangent(words);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const said = jsonOf(first) as Summary;
    expect(said).toMatchObject({ scans: 2, done: 2, failed: 0, skipped: 0 });
    const names = await readdir(at('out'));
    expect(names).toHaveLength(2);
    for (const name of names) expect(name).toMatch(/^cg-sense-[0-9a-f]{16}$/);

    expect(await tangent(['reconstruct', at('in', 'DOE-JOHN.npz'), '--out', at('alone'), ...fast])).toMatchObject({
      code: 0,
    });
    const made = said.results.find(({ name }) => name === 'DOE-JOHN.npz')?.folder ?? '';
    for (const file of ['image.npy', 'image_complex.npy', 'report.html']) {
      const [one, other] = await Promise.all([at('alone'), made].map((where) => readFile(join(where, file))));
      expect(other.equals(one), file).toBe(true);
    }
    const { seconds: _, ...own } = await readResult(made);
    const { seconds: __, ...alone } = await readResult(at('alone'));
    expect(own).toEqual(alone);

    const again = await tangent(words);
    expect(again.code).toBe(3);
    expect((jsonOf(again) as Summary).results[0].error).toMatchObject({ code: 'bad-usage' });
    const resumed = await tangent([...words.slice(0, 5), ...fast, '--resume']);
    expect(resumed.code).toBe(0);
    expect(jsonOf(resumed)).toMatchObject({ done: 0, skipped: 2 });
    const events = resumed.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect(events).toEqual(['found', 'found', 'skipped', 'skipped']);
    expect(jsonOf(await tangent([...words, '--resume', '--cg', '4', '--dry-run']))).toMatchObject({
      ...{ done: 0, skipped: 0, waiting: 2 },
    });
    expect(await readdir(at('out'))).toEqual(names);
  }, 120_000);

  test('a scan that fails does not stop the others: exit 3 and a table that says why', async () => {
    await cp(at('in'), at('mixed'), { recursive: true });
    const whole = await readFile(at('in', 'DOE-JOHN.npz'));
    await writeFile(at('mixed', 'cut.npz'), whole.subarray(0, whole.length >> 1));
    await writeTinySeries(at('mixed', 'series'));
    const done = await tangent(['batch', at('mixed'), '--out', at('mixed', 'results'), '--concurrency', '2', ...fast]);
    expect(done.code).toBe(3);
    expect(done.stdout).toMatch(/^cut\.npz +failed/m);
    expect(done.stdout).toMatch(/^series +failed .*already reconstructed\. Add --simulate/m);
    expect(done.stdout).toMatch(/2 done, 2 failed, 0 skipped/);
    expect((await readdir(at('mixed', 'results'))).length).toBe(2);
    const only = await tangent(['batch', at('mixed', 'cut.npz'), '--out', at('none'), ...fast]);
    expect(only.code).toBe(2);
    expect(only.stderr).toContain('cut.npz');

    const series = ['batch', at('mixed', 'series'), '--out', at('simulated'), '--accel', '2', '--acs', '0.3', '--json'];
    const simulated = await tangent([...series, ...fast]);
    expect(simulated.code).toBe(0);
    expect(jsonOf(simulated)).toMatchObject({ scans: 1, done: 1 });
  }, 120_000);

  test('patterns, lists, shards and presets', async () => {
    await writeFile(
      at('preset.json'),
      JSON.stringify({ method: 'cg-sense', cg: 2, format: ['npy'], set: { lambda: 0.1 } }),
    );
    const plan = async (...words: string[]) => {
      const given = [...words, '--out', at('plan'), '--preset', at('preset.json'), '--dry-run', '--json', '--quiet'];
      return (jsonOf(await tangent(['batch', ...given])) as Summary).results.map(({ name }) => name);
    };
    expect(await plan(join(folder, 'in', '**', '[Ds]*.npz'))).toEqual(['DOE-JOHN.npz', 'second.npz']);
    expect(await plan(at('in'), '--shard', '2/2')).toEqual(['second.npz']);
    expect(await plan(at('in'), '--shard', '3/3')).toEqual([]);

    const { child, finished } = startTangent(['batch', '/dev/null', '--out', at('plan'), '--queue', 'redis://x']);
    child.stdin?.end();
    expect(await finished).toMatchObject({ code: 2, stderr: expect.stringMatching(/\(--queue\)/) });

    const out = at('by-preset');
    const words = ['batch', at('in', 'deeper'), '--out', out, '--preset', at('preset.json'), '--cg', '3', '--json'];
    const made = jsonOf(await tangent([...words, '--threads', '1'])) as Summary;
    const record = await readResult(made.results[0].folder ?? '');
    expect(record.command.options).toMatchObject({ cg: 3, method: 'cg-sense', set: { lambda: '0.1' } });
    await writeFile(at('from-result.json'), JSON.stringify(record));
    const repeat = [
      'batch',
      at('in', 'deeper'),
      '--out',
      out,
      '--preset',
      at('from-result.json'),
      '--resume',
      '--json',
    ];
    expect(jsonOf(await tangent(repeat))).toMatchObject({ skipped: 1 });

    for (const [words, place] of [
      [['--shard', '0/2'], '--shard'],
      [['--preset', at('in', 'readme.txt')], 'readme.txt'],
      [['--method', 'magic'], '--method'],
      [['--resume', '--force'], '--force'],
    ] as const) {
      const refused = await tangent(['batch', at('in'), '--out', at('plan'), ...words]);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(place);
    }
    expect((await tangent(['batch', at('in', 'no*'), '--out', at('plan')])).code).toBe(2);
  }, 120_000);

  test('a list on standard input, and a name that looks like a pattern', async () => {
    await writeTinyScan(at('in[1].npz'), { slices: 1 });
    const list = (text: string) => expandInputs(['-', at('in[1].npz')], Readable.from([text]));
    expect(await list('a.npz\r\n\n b.npz \na.npz')).toEqual(['a.npz', 'b.npz', at('in[1].npz')]);
    await expect(list('\n')).rejects.toMatchObject({ code: 'bad-usage' });
  });

  test('watching takes what comes; stopping leaves whole results and ends with 130', async () => {
    await mkdir(at('inbox'));
    await writeTinyScan(at('inbox', 'first.npz'), { slices: 1 });
    const { child, finished } = startTangent([
      'batch',
      at('inbox'),
      '--out',
      at('watched'),
      '--watch',
      '--json',
      ...fast,
    ]);
    let events = '';
    const seen = (count: number) =>
      new Promise<void>((resolve) => {
        child.stderr?.on('data', (chunk: string) => {
          events += chunk;
          if (events.split('"event":"done"').length > count) resolve();
        });
      });
    await seen(1);
    const second = seen(2);
    await writeTinyScan(at('inbox', 'second.npz'), { slices: 1, seed: 2 });
    await second;
    child.kill('SIGINT');
    expect((await finished).code).toBe(130);
    const names = await readdir(at('watched'));
    expect(names).toHaveLength(2);
    for (const name of names) expect(await readdir(at('watched', name))).toContain('result.json');
  }, 120_000);
});
