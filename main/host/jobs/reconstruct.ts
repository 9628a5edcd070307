/** One scan to one result folder. */
import { z } from 'zod';
import { resolveParameters } from '../../../engine/dds/parameters.ts';
import { EngineError } from '../../../engine/errors.ts';
import { methodIds, reconstruct as runPipeline } from '../../../engine/recon/pipeline.ts';
import { mriMethod, parseParameters } from '../../../engine/recon/registry.ts';
import type { ReconstructOptions } from '../../../engine/recon/result.ts';
import { resultFormats, writeResultFolder } from '../../../engine/recon/result-folder.ts';
import { resultJson } from '../../../engine/recon/result-json.ts';
import { checkTarget } from '../../../engine/recon/result-target.ts';
import { programVersion } from '../../program-version.ts';
import { toEngineError } from '../engine-error.ts';
import { job } from '../job.ts';
import { namingFile, openInput } from '../open-input.ts';
import { readMaps, readReference } from '../side-arrays.ts';

export const simulationInput = z.object({
  coils: z.int(),
  mask: z.string(),
  accel: z.number(),
  acs: z.number(),
  noise: z.number(),
});

export const commandInput = z.object({ name: z.string(), options: z.record(z.string(), z.json()) });

const input = z.object({
  input: z.string(),
  out: z.string(),
  force: z.boolean(),
  formats: z.array(z.enum(resultFormats)),
  method: z.string(),
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
  previewEvery: z.int().optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  command: commandInput,
});

export const reconstruct = job({
  input,
  output: z.object({ folder: z.string(), result: resultJson }),
  run: async (request, context) => {
    await checkTarget(request.out, request.force);
    checkParameters(request.method, request.parameters ?? {});
    const start = performance.now();
    const { scan, range } = await openInput(request.input, context, request.slices);
    if (scan.kind === 'kspace' && request.estimateMaps) delete scan.maps;
    const { maps, reference, ...named } = request;
    const options: ReconstructOptions = {
      ...pipelineOptions(named),
      ...(maps === undefined ? {} : { maps: await readMaps(maps, range) }),
      ...(reference === undefined ? {} : { reference: await readReference(reference, range) }),
      firstSlice: range.from,
      loadSeconds: (performance.now() - start) / 1000,
    };
    const result = await runPipeline(scan, options, context).catch((thrown) => {
      throw namingFile(thrown, request.input);
    });
    const written = await writeResultFolder(request.out, result, context, {
      version: programVersion(),
      command: request.command,
      formats: request.formats,
      force: request.force,
      began: start,
      ...(scan.kind === 'image' && scan.dicom !== undefined ? { source: scan.dicom } : {}),
    });
    return { folder: request.out, result: written };
  },
});

/** Unknown methods and parameters are refused before the scan is read. */
function checkParameters(method: string, parameters: Readonly<Record<string, unknown>>): void {
  if (!methodIds().includes(method))
    throw new EngineError('bad-usage', `there is no method "${method}"`, {
      path: '--method',
      hint: `Methods are ${methodIds().join(', ')}.`,
    });
  try {
    if (method === 'dds') resolveParameters(parameters);
    else parseParameters(mriMethod(method), parameters);
  } catch (thrown) {
    const { code, message, hint, stack } = toEngineError(thrown);
    const error = new EngineError(code, message, { path: '--set', hint, cause: thrown });
    error.stack = stack;
    throw error;
  }
}

type Named = Omit<z.output<typeof input>, 'maps' | 'reference'>;

function pipelineOptions(request: Named): ReconstructOptions {
  const { method, prior, seed, steps, eta, cg, gamma, noise, samples, batch, simulate, previewEvery, parameters } =
    request;
  return { method, prior, seed, steps, eta, cg, gamma, noise, samples, batch, simulate, previewEvery, parameters };
}
