/**
 * `tangent bench quality-grid`: the published quality table. Every combination of acceleration, mask type, number of
 * coils and noise level on slices of the held-out series, baselines at their best on these very slices, DDS at its
 * defaults. Cells are appended to --out as they are finished, and a later run goes on where an earlier one stopped.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';
import { openScan } from '../../engine/io/recognise.ts';
import { maskTypes } from '../../engine/physics/mri/masks.ts';
import { loadPrior } from '../../engine/prior/registry.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { table } from '../cli/table.ts';
import { bundledSeries } from '../host/bundled-series.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import { parseOptions } from './parse-options.ts';
import { type QualityCase, runCase } from './quality-cases.ts';
import { type QualityMethodId, qualityMethodIds, type Tools } from './quality-methods.ts';
import { chooseSlices } from './quality-scene.ts';

export const summary = 'PSNR over accelerations, masks, coils and noise levels, as one table.';

const cellSchema = z.strictObject({
  mask: z.enum(maskTypes),
  acceleration: z.number(),
  coils: z.int(),
  noise: z.number(),
  measured: z.number(),
  prior: z.string(),
  slices: z.array(z.int()),
  /** Mean PSNR in dB by method. */
  psnr: z.record(z.string(), z.number()),
});
export type GridCell = z.infer<typeof cellSchema>;

const numbers = (fallback: readonly number[]) =>
  z
    .string()
    .default(fallback.join(','))
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.number().min(0)).min(1));
const words = <T extends string>(known: readonly T[], fallback: readonly T[]) =>
  z
    .string()
    .default(fallback.join(','))
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(known)).min(1));

const optionsSchema = z.object({
  input: z.string().optional(),
  out: z.string().optional(),
  prior: z.string().default(defaultMriPrior),
  slices: z.coerce.number().int().min(1).default(1),
  accelerations: numbers([2, 4, 8, 12]),
  coils: numbers([1, 4, 8]),
  noises: numbers([0.005, 0.01, 0.03]),
  masks: words(maskTypes, ['uniform1d', 'gaussian1d', 'gaussian2d', 'poisson']),
  methods: words(qualityMethodIds, ['zero-filled', 'cg-sense', 'l1-wavelet', 'tv', 'dds']),
});
type Options = z.infer<typeof optionsSchema>;

/** The fully sampled centre shrinks with the acceleration: 16, 8, 4, 2.7 % at R = 2, 4, 8, 12. */
const centreShare = (acceleration: number) => 0.32 / acceleration;

function gridCases({ accelerations, coils, noises, masks }: Options): QualityCase[] {
  return masks.flatMap((mask) =>
    accelerations.flatMap((acceleration) =>
      coils.flatMap((count) =>
        noises.map((noise) => ({
          id: `${mask} R${acceleration} ${count}c ${noise}`,
          title: `${mask}, R ${acceleration}, ${count} coils, noise ${(100 * noise).toFixed(1)} %`,
          ...{ mask, acceleration, coils: count, noise, acs: centreShare(acceleration), bars: [] },
        })),
      ),
    ),
  );
}

async function finishedCells(path: string | undefined): Promise<GridCell[]> {
  if (path === undefined) return [];
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => {
      const parsed = cellSchema.safeParse(parseJson(line));
      if (parsed.success) return parsed.data;
      throw new EngineError('bad-input', `line ${i + 1} is no cell of this table`, { path });
    });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Rows of the printed table, one per cell: PSNR by method and what DDS gains over the best other method. */
export function gridRows(cells: readonly GridCell[], methods: readonly QualityMethodId[]): string[][] {
  return cells.map((cell) => {
    const others = methods.filter((id) => id !== 'dds' && cell.psnr[id] !== undefined).map((id) => cell.psnr[id]);
    const gain = cell.psnr.dds === undefined ? undefined : cell.psnr.dds - Math.max(...others);
    return [
      ...[cell.mask, String(cell.acceleration), String(cell.coils), `${(100 * cell.noise).toFixed(1)} %`],
      ...methods.map((id) => cell.psnr[id]?.toFixed(2) ?? '–'),
      gain === undefined ? '–' : `${gain >= 0 ? '+' : ''}${gain.toFixed(2)}`,
    ];
  });
}

export async function run(args: readonly string[], context: BenchContext): Promise<GridCell[]> {
  const options = parseOptions(optionsSchema, args);
  const scan = await openScan(options.input ?? bundledSeries('--input FILE'));
  if (scan.kind !== 'image')
    throw new EngineError('bad-usage', `the input is ${scan.kind}, expected an image series`, { path: '--input' });
  const { signal, threads, seed, note } = context;
  const engine = { signal, threads, device: await resolveDevice(context.device), progress: () => {}, log: () => {} };
  const prior = await loadPrior(options.prior, { threads, device: engine.device });
  try {
    const tools: Tools = { context: engine, note: () => {}, bart: undefined, prior, dds: { seed } };
    const slices = chooseSlices(scan.volume, options.slices);
    const done = (await finishedCells(options.out)).filter((cell) => cell.prior === prior.hash);
    const cells: GridCell[] = [];
    for (const kind of gridCases(options)) {
      const { mask, acceleration, coils, noise } = kind;
      const known = done.find(
        (c) => c.mask === mask && c.acceleration === acceleration && c.coils === coils && c.noise === noise,
      );
      if (known) {
        cells.push(known);
        continue;
      }
      const result = await runCase(
        kind,
        scan,
        { slices, methods: options.methods, seed, trueMaps: false },
        tools,
      ).catch((thrown) => {
        if (thrown instanceof EngineError && thrown.path === 'acceleration') return thrown;
        throw thrown;
      });
      if (result instanceof EngineError) {
        note(`left out: ${kind.title}: ${result.message}`);
        continue;
      }
      const cell: GridCell = {
        ...{ mask, acceleration, coils, noise, slices, prior: prior.hash },
        measured: result.acquisition.measuredAcceleration,
        psnr: Object.fromEntries(result.methods.map((row) => [row.id, row.summary.psnr.mean])),
      };
      if (options.out !== undefined) await appendFile(options.out, `${JSON.stringify(cell)}\n`);
      cells.push(cell);
      note(gridRows([cell], options.methods)[0].join('  '));
    }
    const heads = ['mask', 'R', 'coils', 'noise', ...options.methods, 'gain'];
    context.print(table(heads, gridRows(cells, options.methods)));
    context.print(
      `\nMean PSNR in dB over slices ${slices.join(', ')}; gain: DDS over the best other method of the row.`,
    );
    return cells;
  } finally {
    await prior.dispose();
  }
}
