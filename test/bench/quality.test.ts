import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import { makeMask } from '../../engine/physics/mri/masks.ts';
import { simulateScan } from '../../engine/physics/mri/simulate.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { psnr } from '../../engine/recon/metrics.ts';
import { mriMethod, parseParameters } from '../../engine/recon/registry.ts';
import { type Bart, openBart } from '../../main/bench/bart.ts';
import { runMriQuality as run } from '../../main/bench/quality.ts';
import { runBart } from '../../main/bench/quality-bart.ts';
import { runFixed, runTuned } from '../../main/bench/quality-baseline.ts';
import { type CaseResult, judgeGains, qualityCases, runCase } from '../../main/bench/quality-cases.ts';
import { openMeasuredScan, runScan } from '../../main/bench/quality-scan.ts';
import { chooseSlices, type Scene, simulateScenes } from '../../main/bench/quality-scene.ts';
import { formatCase, formatScan } from '../../main/bench/quality-table.ts';
import type { BenchContext } from '../../main/cli/bench-context.ts';

const size = 64;
const context = quietContext();

/** Ellipses with edges and a ripple; slice z is filled the more the larger z. */
function phantom(slices: number): ImageScan {
  const data = Float32Array.from({ length: slices * size * size }, (_, i) => {
    const z = Math.floor(i / (size * size));
    const u = ((2 * (i % size)) / size - 1) / 0.85;
    const v = ((2 * (Math.floor(i / size) % size)) / size - 1) / (0.9 * ((z + 1) / slices));
    if (u * u + v * v > 1) return 0;
    return 100 * (0.6 + (u * u + v * v < 0.5 ? 0.3 : 0) + 0.1 * Math.sin(9 * u) * Math.cos(7 * v));
  });
  return {
    ...{ kind: 'image', format: 'test', digest: '', notes: [], modality: 'MR' },
    volume: ndarray('float32', [slices, size, size], data),
  };
}

async function scenesOf(count: number): Promise<Scene[]> {
  const acquisition = { coils: 4, mask: 'uniform1d', acceleration: 2, acs: 16, noise: 0.01 } as const;
  const slices = Array.from({ length: count }, (_, z) => z + 2);
  return simulateScenes(phantom(4), slices, acquisition, { seed: 1, trueMaps: false }, context);
}

async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof EngineError ? error.code : `not an EngineError: ${error}`;
}

test('slices are spread evenly over those the head fills', () => {
  const { volume } = phantom(10);
  // Slice z is an ellipse of half axes 0.85 and 0.09 (z + 1): it covers a fifth of the plane from z = 3 on.
  const all = chooseSlices(volume, 10);
  expect(all).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(chooseSlices(volume, 1)).toEqual([6]);
  expect(chooseSlices(volume, 2)).toEqual([4, 8]);
});

test('a scene hands over data without the truth: masked k-space, maps estimated, noise level found', async () => {
  const [scene] = await scenesOf(1);
  const { kspace, mask, sigma } = scene.slice;
  for (let i = 0; i < kspace.data.length; i++)
    if (mask.data[(i >> 1) % mask.data.length] === 0) expect(kspace.data[i]).toBe(0);
  // 1 % of the 0.99 quantile, which is close to 100; on so small a grid the object reaches into the estimate.
  expect(sigma).toBeGreaterThan(0.6);
  expect(sigma).toBeLessThan(2);
});

describe('a tuned baseline', () => {
  test.each([
    'cg-sense',
    'l1-wavelet',
    'tv',
  ])('%s: the reported row is the best trial, run by the method itself', async (id) => {
    const scenes = await scenesOf(2);
    const row = await runTuned(id, scenes, context, { start: 0.002, checkpoints: [3, 6, 12] });
    const { tuning } = row;
    expect(tuning?.psnr).toBe(Math.max(...(tuning?.trials ?? []).map((trial) => trial.psnr)));
    expect(row.setting).toMatchObject({ lambda: tuning?.weight, iterations: tuning?.iterations });
    const mean = row.bySlice.reduce((sum, metrics) => sum + metrics.psnr, 0) / row.bySlice.length;
    expect(mean).toBeCloseTo(tuning?.psnr ?? 0, 9);
    const standard = await runFixed(id, {}, scenes, context);
    const usual = standard.bySlice.reduce((sum, metrics) => sum + metrics.psnr, 0) / 2;
    expect(mean).toBeGreaterThan(usual - 0.3);
  });

  test('a watched iterate is the image of as many iterations', async () => {
    const [{ slice, reference }] = await scenesOf(1);
    for (const id of ['cg-sense', 'l1-wavelet', 'tv']) {
      const method = mriMethod(id);
      const seen: number[] = [];
      await method.run(slice, parseParameters(method, { iterations: 6 }), context, (_, image) => {
        seen.push(psnr(ndarray('complex64', reference.shape, image), reference));
      });
      const four = await method.run(slice, parseParameters(method, { iterations: 4 }), context);
      expect(seen).toHaveLength(6);
      expect(seen[3], id).toBe(psnr(four, reference));
    }
  });
});

describe('a case', () => {
  let result: CaseResult;
  const kind = {
    ...qualityCases[0],
    coils: 4,
    acceleration: 2,
    acs: 16,
    bars: [{ over: 'zero-filled', least: 0 }] as const,
  };

  beforeAll(async () => {
    result = await runCase(
      kind,
      phantom(4),
      { slices: [2, 3], methods: ['zero-filled', 'cg-sense', 'dds'], seed: 0, trueMaps: false },
      {
        context,
        note: () => {},
        bart: undefined,
        prior: gaussianPrior({ channels: 2, spectrum: 1000 }),
        dds: { seed: 0, steps: 3, cgIters: 3, samples: 2 },
      },
    );
  });

  test('gains are differences of the rows, slice by slice', () => {
    expect(result.methods.map(({ id }) => id)).toEqual(['zero-filled', 'cg-sense', 'dds', 'dds-sample']);
    const [zeroFilled, cgSense, dds, sample] = result.methods;
    for (const other of [zeroFilled, cgSense]) {
      const gains = dds.bySlice.map((metrics, i) => metrics.psnr - other.bySlice[i].psnr);
      expect(other.gain?.mean).toBeCloseTo((gains[0] + gains[1]) / 2, 10);
      // For two values s/√2 is half their distance.
      expect(other.gain?.standardError).toBeCloseTo(Math.abs(gains[0] - gains[1]) / 2, 10);
      expect(dds.summary.psnr.mean - other.summary.psnr.mean).toBeCloseTo(other.gain?.mean ?? 0, 10);
    }
    expect(dds.gain).toBeUndefined();
    expect(sample.bySlice).not.toEqual(dds.bySlice);
  });

  test('bars compare the gain, and are open where a method is missing', () => {
    const gain = result.methods[0].gain?.mean ?? Number.NaN;
    expect(result.bars).toEqual([
      { what: 'dds over zero-filled', least: 0, found: result.methods[0].gain, pass: gain >= 0 },
    ]);
    expect(judgeGains([{ over: 'bart-wavelet', least: 0.7 }], result.methods)[0].pass).toBeNull();
  });

  test('the table fits 80 columns and shows every row', () => {
    const text = formatCase(result);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const { id } of result.methods) expect(text).toContain(`\n${id} `);
    expect(text).toMatch(/dds over zero-filled .* (pass|FAIL)/);
    expect(text).toContain('cg-sense: lambda');
  });
});

test('the bars are those promised', () => {
  expect(
    Object.fromEntries(qualityCases.map(({ id, bars }) => [id, bars.map(({ over, least }) => `${over} ${least}`)])),
  ).toEqual({
    r4: ['cg-sense 2', 'l1-wavelet 0.7', 'bart-wavelet 0.7'],
    r8: ['cg-sense 3', 'l1-wavelet 1.5', 'bart-wavelet 1.5'],
    single: ['l1-wavelet 2'],
  });
});

describe('a measured scan', () => {
  let folder: string;
  let path: string;
  const tools = { context, note: () => {}, bart: undefined, prior: undefined, dds: {} };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tangent-quality-'));
    path = join(folder, 'scan.npy');
    const { volume } = phantom(1);
    const full = simulateScan(volume, { coils: 4, acceleration: 1, noise: 0.002, seed: 0 });
    const mask = (acceleration: number, acs: number) =>
      makeMask({ type: 'uniform1d', height: size, width: size, acceleration, acs, seed: 0 }).mask;
    await writeFile(path, writeNpy(ndarray('complex64', [4, size, size], full.kspace.data)));
    const masks = { 'gauss1d_r4.0': mask(2, 16), 'gauss1d_r8.0': mask(4, 6) };
    await writeFile(join(folder, 'scan_masks.npz'), writeNpz(masks));
    const reference = { ref: ndarray('complex64', [size, size], full.image.data), sens: full.maps };
    await writeFile(join(folder, 'scan_ref.npz'), writeNpz(reference));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('has a row for every mask, and another with reference maps where the centre is narrow', async () => {
    const scan = await openMeasuredScan(path);
    const results = await runScan(scan, ['zero-filled', 'cg-sense'], [...scan.masks.keys()], tools);
    expect(results.map(({ mask, maps }) => `${mask} ${maps}`)).toEqual([
      'gauss1d_r4.0 estimated',
      'gauss1d_r8.0 estimated',
      'gauss1d_r8.0 reference',
    ]);
    const [wide, , narrow] = results;
    expect(wide.measuredAcceleration).toBe(2);
    expect(wide.methods[1].summary.psnr.mean).toBeGreaterThan(wide.methods[0].summary.psnr.mean);
    expect(wide.bars).toEqual([{ what: 'dds, PSNR', least: 36.3, found: null, pass: null }]);
    expect(narrow.bars.map(({ least }) => least)).toEqual([31.5]);
    for (const line of formatScan(narrow).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(formatScan(narrow)).toContain('(ref maps)');
  });

  test('a missing mask and a missing companion are named', async () => {
    const scan = await openMeasuredScan(path);
    expect(await failure(runScan(scan, ['zero-filled'], ['spiral'], tools))).toBe('bad-usage');
    expect(await failure(openMeasuredScan(join(folder, 'other.npy')))).toBe('not-found');
  });
});

describe('the command', () => {
  const bench: BenchContext = {
    ...{ signal: new AbortController().signal, seed: 0, device: 'auto', threads: 1, json: true },
    print: () => {},
    note: () => {},
  };

  test.each([
    [['--slices=0']],
    [['--methods=magic']],
    [['--cases=r99', '--methods=zero-filled']],
    [['--maps=perfect']],
    [['--dds', 'steps']],
    [['--unknown=1']],
  ])('%j is refused as bad usage', async (args) => {
    expect(await failure(run(args, bench))).toBe('bad-usage');
  });

  test('returns every figure for one slice of the bundled series', async () => {
    const words = ['--slices', '1', '--cases', 'single', '--methods', 'zero-filled'];
    const { cases } = await run(words, bench);
    expect(cases).toHaveLength(1);
    const [row] = cases?.[0].methods ?? [];
    expect(row.bySlice).toHaveLength(1);
    expect(row.summary.psnr).toEqual({ mean: row.bySlice[0].psnr, standardError: null });
    expect(JSON.parse(JSON.stringify(cases))).toEqual(cases);
  });
});

describe('bart', () => {
  let bart: Bart | undefined;
  beforeAll(async () => {
    bart = await openBart();
    if (!bart) console.log('bart is not on PATH: the comparison with bart pics is skipped');
  });
  afterAll(() => bart?.close());

  test('finds the same least-squares image as CG-SENSE', async ({ skip }) => {
    if (!bart) return skip('bart is not on PATH');
    const scenes = await scenesOf(1);
    const own = await runTuned('cg-sense', scenes, context);
    const peer = await runBart('bart-l2', scenes, bart, context);
    // Both are at their best on the same data and maps; the grids of the weights are the same.
    expect(peer.bySlice[0].psnr).toBeGreaterThan(own.bySlice[0].psnr - 0.3);
    expect(peer.bySlice[0].psnr).toBeLessThan(own.bySlice[0].psnr + 0.3);
    expect(peer.tuning?.trials.length).toBeGreaterThan(3);
  });
});
