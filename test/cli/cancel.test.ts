import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeTemporary } from '../../main/cli/run-job.ts';
import { startTangent } from './tangent-process.ts';
import { writeTinyScan } from './tiny-scan.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-cancel-'));
  file = join(folder, 'scan.npz');
  await writeTinyScan(file, { slices: 4, size: 64 });
});
afterAll(() => rm(folder, { recursive: true }));

/** Processes started by `pid`, read from /proc. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map(Number)
    .filter((n) => n > 0);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const hasPs = spawnSync('ps', ['-V']).error === undefined;
if (!hasPs) console.log('skipped: cancel tests need ps to find the engine process');

describe.skipIf(!hasPs)('Ctrl-C', () => {
  test.each([
    'SIGINT',
    'SIGTERM',
  ] as const)('%s ends a running reconstruction with 130 and leaves neither files nor processes', async (signal) => {
    const words = ['reconstruct', file, '--out', join(folder, 'result'), '--method', 'l1-wavelet'];
    const { child, finished } = startTangent([...words, '--set', 'iterations=10000', '--verbose', '--json']);
    const engines: number[] = [];
    while (engines.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      engines.push(...childrenOf(child.pid ?? 0));
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill(signal);
    const result = await finished;
    expect(result).toMatchObject({ code: 130, signal: null });
    expect(result.stderr).toMatch(/^tangent: cancelled\. Nothing was written\.$/m);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'cancelled' } });
    expect(engines.filter(alive)).toEqual([]);
    expect(await readdir(folder)).toEqual(['scan.npz']);
  });

  test('a process that does not answer is killed', async () => {
    const words = ['reconstruct', file, '--out', join(folder, 'result'), '--method', 'l1-wavelet'];
    const { child, finished } = startTangent([...words, '--set', 'iterations=10000']);
    let engines: number[] = [];
    while (engines.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      engines = childrenOf(child.pid ?? 0);
    }
    for (const pid of engines) process.kill(pid, 'SIGSTOP');
    child.kill('SIGINT');
    expect((await finished).code).toBe(130);
    expect(engines.filter(alive)).toEqual([]);
    expect(await readdir(folder)).toEqual(['scan.npz']);
  });

  test('when the program itself is killed, the engine process does not live on', async () => {
    const words = ['reconstruct', file, '--out', join(folder, 'result'), '--method', 'l1-wavelet'];
    const { child, finished } = startTangent([...words, '--set', 'iterations=10000']);
    let engines: number[] = [];
    while (engines.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      engines = childrenOf(child.pid ?? 0);
    }
    child.kill('SIGKILL');
    await finished;
    for (let i = 0; i < 200 && engines.some(alive); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(engines.filter(alive)).toEqual([]);
    expect(await readdir(folder)).toEqual(['scan.npz']);
  });
});

test('what a killed process left beside the target is removed, and nothing else', async () => {
  const place = join(folder, 'place');
  await mkdir(place);
  await mkdir(join(place, '.result.older.partial'));
  const clean = removeTemporary(join(place, 'result'));
  // The list of names is read at once; give it the turn it needs.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await mkdir(join(place, '.result.0badcafe.partial'));
  await writeFile(join(place, '.result.0badcafe.partial', 'image.npy'), 'x');
  await writeFile(join(place, 'other.npy'), 'x');
  await writeFile(join(place, 'result.notes'), 'x');
  await clean(1);
  expect((await readdir(place)).sort()).toEqual(['.result.older.partial', 'other.npy', 'result.notes']);
  await rm(place, { recursive: true });
});
