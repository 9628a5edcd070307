/**
 * `tangent bench sinogram`: real scans, methods side by side, with nothing simulated.
 *   tooth   synchrotron scan of one row, parallel beam, 181 views; the rotation axis is found from the views. Reconstructed
 *           from fewer of them it is scored twice: against the FBP of all views, and by how well it predicts the views
 *           that were left out, beside their noise.
 *   htc     lab scan over 60° on a flat fan-beam detector, a disk with holes; scored by Matthews correlation with the
 *           segmented truth after Otsu's threshold, the challenge's measure (sinogram-score.ts).
 * DDS uses a prior trained on chests, which neither object resembles: its fit check must say so.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { RunContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { readFileBytes } from '../../engine/io/file-bytes.ts';
import { openNpz } from '../../engine/io/npz.ts';
import { openScan } from '../../engine/io/recognise.ts';
import type { SinogramScan } from '../../engine/io/scan.ts';
import { explainCt } from '../../engine/recon/explain-ct.ts';
import { nmse, psnr } from '../../engine/recon/metrics.ts';
import { methodIds, reconstruct } from '../../engine/recon/pipeline.ts';
import { prepareCt } from '../../engine/recon/prepare-ct.ts';
import type { JsonValue, ReconstructionResult } from '../../engine/recon/result.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { table } from '../cli/table.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import { parseOptions } from './parse-options.ts';
import { binDetector, chooseViews, everyView } from './sinogram-scan.ts';
import { enlarge, type Segmentation, segment } from './sinogram-score.ts';

export const summary = 'Real CT scans (a tooth, the Helsinki challenge): FBP, SIRT, TV and DDS side by side.';

const words = z.string().transform((text) => text.split(',').map((word) => word.trim()));
const optionsSchema = z.object({
  data: z.string().default(fileURLToPath(new URL('../../../shared/data/sinogram/', import.meta.url))),
  only: words.pipe(z.array(z.enum(['tooth', 'htc']))).default(['tooth', 'htc']),
  methods: words.default(['fbp', 'sirt', 'tv', 'dds']),
  views: words
    .transform((list) => list.map(Number))
    .pipe(z.array(z.int().min(2).max(181)))
    .default([181, 60, 30]),
  /** Detector elements joined to one; the image shrinks with them. */
  bin: z.coerce.number().int().min(1).max(8).default(2),
  /** Weight of TV on the limited arc of htc: the best by MCC of 0.0005, 0.002, 0.005 and 0.01 with four elements joined. */
  'htc-lambda': z.coerce.number().min(0).max(1).default(0.0005),
});
type Options = z.output<typeof optionsSchema>;

export interface SinogramRow {
  scan: 'tooth' | 'htc';
  views: number;
  method: string;
  seconds: number;
  /** ‖Ax − y‖/‖y‖ over the views used, and of their noise. */
  residual: number;
  expected: number | null;
  /** Against the FBP of all views (tooth). */
  psnr?: number;
  nmse?: number;
  /** ‖Ax − y‖/‖y‖ over the views left out (tooth). */
  heldOut?: number;
  /** Of htc. */
  segmentation?: Segmentation;
  fit?: { verdict: string; percentile: number | null; message: string };
  parameters: Readonly<Record<string, JsonValue>>;
  warnings: string[];
}

export interface SinogramReport {
  bin: number;
  /** Detector index of the tooth's axis, in its own elements. */
  centre?: number;
  rows: SinogramRow[];
}

const toothPixels = 448;
const truthPixels = 512;

async function open(folder: string, name: string): Promise<SinogramScan> {
  const path = join(folder, name);
  if (!(await stat(path).catch(() => undefined)))
    throw new EngineError('not-found', 'the scan is not here', { path, hint: 'Give its folder by --data DIR.' });
  const scan = await openScan(path);
  if (scan.kind !== 'sinogram') throw new EngineError('bad-input', `expected a sinogram, found ${scan.kind}`, { path });
  return scan;
}

function rowOf(scan: SinogramRow['scan'], result: ReconstructionResult): SinogramRow {
  const { fit, residual } = result;
  return {
    scan,
    views: result.beam?.views ?? 0,
    method: result.method,
    seconds: result.seconds.sample,
    residual: residual.relative,
    expected: residual.expected,
    ...(fit ? { fit: { verdict: fit.verdict, percentile: fit.percentile, message: fit.message } } : {}),
    parameters: result.parameters,
    warnings: result.warnings.map(({ message }) => message),
  };
}

async function tooth(options: Options, seed: number, context: RunContext, note: (text: string) => void) {
  const whole = await open(options.data, 'tooth_180deg.npz');
  const { beam } = prepareCt(whole, { centre: 'auto' }, 'auto');
  note(`tooth: rotation axis found at detector index ${beam.centre}`);
  const scan = binDetector({ ...whole, detectorCentre: beam.centre }, options.bin);
  const size = Math.floor(toothPixels / options.bin);
  const count = scan.anglesDeg.length;
  const complete = await reconstruct(scan, { method: 'fbp', seed, ct: { imageSize: size } }, context);
  const rows: SinogramRow[] = [];
  for (const wanted of options.views) {
    const used = everyView(count, wanted);
    const left = Array.from({ length: count }, (_, view) => view).filter((view) => !used.includes(view));
    const part = chooseViews(scan, used);
    for (const method of options.methods) {
      const result = await reconstruct(part, { method, seed, ct: { imageSize: size } }, context);
      const row = rowOf('tooth', result);
      if (left.length > 0) {
        const hidden = prepareCt(chooseViews(scan, left), { imageSize: size }, 'auto').data;
        row.heldOut = (await explainCt(hidden, result.image, context)).all.residual;
      }
      if (!(method === 'fbp' && used.length === count)) {
        row.psnr = psnr(result.image, complete.image);
        row.nmse = nmse(result.image, complete.image);
      }
      rows.push(row);
      note(`tooth, ${used.length} views, ${method}: ${result.seconds.sample.toFixed(1)} s`);
    }
  }
  return { centre: beam.centre, rows };
}

async function htc(options: Options, seed: number, context: RunContext, note: (text: string) => void) {
  const name = 'htc2022_ta_60deg.npz';
  const scan = binDetector(await open(options.data, name), options.bin);
  const path = join(options.data, name);
  const truth = openNpz(await readFileBytes(path), path).array('segmentation').data;
  const size = truthPixels / options.bin;
  if (!Number.isInteger(size))
    throw new EngineError('bad-usage', `${truthPixels} pixels are not ${options.bin} times a whole number`, {
      path: '--bin',
    });
  const rows: SinogramRow[] = [];
  for (const method of options.methods) {
    const parameters: Record<string, JsonValue> = method.startsWith('tv') ? { lambda: options['htc-lambda'] } : {};
    const result = await reconstruct(scan, { method, seed, ct: { imageSize: size }, parameters }, context);
    const image = enlarge(result.image.data, size, options.bin);
    rows.push({ ...rowOf('htc', result), segmentation: segment(image, truth) });
    note(`htc, ${method}: ${result.seconds.sample.toFixed(1)} s`);
  }
  return rows;
}

function formatted({ rows, centre, bin }: SinogramReport): string {
  const number = (value: number | undefined | null, digits: number) =>
    value === undefined || value === null ? '–' : value.toFixed(digits);
  const percent = (value: number | undefined | null) =>
    number(value === undefined || value === null ? value : 100 * value, 2);
  const parts: string[] = [];
  const teeth = rows.filter(({ scan }) => scan === 'tooth');
  if (teeth.length > 0)
    parts.push(
      `tooth, parallel beam, detector joined by ${bin}, rotation axis at ${centre} (found)`,
      table(
        ['views', 'method', 'PSNR dB', 'NMSE', 'residual %', 'left out %', 'noise %', 'seconds'],
        teeth.map((row) => [
          ...[String(row.views), row.method, number(row.psnr, 2), number(row.nmse, 4)],
          ...[percent(row.residual), percent(row.heldOut), percent(row.expected), number(row.seconds, 1)],
        ]),
      ),
      'PSNR and NMSE against the FBP of all views, noise and all; left out: views not used.',
    );
  const lab = rows.filter(({ scan }) => scan === 'htc');
  if (lab.length > 0)
    parts.push(
      `htc, fan beam over 60°, detector joined by ${bin}`,
      table(
        ['method', 'MCC (Otsu)', 'best MCC', 'residual %', 'noise %', 'seconds'],
        lab.map((row) => [
          ...[row.method, number(row.segmentation?.mcc, 4), number(row.segmentation?.bestMcc, 4)],
          ...[percent(row.residual), percent(row.expected), number(row.seconds, 1)],
        ]),
      ),
      'MCC: Matthews correlation with the segmented truth; best: over all thresholds, an upper bound.',
    );
  const fits = rows.flatMap(({ scan, views, fit }) => (fit ? [`  ${scan}, ${views} views: ${fit.message}`] : []));
  if (fits.length > 0) parts.push(['Fit of dds:', ...fits].join('\n'));
  return parts.join('\n\n');
}

/** Options: --only=tooth,htc, --methods=fbp,sirt,tv,dds, --views=181,60,30, --bin=2, --htc-lambda=0.0005, --data=DIR. */
export async function run(args: readonly string[], context: BenchContext): Promise<SinogramReport> {
  const options = parseOptions(optionsSchema, args);
  const known = methodIds('CT');
  const stray = options.methods.find((method) => !known.includes(method));
  if (stray !== undefined)
    throw new EngineError('bad-usage', `there is no CT method "${stray}"`, {
      path: '--methods',
      hint: `Choose of ${known.join(', ')}.`,
    });
  const { signal, threads, seed, note } = context;
  const engine = { signal, threads, device: await resolveDevice(context.device), progress: () => {}, log: () => {} };
  const report: SinogramReport = { bin: options.bin, rows: [] };
  if (options.only.includes('tooth')) {
    const { centre, rows } = await tooth(options, seed, engine, note);
    report.centre = centre;
    report.rows.push(...rows);
  }
  if (options.only.includes('htc')) report.rows.push(...(await htc(options, seed, engine, note)));
  context.print(formatted(report));
  return report;
}
