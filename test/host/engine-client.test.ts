import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { runJob } from '../../main/host/engine-client.ts';
import type { JobInput } from '../../main/host/job-table.ts';
import { writeTinyScan } from '../cli/tiny-scan.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-host-'));
  file = join(folder, 'scan.npz');
  await writeTinyScan(file, { slices: 3, size: 64 });
});
afterAll(() => rm(folder, { recursive: true }));

function longJob(): JobInput<'reconstruct'> {
  return {
    input: file,
    out: join(folder, 'result'),
    force: false,
    formats: ['npy'],
    method: 'l1-wavelet',
    seed: 0,
    parameters: { iterations: 10_000 },
    command: { name: 'reconstruct', options: {} },
  };
}

describe('engine process', () => {
  test('hands back what the job returns, and progress never falls', async () => {
    const seen: number[] = [];
    const input = { ...longJob(), parameters: { iterations: 30 } };
    const done = await runJob('reconstruct', input, { onProgress: ({ fraction }) => seen.push(fraction) });
    expect(done.result.shape).toEqual([3, 64, 64]);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[seen.length - 1]).toBeLessThanOrEqual(1);
    await rm(join(folder, 'result'), { recursive: true });
  });

  test('an error of the job arrives as an EngineError with code, hint and path', async () => {
    const failed = await runJob('info', { input: join(folder, 'missing') }).catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(EngineError);
    expect(failed).toMatchObject({ code: 'not-found', path: join(folder, 'missing'), hint: expect.any(String) });
  });

  test('input that does not fit the schema is an internal error, not a hang', async () => {
    const wrong = { input: 5 } as unknown as JobInput<'info'>;
    await expect(runJob('info', wrong)).rejects.toMatchObject({ code: 'internal' });
  });

  test('a crash of the process fails the job and says how it ended', async () => {
    const kill = (pid: number) => setTimeout(() => process.kill(pid, 'SIGSEGV'), 1500);
    await expect(runJob('reconstruct', longJob(), { onStart: kill })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('signal SIGSEGV'),
      path: 'job reconstruct',
    });
  });

  test('an abort cancels; one that came before starts nothing', async () => {
    const abort = new AbortController();
    const started: number[] = [];
    const options = { signal: abort.signal, onStart: (pid: number) => started.push(pid) };
    const running = runJob('reconstruct', longJob(), options);
    setTimeout(() => abort.abort(), 1000);
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect(runJob('reconstruct', longJob(), options)).rejects.toMatchObject({ code: 'cancelled' });
    expect(started).toHaveLength(1);
  });
});
