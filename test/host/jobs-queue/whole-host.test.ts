/** Jobs of every kind through the host's one interface, with the real library and exporter. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeNpy } from '../../../engine/io/npy.ts';
import { readResult } from '../../../engine/recon/result-folder.ts';
import type { CallInput, CallName, CallOutput, HostEvent } from '../../../main/host/api/api.ts';
import type { JobRecord } from '../../../main/host/api/job.ts';
import { createHost } from '../../../main/host/create-host.ts';
import type { Host } from '../../../main/host/host.ts';
import { tangent } from '../../cli/tangent-process.ts';
import { ellipses, writeTinyScan } from '../../cli/tiny-scan.ts';
import { writeTinySeries } from '../../cli/tiny-series.ts';

let folder: string;
let host: Host;
const heard: HostEvent[] = [];
const waiting = new Set<() => void>();

async function call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const answer = await host.call(name, input);
  if (!answer.ok) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.value as CallOutput<N>;
}

/** The event of that kind that fits, past or to come. */
function event<T>(pick: (event: HostEvent) => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const look = () => {
      for (const one of heard) {
        const found = pick(one);
        if (found === undefined) continue;
        waiting.delete(look);
        resolve(found);
        return;
      }
    };
    waiting.add(look);
    look();
  });
}

async function openedAll(path: string): Promise<string[]> {
  const { scan } = await call('library.open', { handles: [host.services.files.grant(path)] });
  const done = await event((one) =>
    one.type === 'open' && one.progress.scan === scan && one.progress.state === 'done' ? one.progress : undefined,
  );
  return done.items;
}

async function opened(path: string): Promise<string> {
  return (await openedAll(path))[0];
}

async function ended(request: CallInput<'jobs.start'>): Promise<JobRecord> {
  const { id } = await call('jobs.start', request);
  return event((one) => (one.type === 'job' && one.job.id === id && one.job.ended !== null ? one.job : undefined));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-jobs-host-'));
  await writeTinyScan(join(folder, 'scan.npz'), { slices: 1 });
  await writeFile(join(folder, 'images.npy'), writeNpy(ellipses(2, 32)));
  host = await createHost({ kind: 'browser', dataFolder: join(folder, 'data'), roots: [], lookForDevices: false });
  host.subscribe((one) => {
    heard.push(one);
    for (const look of waiting) look();
  });
});
afterAll(async () => {
  await host.dispose();
  await rm(folder, { recursive: true });
});

describe('the host', () => {
  test('reconstructs an opened scan, exports what came out, solves with it, and repeats it', async () => {
    const item = await opened(join(folder, 'scan.npz'));
    const methods = await call('catalogue.methods', { id: item });
    expect(methods).toMatchObject({ defaultMethod: 'dds', needsSimulation: false });
    const request = { kind: 'reconstruct' as const, item, steps: 3, compare: methods.defaultCompare };
    expect(await call('jobs.estimate', request)).toMatchObject({ networkCalls: 3 });
    const done = await ended(request);
    expect(done).toMatchObject({ state: 'done', error: null });
    const result = done.result ?? '';
    expect((await call('library.list', {})).items.find(({ id }) => id === result)).toMatchObject({ kind: 'result' });

    const exported = await ended({ kind: 'export', item: result, format: 'nifti' });
    expect(exported).toMatchObject({ state: 'done', error: null });
    const [{ key, bytes }] = exported.downloads;
    expect((await host.data(`/data/download/${key}`))?.bytes.byteLength).toBe(bytes);
    await expect(host.data('/data/download/0')).rejects.toMatchObject({ code: 'not-found' });
    await mkdir(join(folder, 'saved'));
    const to = host.services.files.grant(join(folder, 'saved'));
    expect(await ended({ kind: 'export', item: result, format: 'npy', to })).toMatchObject({ saved: 'saved' });
    expect(await readdir(join(folder, 'saved'))).not.toEqual([]);

    const solved = await ended({
      ...{ kind: 'solve', solver: 'dds', parameters: { steps: 2, preset: 'fast' } },
      inputs: { kspace: { item, part: '' } },
    });
    expect(solved).toMatchObject({ state: 'done', error: null });
    expect((await call('library.describe', { id: solved.result ?? '' })).kind).toBe('solution');
    expect((await call('results.command', { result: solved.result ?? '' })).command).toBe(
      'tangent solve dds --input kspace=KSPACE --input model=brain-mri --set steps=2 --set preset=fast --seed 0 --out RESULT',
    );
    const solvedAgain = await call('results.replay', { id: solved.result ?? '' });
    const repeated = await event((one) =>
      one.type === 'job' && one.job.id === solvedAgain.id && one.job.ended !== null ? one.job : undefined,
    );
    expect(repeated).toMatchObject({ state: 'done', output: { equal: true } });

    const { id } = await call('results.replay', { id: result });
    const again = await event((one) =>
      one.type === 'job' && one.job.id === id && one.job.ended !== null ? one.job : undefined,
    );
    expect(again).toMatchObject({ state: 'done', output: { equal: true, sameInput: true } });
    expect((await call('jobs.list', {})).jobs.length).toBeGreaterThanOrEqual(5);
    expect(existsSync(join(folder, 'data', 'scratch', again.id))).toBe(false);
  }, 120_000);

  test('takes one series out of a folder of several, to the bytes the command line makes of it alone', async () => {
    for (const number of [0, 1]) await writeTinySeries(join(folder, 'both'), number);
    await writeTinySeries(join(folder, 'alone'), 1);
    const items = await openedAll(join(folder, 'both'));
    expect(items).toHaveLength(2);
    const described = await Promise.all(items.map((id) => call('library.describe', { id })));
    const item = described.find(({ slices }) => slices === 4)?.id ?? '';
    const simulate = { coils: 3, mask: 'gaussian1d', accel: 2, acs: 0.2, noise: 0.02 };
    const request = { kind: 'reconstruct' as const, item, method: 'cg-sense', cg: 4, simulate, seed: 3 };
    const done = await ended({ ...request, formats: ['npy', 'dicom'] });
    expect(done).toMatchObject({ state: 'done', error: null });
    const made = host.services.library.folderOf(done.result ?? '');
    const { command } = await call('results.command', { result: done.result ?? '' });
    const paths: Record<string, string> = { INPUT: join(folder, 'alone'), RESULT: join(folder, 'by-command') };
    const words = command
      .split(' ')
      .slice(1)
      .map((word) => paths[word] ?? word);
    expect(await tangent([...words, '--quiet'])).toMatchObject({ code: 0 });
    for (const name of (await readResult(made)).files.filter((one) => one !== 'result.json')) {
      const [one, other] = await Promise.all([made, paths.RESULT].map((where) => readFile(join(where, name))));
      expect(other.equals(one), name).toBe(true);
    }
    const replayed = await call('results.replay', { id: await opened(paths.RESULT) });
    const again = await event((one) =>
      one.type === 'job' && one.job.id === replayed.id && one.job.ended !== null ? one.job : undefined,
    );
    expect(again).toMatchObject({ state: 'done', output: { equal: true, sameInput: true } });
  }, 120_000);

  test('simulates an image series, compares with it, checks a prior on it', async () => {
    const item = await opened(join(folder, 'images.npy'));
    expect(await call('catalogue.methods', { id: item })).toMatchObject({ needsSimulation: true });
    const simulate = { coils: 4, mask: 'uniform1d', accel: 2, acs: 0.3, noise: 0.01 };
    const refused = await ended({ kind: 'reconstruct', item, method: 'cg-sense' });
    expect(refused.error).toMatchObject({ code: 'bad-usage', hint: expect.stringContaining('--simulate') });
    const done = await ended({ kind: 'reconstruct', item, method: 'cg-sense', simulate });
    expect(done.state).toBe('done');
    const { result } = await call('library.describe', { id: done.result ?? '' });
    expect(result).toMatchObject({ simulated: true, metrics: { psnr: expect.any(Number) } });
    const rays = { angles: 20, arc: 180, geometry: 'parallel' as const, curved: false, noise: 0.01 };
    expect((await ended({ kind: 'reconstruct', item, method: 'fbp', simulateCt: rays })).state).toBe('done');
    const checked = await ended({ kind: 'prior-check', prior: 'brain-mri', item });
    expect(checked).toMatchObject({ state: 'done', output: { prior: 'brain-mri', levels: expect.any(Array) } });
    const stored = await readFile(join(folder, 'data', 'jobs.json'), 'utf8');
    expect(stored).not.toContain(folder);
  }, 120_000);
});
