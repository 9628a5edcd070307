/** The program killed in the middle of a coupled volume of complex slices, and started again. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readResultJson } from '../../engine/recon/result-json.ts';
import { startTangent, tangent } from './tangent-process.ts';
import { writeTinyScan } from './tiny-scan.ts';

let folder: string;
let scan: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-checkpoint-cli-'));
  scan = join(folder, 'scan.npz');
  await writeTinyScan(scan, { slices: 3 });
});
afterAll(() => rm(folder, { recursive: true }));

const coupling = ['--set', 'tv=true', '--set', 'lambda=0.01', '--set', 'rho=0.1'];
const words = (out: string, ...more: string[]) => [
  ...['reconstruct', scan, '--out', join(folder, out), '--steps', '60', '--threads', '1', '--quiet'],
  ...coupling,
  ...more,
];

/** Starts the program, kills it when it has saved that many steps, and says how it ended. */
async function killedAfter(least: number, checkpoint: string, given: string[]): Promise<string | null> {
  const { child, finished } = startTangent(given);
  const index = join(checkpoint, 'checkpoint.json');
  while (child.exitCode === null) {
    const text = await readFile(index, 'utf8').catch(() => undefined);
    if (text !== undefined && JSON.parse(text).state.current?.step >= least) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill('SIGKILL');
  return (await finished).signal;
}

describe('reconstruct --checkpoint', () => {
  test('killed and started again gives the bytes of an unbroken run, and leaves no checkpoint', async () => {
    expect(await tangent(words('plain'))).toMatchObject({ code: 0 });
    const checkpoint = join(folder, 'checkpoint');
    const again = words('resumed', '--checkpoint', checkpoint, '--checkpoint-every', '4');
    for (const least of [4, 12]) {
      expect(await killedAfter(least, checkpoint, again)).toBe('SIGKILL');
      expect(existsSync(join(folder, 'resumed'))).toBe(false);
    }
    const refused = await tangent([...again, '--set', 'momentum=0.5']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^tangent: the checkpoint is of another run: settings\.momentum was 0\.7 and is 0\.5 now/,
    );
    expect(await readdir(checkpoint)).toContain('checkpoint.json');
    const resumed = await tangent([...again, '--verbose']);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toMatch(/going on from a checkpoint: group 1, step \d+/);
    for (const name of ['image.npy', 'image_complex.npy']) {
      const [one, other] = await Promise.all(['plain', 'resumed'].map((out) => readFile(join(folder, out, name))));
      expect(other.equals(one)).toBe(true);
    }
    const record = await readFile(join(folder, 'resumed', 'result.json'), 'utf8');
    expect(readResultJson(record, 'result.json')).toMatchObject({
      shape: [3, 32, 32],
      nfe: 60,
      parameters: { tv: true },
    });
    expect(record).not.toContain('checkpoint');
    expect(existsSync(checkpoint)).toBe(false);
  }, 240_000);

  test('is refused where it makes no sense', async () => {
    const same = await tangent(words('x', '--checkpoint', join(folder, 'x')));
    expect(same).toMatchObject({ code: 2, stderr: expect.stringMatching(/cannot be the result folder/) });
    const alone = await tangent(words('x', '--checkpoint-every', '3'));
    expect(alone).toMatchObject({ code: 2, stderr: expect.stringMatching(/no checkpoint folder/) });
    const other = await tangent([
      'reconstruct',
      scan,
      '--out',
      join(folder, 'x'),
      '--method',
      'tv',
      '--checkpoint',
      'y',
    ]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/only for dds/) });
  }, 60_000);

  test('too little memory for any form of the run is said with numbers', async () => {
    const tight = await tangent(words('tight', '--max-memory', '16'));
    expect(tight.code).toBe(2);
    expect(tight.stderr).toMatch(/needs [\d.]+ MiB of memory, 16\.0 MiB are allowed/);
  }, 60_000);
});
