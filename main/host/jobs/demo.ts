/** The first-run experience: a few slices of a real scan, undersampled, by every method, side by side. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type RunContext, subContext } from '../../../engine/context.ts';
import { writeFolderAtomic } from '../../../engine/io/atomic-folder.ts';
import type { Scan } from '../../../engine/io/scan.ts';
import { sliceCount, takeSlices } from '../../../engine/io/take-slices.ts';
import { reconstruct } from '../../../engine/recon/pipeline.ts';
import { renderReport } from '../../../engine/recon/report.ts';
import type { BaselineResult, QualityMetrics, ReconstructionResult } from '../../../engine/recon/result.ts';
import { type ResultFormat, writeResultFolder } from '../../../engine/recon/result-folder.ts';
import { checkTarget } from '../../../engine/recon/result-target.ts';
import { programVersion } from '../../program-version.ts';
import { bundledSeries } from '../bundled-series.ts';
import { job } from '../job.ts';
import { namingFile, openInput } from '../open-input.ts';
import { commandInput, simulationInput } from './reconstruct.ts';

const shownSlices = 3;
const baselines = ['zero-filled', 'cg-sense', 'l1-wavelet', 'tv'] as const;
export const demoMarker = 'dds/result.json';

const input = z.object({
  /** Absent: the bundled series. */
  scan: z.string().optional(),
  out: z.string(),
  force: z.boolean(),
  seed: z.int(),
  simulate: simulationInput,
  command: commandInput,
});

const output = z.object({
  methods: z.record(
    z.string(),
    z.object({
      metrics: z.object({ psnr: z.number().nullable(), ssim: z.number(), nmse: z.number() }).nullable(),
      seconds: z.number(),
      folder: z.string(),
    }),
  ),
  folder: z.string(),
  report: z.string(),
});

function central(scan: Scan): { scan: Scan; first: number } {
  const count = sliceCount(scan);
  if (count <= shownSlices) return { scan, first: 0 };
  const first = Math.floor((count - shownSlices) / 2);
  return { scan: takeSlices(scan, [first, first + shownSlices]), first };
}

/** A baseline as a result of its own: same scan, same settings, no prior. */
function asResult(result: ReconstructionResult, baseline: BaselineResult): ReconstructionResult {
  return {
    ...result,
    method: baseline.id,
    methodTitle: baseline.title,
    parameters: baseline.parameters,
    device: 'cpu',
    image: baseline.image,
    imageComplex: baseline.imageComplex,
    metrics: baseline.metrics,
    residual: baseline.residual ?? { relative: 0, expected: null },
    nfe: baseline.nfe,
    seconds: { ...result.seconds, sample: baseline.seconds },
    prior: undefined,
    fit: undefined,
    std: undefined,
    evidence: undefined,
    maps: undefined,
    calibration: undefined,
    consistency: [],
    curve: [],
    warnings: [],
    baselines: [],
  };
}

const finite = (metrics: QualityMetrics | undefined) =>
  metrics === undefined ? null : { ...metrics, psnr: Number.isFinite(metrics.psnr) ? metrics.psnr : null };

async function compute(request: z.output<typeof input>, context: RunContext) {
  const path = request.scan ?? bundledSeries('--scan FILE');
  const start = performance.now();
  const opened = await openInput(path, context);
  const { scan, first } = central(opened.scan);
  const loadSeconds = (performance.now() - start) / 1000;
  const result = await reconstruct(
    scan,
    {
      method: 'dds',
      seed: request.seed,
      baselines,
      firstSlice: first,
      loadSeconds,
      ...(scan.kind === 'image' ? { simulate: request.simulate } : {}),
    },
    subContext(context, 0.02, 0.97),
  ).catch((thrown) => {
    throw namingFile(thrown, path);
  });
  return { result, dicom: scan.kind === 'image' ? scan.dicom : undefined };
}

export const demo = job({
  input,
  output,
  run: async (request, context) => {
    await checkTarget(request.out, request.force, demoMarker);
    const { result, dicom } = await compute(request, context);
    const version = programVersion();
    const { command } = request;
    const write = async (folder: string, one: ReconstructionResult, formats: readonly ResultFormat[]) => {
      const source = dicom === undefined ? {} : { source: dicom };
      await writeResultFolder(join(folder, one.method), one, context, {
        version,
        command,
        formats,
        force: false,
        ...source,
      });
    };
    await writeFolderAtomic(request.out, { force: true, signal: context.signal }, async (folder) => {
      for (const baseline of result.baselines) await write(folder, asResult(result, baseline), ['npy', 'png']);
      await write(folder, result, ['npy', 'png', 'dicom', 'nifti']);
      await writeFile(join(folder, 'report.html'), renderReport(result, { version, command, times: true }));
    });
    const rows = [...result.baselines, { id: result.method, metrics: result.metrics, seconds: result.seconds.sample }];
    return {
      methods: Object.fromEntries(
        rows.map(({ id, metrics, seconds }) => [
          id,
          { metrics: finite(metrics), seconds, folder: join(request.out, id) },
        ]),
      ),
      folder: request.out,
      report: join(request.out, 'report.html'),
    };
  },
});
