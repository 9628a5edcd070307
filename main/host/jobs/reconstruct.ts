/** One scan to one result folder. */
import { z } from 'zod';
import { resolveParameters } from '../../../engine/dds/parameters.ts';
import { EngineError } from '../../../engine/errors.ts';
import { checkpointFolder } from '../../../engine/io/checkpoint-folder.ts';
import { refuseDrawnText } from '../../../engine/recon/deidentified-series.ts';
import { checkMethod, reconstruct as runPipeline } from '../../../engine/recon/pipeline.ts';
import { type CommandRecord, sortedJson } from '../../../engine/recon/provenance.ts';
import { ctMethods, mriMethods, parseParameters } from '../../../engine/recon/registry.ts';
import { beamKinds, type ReconstructionResult, type ReconstructOptions } from '../../../engine/recon/result.ts';
import { resultFormats, writeResultFolder } from '../../../engine/recon/result-folder.ts';
import { resultJson } from '../../../engine/recon/result-json.ts';
import { checkTarget } from '../../../engine/recon/result-target.ts';
import { programVersion } from '../../program-version.ts';
import { toEngineError } from '../engine-error.ts';
import { job } from '../job.ts';
import { inputName, inputPaths, namingFile, openInput } from '../open-input.ts';
import { readMaps, readReference } from '../side-arrays.ts';

export const simulationInput = z.object({
  coils: z.int(),
  mask: z.string(),
  accel: z.number(),
  acs: z.number(),
  noise: z.number(),
});

export const ctSimulationInput = z.object({
  angles: z.int(),
  arc: z.number(),
  geometry: z.enum(beamKinds),
  curved: z.boolean(),
  noise: z.number(),
  photons: z.number().optional(),
});

const ctReading = z.object({
  centre: z.union([z.number(), z.literal('auto')]).optional(),
  imageSize: z.int().optional(),
  pixelMm: z.number().optional(),
  views: z.object({ from: z.int(), to: z.int(), step: z.int() }).optional(),
});

export const commandInput = z.object({ name: z.string(), options: z.record(z.string(), z.json()) });

const input = z.object({
  input: inputPaths,
  out: z.string(),
  force: z.boolean(),
  formats: z.array(z.enum(resultFormats)),
  /** Derived DICOM without identity. */
  deidentify: z.boolean().default(false),
  method: z.string(),
  /** Other methods for the report. */
  compare: z.array(z.string()).optional(),
  prior: z.string().optional(),
  seed: z.int(),
  steps: z.int().optional(),
  eta: z.number().optional(),
  cg: z.int().optional(),
  gamma: z.number().optional(),
  noise: z.union([z.number(), z.literal('auto')]).optional(),
  samples: z.int().optional(),
  batch: z.int().optional(),
  slices: z.object({ from: z.int(), to: z.int() }).optional(),
  maps: z.string().optional(),
  /** Estimate the maps even where the scan carries some. */
  estimateMaps: z.boolean().default(false),
  reference: z.string().optional(),
  simulate: simulationInput.optional(),
  simulateCt: ctSimulationInput.optional(),
  /** What an image series is, where the file does not say or is wrong. */
  modality: z.enum(['CT', 'MR']).optional(),
  ct: ctReading.optional(),
  previewEvery: z.int().optional(),
  /** As previewEvery, for a screen that shows the run: not part of what is recorded. */
  watchEvery: z.int().min(1).optional(),
  checkpoint: z.object({ folder: z.string(), every: z.int().min(1) }).optional(),
  /** Bytes. */
  maxMemory: z.number().positive().optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  command: commandInput,
});

export const reconstruct = job({
  input,
  output: z.object({ folder: z.string(), result: resultJson }),
  run: async (request, context) => {
    await checkTarget(request.out, request.force);
    checkParameters(request.method, request.parameters ?? {});
    for (const id of request.compare ?? []) checkMethod(id, undefined, '--compare');
    const start = performance.now();
    const { scan, range } = await openInput(request.input, context, request.slices, request.modality);
    if (request.deidentify && scan.kind === 'image' && scan.dicom !== undefined) refuseDrawnText(scan.dicom);
    if (scan.kind === 'kspace' && request.estimateMaps) delete scan.maps;
    const { maps, reference, ...named } = request;
    const options: ReconstructOptions = {
      ...pipelineOptions(named),
      ...(maps === undefined ? {} : { maps: await readMaps(maps, range) }),
      ...(reference === undefined ? {} : { reference: await readReference(reference, range) }),
      ...(request.compare === undefined ? {} : { baselines: request.compare }),
      firstSlice: range.from,
      loadSeconds: (performance.now() - start) / 1000,
    };
    const result = await runPipeline(scan, options, context).catch((thrown) => {
      throw namingFile(thrown, inputName(request.input));
    });
    if (request.watchEvery !== undefined)
      forgetPreviews(result, Number(request.parameters?.previewEvery ?? request.previewEvery ?? 0));
    const written = await writeResultFolder(request.out, result, context, {
      version: programVersion(),
      // Sorted, so that a report reads the same wherever the options came from.
      command: { name: request.command.name, options: sortedOptions(request.command.options) },
      formats: request.formats,
      deidentify: request.deidentify,
      force: request.force,
      began: start,
      ...(scan.kind === 'image' && scan.dicom !== undefined ? { source: scan.dicom } : {}),
    });
    // Only now that the result is safe.
    if (request.checkpoint) await checkpointFolder(request.checkpoint.folder).remove();
    return { folder: request.out, result: written };
  },
});

function sortedOptions(options: CommandRecord['options']): CommandRecord['options'] {
  return sortedJson(options) as CommandRecord['options'];
}

/** A result is the same, and says the same, whether somebody watched or not. */
function forgetPreviews(result: ReconstructionResult, previewEvery: number): void {
  for (const made of [result, ...result.baselines])
    if ('previewEvery' in made.parameters) made.parameters = { ...made.parameters, previewEvery };
}

/** Unknown methods, and parameters no method of the name has, are refused before the scan is read. */
function checkParameters(method: string, parameters: Readonly<Record<string, unknown>>): void {
  checkMethod(method);
  const named = [mriMethods.get(method), ctMethods.get(method)].filter((found) => found !== undefined);
  const failures: unknown[] = [];
  for (const check of method === 'dds'
    ? [() => resolveParameters(parameters)]
    : named.map((found) => () => parseParameters(found, parameters)))
    try {
      check();
      return;
    } catch (thrown) {
      failures.push(thrown);
    }
  const { code, message, hint, stack } = toEngineError(failures[0]);
  const error = new EngineError(code, message, { path: '--set', hint, cause: failures[0] });
  error.stack = stack;
  throw error;
}

type Named = Omit<z.output<typeof input>, 'maps' | 'reference'>;

function pipelineOptions(request: Named): ReconstructOptions {
  const { method, prior, seed, steps, eta, cg, gamma, noise, samples, batch, parameters } = request;
  const previewEvery = request.watchEvery ?? request.previewEvery;
  const { simulate, simulateCt, ct, checkpoint, maxMemory } = request;
  const sampler = { method, prior, seed, steps, eta, cg, gamma, noise, samples, batch, previewEvery, parameters };
  return { ...sampler, simulate, simulateCt, ct, checkpoint, maxMemory };
}
