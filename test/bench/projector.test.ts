import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatProjectorBench, run } from '../../main/bench/projector.ts';
import { ellipseImage, ellipseSinogram } from '../../main/bench/projector-scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'tangent-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands for Python: answers every question about time with 2 s for all repeats, and projects to nothing but ones. */
const fake = join(folder, 'python');
writeFileSync(
  fake,
  `#!${process.execPath}
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const { detectors } = JSON.parse(process.argv[4]);
console.log(JSON.stringify({ name: 'Fake 1.0', ways: ['slow'] }));
createInterface({ input: process.stdin }).on('line', (line) => {
  const { file, views, repeats } = JSON.parse(line);
  if (file) writeFileSync(file, new Uint8Array(new Float32Array(views * detectors).fill(1).buffer));
  console.log(JSON.stringify(file ? {} : { wall: 2 * repeats, cpu: 2 * repeats }));
});
`,
  { mode: 0o755 },
);

const notes: string[] = [];
const printed: string[] = [];
const context = {
  signal: new AbortController().signal,
  seed: 1,
  device: 'cpu',
  threads: 1,
  json: true,
  print: (text: string) => printed.push(text),
  note: (text: string) => notes.push(text),
} as const;

const small = ['--size=64', '--views=7', '--slices=1,5', '--runs=1'];

describe('projector benchmark', () => {
  it('runs without a peer, says so, and projects ellipses within 2 %', async () => {
    const bench = await run([...small, `--python=${join(folder, 'nothing')}`], context);
    expect(bench.peer).toBe('no peer installed');
    expect(notes.join()).toMatch(/--python/);
    expect(bench.errors[0].tangent).toBeLessThan(0.02);
    expect(bench.rows.map(({ slices, direction }) => [slices, direction])).toEqual([
      [1, 'forward'],
      [1, 'back'],
      [5, 'forward'],
      [5, 'back'],
    ]);
    expect(printed.at(-1)).toMatch(/no peer installed/);
  });

  it('gives the ratio to a peer that knows one slice at a time', async () => {
    const bench = await run([...small, `--python=${fake}`], context);
    expect(bench.peer).toBe('Fake 1.0');
    expect(bench.errors[0].peers.slow).toBeGreaterThan(0.1);
    for (const { slices, tangent, peers } of bench.rows) {
      expect(peers[0].time.cpu).toBeCloseTo(2 * slices, 9);
      expect(peers[0].ratio.cpu).toBeCloseTo((2 * slices) / tangent.cpu, 3);
    }
    expect(formatProjectorBench(bench)).toMatch(/slow/);
  });

  it('refuses options out of range', async () => {
    await expect(run(['--views=0'], context)).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(run(['--size=4'], context)).rejects.toMatchObject({ code: 'bad-usage' });
  });

  it('knows the mass of its ellipses: every view sums to the image', () => {
    const image = ellipseImage(64, 32).reduce((sum, value) => sum + value, 0);
    const views = ellipseSinogram(64, 5, 91);
    for (let v = 0; v < 5; v++) {
      const mass = views.subarray(91 * v, 91 * v + 91).reduce((sum, value) => sum + value, 0);
      expect(Math.abs(mass / image - 1)).toBeLessThan(0.01);
    }
  });
});
