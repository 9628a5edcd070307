/**
 * `tangent bench quality --ct`: every CT method on the same simulated parallel-beam data of a series no prior has seen,
 * from few views or a limited arc. Baselines at the best of their tuning grids on this very volume, DDS at its defaults.
 * PSNR and SSIM on attenuation, data range = maximum of the reference volume, mean over slices. With --out FILE.jsonl rows
 * are kept as they are finished, and a later run goes on; after a change of a method's defaults begin another file.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { checkpoint, type RunContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { EngineError } from '../../engine/errors.ts';
import { openScan } from '../../engine/io/recognise.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import { takeSlices } from '../../engine/io/take-slices.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { loadPrior } from '../../engine/prior/registry.ts';
import { defaultCtPrior } from '../../engine/recon/pipeline.ts';
import type { JsonValue } from '../../engine/recon/result.ts';
import { runDdsCt } from '../../engine/recon/run-dds-ct.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import { parseOptions } from './parse-options.ts';
import { cpuSecondsSince } from './quality-baseline.ts';
import { type CtRow, runCtBaseline } from './quality-ct-baseline.ts';
import { type CtCase, ctCases, ctMethodIds } from './quality-ct-cases.ts';
import { openRows } from './quality-ct-rows.ts';
import { type CtNoiseLevel, type CtScene, scoreSlices, simulateCtScene } from './quality-ct-scene.ts';
import { type CtCaseResult, formatCtCase, formatCtOverview, judgeCt } from './quality-ct-table.ts';

/** Held out of all training; beside a checkout that has the shared data. */
const heldOutSeries = '../shared/data/ct/body_totalseg_3mm.nii.gz';
const defaultPhotons = 100_000;

const words = <T extends string>(known: readonly T[]) =>
  z
    .string()
    .default(known.join(','))
    .transform((text) => [...new Set(text.split(',').map((word) => word.trim()))])
    .pipe(z.array(z.enum(known)).min(1));

const optionsSchema = z.object({
  input: z.string().optional(),
  cases: words(ctCases.map(({ id }) => id)),
  methods: words(ctMethodIds),
  /** A:B, slice B not included. */
  slices: z
    .string()
    .regex(/^\d+:\d+$/, 'expected A:B')
    .transform((text) => text.split(':').map(Number) as [number, number])
    .optional(),
  photons: z.coerce.number().min(1).optional(),
  noise: z.coerce.number().min(0).max(1).optional(),
  prior: z.string().default(defaultCtPrior),
  dds: z.array(z.string()).default([]),
  out: z.string().optional(),
});

export interface CtQualityReport {
  prior: { name: string; hash: string } | null;
  noise: CtNoiseLevel;
  cases: CtCaseResult[];
  wallSeconds: number;
}

/** Options: --input FILE --cases sv16,la90 --methods … --slices A:B --photons N | --noise S --prior NAME --dds key=value --out FILE. */
export async function runCtQuality(args: readonly string[], context: BenchContext): Promise<CtQualityReport> {
  const options = parseOptions(optionsSchema, args, ['dds']);
  const { photons, noise } = options;
  if (photons !== undefined && noise !== undefined)
    throw new EngineError('bad-usage', '--photons and --noise exclude each other', { path: '--noise' });
  const level: CtNoiseLevel = noise === undefined ? { photons: photons ?? defaultPhotons } : { noise };
  const input = { seed: context.seed, ...Object.fromEntries(options.dds.map(keyValue)) };
  const started = performance.now();
  const scan = await openSeries(options.input, options.slices);
  const { signal, threads, seed, note, print } = context;
  const engine: RunContext = {
    ...{ signal, threads, device: await resolveDevice(context.device) },
    ...{ progress: () => {}, log: () => {} },
  };
  const kept = await openRows(options.out);
  const prior = options.methods.includes('dds')
    ? await loadPrior(options.prior, { threads, device: engine.device })
    : undefined;
  try {
    print(intro(scan, level));
    const results: CtCaseResult[] = [];
    const isJudged = (id: string) => ctCases.some(({ bars }) => bars.some(({ over }) => over === id));
    for (const kind of ctCases.filter(({ id }) => options.cases.includes(id))) {
      const rows: CtRow[] = [];
      let scene: CtScene | undefined;
      for (const id of ctMethodIds.filter((method) => options.methods.includes(method))) {
        await checkpoint(engine);
        const key = {
          ...{ input: scan.digest, slices: options.slices ?? null, case: kind.id, ...level, seed, method: id },
          ...(id === 'dds' && prior ? { prior: prior.hash, dds: input } : {}),
        };
        let row = kept.find(key);
        if (row === undefined) {
          scene ??= await simulateCtScene(scan, kind, level, seed);
          row =
            id === 'dds' && prior
              ? await runDdsRow(scene, prior, input, engine)
              : await runCtBaseline(id, scene, isJudged(id), engine);
          await kept.add(key, row);
        }
        rows.push(row);
        note(`${kind.id} ${remark(row)}`);
      }
      const result = caseResult(kind, rows);
      print(`\n${formatCtCase(result)}`);
      results.push(result);
    }
    print(`\n${formatCtOverview(results, options.methods)}`);
    const wallSeconds = (performance.now() - started) / 1000;
    print(`\n${wallSeconds.toFixed(0)} s`);
    return { prior: prior ? { name: prior.name, hash: prior.hash } : null, noise: level, cases: results, wallSeconds };
  } finally {
    await prior?.dispose();
  }
}

async function openSeries(input: string | undefined, slices: [number, number] | undefined): Promise<ImageScan> {
  const path = input ?? resolve(import.meta.dirname, '../..', heldOutSeries);
  if (input === undefined && !existsSync(path))
    throw new EngineError('not-found', 'the held-out CT series is not here', {
      path: heldOutSeries,
      hint: 'Give a CT series with --input FILE.',
    });
  const scan = await openScan(path);
  const chosen = slices ? takeSlices(scan, slices) : scan;
  if (chosen.kind !== 'image' || chosen.modality !== 'CT')
    throw new EngineError('bad-usage', 'the input is no CT image series', { path: '--input' });
  return chosen;
}

function intro({ volume, spacingMm }: ImageScan, level: CtNoiseLevel): string {
  const [slices, rows, columns] = volume.shape;
  const mm = spacingMm ? `, ${spacingMm.map((value) => value.toFixed(1)).join(' × ')} mm` : '';
  const noise =
    'photons' in level
      ? `${level.photons.toExponential(0)} photons per ray`
      : `Gaussian noise of ${level.noise} × the 0.99 quantile of the line integrals`;
  return [
    `${slices} slices of ${rows} × ${columns}${mm}; parallel beam, ${noise}.`,
    'PSNR and SSIM of each slice on attenuation, data range = maximum of the volume.',
    'Baselines: the best of their tuning grids, those with a bar on these very slices,',
    'the others on slices from the middle. DDS: its defaults.',
  ].join('\n');
}

async function runDdsRow(scene: CtScene, prior: Prior, input: DdsInput, context: RunContext): Promise<CtRow> {
  const started = process.cpuUsage();
  const { waterPerPixel } = scene;
  const options = waterPerPixel === undefined ? {} : { waterPerPixel };
  const { image, parameters } = await runDdsCt(scene.data, prior, input, options, context);
  const { preset, steps, eta, rho, lambda } = parameters as unknown as Record<string, JsonValue | undefined>;
  const setting = Object.fromEntries(
    Object.entries({ prior: prior.name, ...input, preset, steps, eta, rho, lambda }).filter(
      ([, value]) => value !== undefined && value !== null && typeof value !== 'object',
    ),
  ) as Record<string, JsonValue>;
  return {
    ...{ id: 'dds', title: 'DDS', setting },
    tunedOn: 0,
    bySlice: scoreSlices(scene, image.data),
    cpuSeconds: { run: cpuSecondsSince(started), tune: 0 },
  };
}

function caseResult(kind: CtCase, rows: CtRow[]): CtCaseResult {
  const { id, title } = kind;
  return { id, title, slices: rows[0].bySlice.length, methods: rows, bars: judgeCt(kind, rows) };
}

function remark({ id, bySlice, cpuSeconds: { run, tune } }: CtRow): string {
  const mean = bySlice.reduce((sum, { psnr }) => sum + psnr, 0) / bySlice.length;
  return `${id} ${mean.toFixed(2)} dB, ${run.toFixed(1)} CPU-s${tune > 0 ? `, tuned in ${tune.toFixed(1)}` : ''}`;
}

/** "steps=20" → ["steps", 20]. */
function keyValue(word: string): [string, string | number | boolean] {
  const at = word.indexOf('=');
  if (at < 1) throw new EngineError('bad-usage', `"${word}" is not key=value`, { path: '--dds' });
  const [key, text] = [word.slice(0, at), word.slice(at + 1)];
  if (text === 'true' || text === 'false') return [key, text === 'true'];
  const number = Number(text);
  return [key, text.trim() !== '' && Number.isFinite(number) ? number : text];
}
