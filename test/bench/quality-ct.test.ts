import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import { ctMethod, parseParameters } from '../../engine/recon/registry.ts';
import { run } from '../../main/bench/quality.ts';
import { runCtQuality } from '../../main/bench/quality-ct.ts';
import { type CtRow, runCtBaseline } from '../../main/bench/quality-ct-baseline.ts';
import { ctCases } from '../../main/bench/quality-ct-cases.ts';
import { climbGrid, tryAll } from '../../main/bench/quality-ct-climb.ts';
import { openRows } from '../../main/bench/quality-ct-rows.ts';
import { meanPsnr, middleOf, scoreSlices, simulateCtScene } from '../../main/bench/quality-ct-scene.ts';
import { formatCtCase, formatCtOverview, judgeCt } from '../../main/bench/quality-ct-table.ts';
import type { BenchContext } from '../../main/cli/bench-context.ts';

const heldOut = resolve(import.meta.dirname, '../../../shared/data/ct/body_totalseg_3mm.nii.gz');
const present = existsSync(heldOut);
if (!present) console.log(`the test of the whole command is skipped: no ${heldOut}`);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quality-ct-'));
});
afterAll(() => rm(folder, { recursive: true }));

const printed: string[] = [];
const bench: BenchContext = {
  ...{ signal: new AbortController().signal, seed: 1, device: 'cpu', threads: 1, json: false },
  print: (text) => printed.push(text),
  note: () => {},
};

/** A body with lung-like holes, ribs and soft differences, in Hounsfield units; oblong, so that it is padded. */
function body(slices: number, rows = 36, columns = 44): ImageScan {
  const data = Float32Array.from({ length: slices * rows * columns }, (_, i) => {
    const z = Math.floor(i / (rows * columns));
    const y = (Math.floor(i / columns) % rows) / rows - 0.5;
    const x = (i % columns) / columns - 0.5;
    if ((x / 0.45) ** 2 + (y / 0.42) ** 2 > 1) return -1000;
    if (((Math.abs(x) - 0.2) / 0.12) ** 2 + ((y + 0.05 * z - 0.05) / 0.2) ** 2 < 1) return -800;
    if ((x - 0.04 * (z - 1)) ** 2 + (y - 0.28) ** 2 < 0.006) return 600;
    return 40 + 60 * Math.sin(9 * x + z) * Math.cos(11 * y);
  });
  return {
    ...{ kind: 'image', format: 'test', digest: 'phantom', notes: [], modality: 'CT', spacingMm: [3, 3, 3] },
    volume: ndarray('float32', [slices, rows, columns], data),
  };
}

const row = (id: string, psnr: readonly number[]): CtRow => ({
  ...{ id, title: id, setting: { lambda: 0.001 }, tuning: { trials: 3, atEdge: [] }, tunedOn: psnr.length },
  bySlice: psnr.map((value) => ({ psnr: value, ssim: 0.9, nmse: 0.01 })),
  cpuSeconds: { run: 1, tune: 2 },
});

describe('climbing on a grid', () => {
  const grid = { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [0, 1, 2, 3], word: ['x', 'y', 'z'] };
  const peak = (a: number, b: number, word: string) => async (p: Readonly<Record<string, unknown>>) =>
    -((Number(p.a) - a) ** 2) - (Number(p.b) - b) ** 2 - 0.1 * Number(p.a) * Number(p.b) + (p.word === word ? 2 : 0);

  test('finds the best of all combinations and tries a part of them', async () => {
    const score = peak(6, 2, 'z');
    const found = await climbGrid(grid, { a: 2, b: 0, word: 'x' }, score);
    let best = Number.NEGATIVE_INFINITY;
    for (const a of grid.a)
      for (const b of grid.b) for (const word of grid.word) best = Math.max(best, await score({ a, b, word }));
    expect(found.psnr).toBe(best);
    const all = await tryAll(grid, score);
    expect(all).toMatchObject({ psnr: best, parameters: found.parameters, atEdge: [] });
    expect(all.trials).toHaveLength(8 * 4 * 3);
    expect(found.parameters.word).toBe('z');
    expect(found.trials.length).toBeLessThan(40);
    expect(found.trials).toContainEqual({ parameters: found.parameters, psnr: found.psnr });
    expect(found.atEdge).toEqual([]);
  });

  test('says where the best value is the last of its list, unless nothing lies beyond', async () => {
    const score = peak(12, -3, 'x');
    const start = { a: 2, b: 1, word: 'x' };
    expect((await climbGrid(grid, start, score)).atEdge).toEqual(['a', 'b']);
    expect((await climbGrid(grid, start, score, { b: [0] })).atEdge).toEqual(['a']);
  });
});

describe('the scene', () => {
  test('is scored without its padding, with the range of the volume', async () => {
    const scene = await simulateCtScene(body(3), { views: 12, arcDeg: 180 }, { noise: 0 }, 1);
    expect(scene.reference.shape).toEqual([3, 36, 44]);
    expect(scene.data.geometry.size).toBe(44);
    expect(scene.range).toBeCloseTo(1.6 * 0.0193 * 3, 4);
    expect(scene.waterPerPixel).toBeCloseTo(0.0193 * 3, 6);
    // an error of range/10 in every pixel is 20 dB; what lies in the padding does not count
    const image = new Float32Array(3 * 44 * 44).fill(7);
    for (let z = 0; z < 3; z++)
      for (let y = 0; y < 36; y++)
        for (let x = 0; x < 44; x++)
          image[(z * 44 + y + 4) * 44 + x] = scene.reference.data[(z * 36 + y) * 44 + x] + scene.range / 10;
    expect(scoreSlices(scene, image).map(({ psnr }) => Number(psnr.toFixed(3)))).toEqual([20, 20, 20]);
    expect(meanPsnr(scene, image)).toBeCloseTo(20, 3);
    const middle = middleOf(scene, 1);
    expect(middle.reference.data).toEqual(scene.reference.data.subarray(36 * 44, 2 * 36 * 44));
    expect(meanPsnr(middle, image.subarray(44 * 44, 2 * 44 * 44))).toBeCloseTo(20, 3);
  });
});

describe('baselines', () => {
  test('are tuned inside their grids, above their defaults, and total variation leads', async () => {
    const scene = await simulateCtScene(body(3, 26, 32), { views: 12, arcDeg: 180 }, { photons: 20_000 }, 1);
    const means: Record<string, number> = {};
    for (const id of ['fbp', 'cg', 'sirt', 'tv', 'tv3d']) {
      const tuned = await runCtBaseline(id, scene, true, quietContext());
      expect(tuned.tuning?.atEdge, `${id} ${JSON.stringify(tuned.setting)}`).toEqual([]);
      expect(tuned.tunedOn).toBe(3);
      means[id] = tuned.bySlice.reduce((sum, { psnr }) => sum + psnr, 0) / 3;
      const method = ctMethod(id);
      const plain = await method.run(scene.data, parseParameters(method, {}), quietContext());
      expect(means[id]).toBeGreaterThan(meanPsnr(scene, plain.data) - 0.05);
      if (tuned.convergence) expect(tuned.convergence.residual).toBeLessThan(2e-3);
    }
    expect(means.tv).toBeGreaterThan(means.fbp + 2);
    expect(means.tv).toBeGreaterThan(means.cg + 1);
    expect(means.tv3d).toBeGreaterThan(means.tv - 0.3);
  }, 180_000);
});

describe('rows, bars and tables', () => {
  const [sv16] = ctCases.filter(({ id }) => id === 'sv16');

  test('the bars are those of the task', () => {
    const bars = Object.fromEntries(
      ctCases.map(({ id, bars: all }) => [id, all.map(({ over, least }) => [over, least])]),
    );
    expect(bars).toEqual({
      ...{ sv60: [], sv30: [], la120: [] },
      sv16: [
        ['fbp', 3],
        ['tv3d', 1],
      ],
      sv8: [
        ['fbp', 5],
        ['tv3d', 2],
      ],
      la90: [['tv3d', 2]],
    });
  });

  test('gains are paired by slice, judged and printed', () => {
    const rows = [row('fbp', [20, 22, 24]), row('tv3d', [27, 29.5, 31]), row('dds', [28, 30, 32])];
    const bars = judgeCt(sv16, rows);
    expect(bars.map(({ pass }) => pass)).toEqual([true, false]);
    expect(bars[0].found).toEqual({ mean: 8, standardError: 0 });
    const result = { id: 'sv16', title: sv16.title, slices: 3, methods: rows, bars };
    const text = formatCtCase(result);
    expect(text).toMatch(/fbp +22\.00 ± 1\.15 +0\.9000 ± 0\.0000 +\+8\.00 ± 0\.00/);
    expect(text).toContain('dds over fbp: +8.00 ± 0.00 dB, at least 3.0 dB: pass');
    expect(text).toMatch(/dds over tv3d: \+0\.83 ± 0\.17 dB, at least 1\.0 dB: MISSED/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(judgeCt(sv16, rows.slice(0, 2)).map(({ pass }) => pass)).toEqual([null, null]);
    expect(formatCtOverview([result], ['fbp', 'cg', 'dds'])).toMatch(/sv16 +22\.00 +– +30\.00/);
  });

  test('rows are kept by what they depend on', async () => {
    const path = join(folder, 'rows.jsonl');
    const key = { case: 'sv16', method: 'tv', seed: 1 };
    const first = await openRows(path);
    expect(first.find(key)).toBeUndefined();
    await first.add(key, row('tv', [30]));
    const second = await openRows(path);
    expect(second.find(key)).toEqual(row('tv', [30]));
    expect(second.find({ ...key, seed: 2 })).toBeUndefined();
    await writeFile(path, `${await readFile(path, 'utf8')}{"key":\n`);
    const broken: unknown = await openRows(path).catch((thrown: unknown) => thrown);
    expect(broken instanceof EngineError && broken.code).toBe('bad-input');
    expect(String(broken)).toContain('line 2');
  });
});

test.each([
  [['--cases', 'sv17']],
  [['--methods', 'tv4d']],
  [['--slices', '3']],
  [['--noise', '0.1', '--photons', '10']],
  [['--dds', 'steps']],
])('options that make no sense are refused: %j', async (args) => {
  await expect(runCtQuality(args, bench)).rejects.toMatchObject({ code: 'bad-usage' });
});

test.skipIf(!present)(
  'the command runs two methods on two slices, keeps them and takes them up again',
  async () => {
    const out = join(folder, 'bench.jsonl');
    const args = ['--ct', '--slices', '50:52', '--cases', 'sv8', '--methods', 'fbp,tv', '--out', out];
    printed.length = 0;
    const report = await run(args, bench);
    if (!('noise' in report)) throw new Error('expected the report of the CT benchmark');
    expect(report.noise).toEqual({ photons: 100_000 });
    const [{ methods, bars }] = report.cases;
    expect(methods.map(({ id, bySlice }) => [id, bySlice.length])).toEqual([
      ['fbp', 2],
      ['tv', 2],
    ]);
    expect(methods[1].bySlice[0].psnr).toBeGreaterThan(methods[0].bySlice[0].psnr + 2);
    expect(bars.map(({ pass }) => pass)).toEqual([null, null]);
    expect(printed.join('\n')).toContain('1e+5 photons per ray');
    const before = await readFile(out, 'utf8');
    const again = await run(args, bench);
    expect('cases' in again && again.cases).toEqual(report.cases);
    expect(await readFile(out, 'utf8')).toBe(before);
  },
  180_000,
);
