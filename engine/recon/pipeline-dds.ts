/** What DDS needs around a run, for every modality: its parameters from named options, its prior, and what is reported. */
import type { NdArray } from '../arrays/ndarray.ts';
import type { RunContext } from '../context.ts';
import type { DdsInput, DdsParameters } from '../dds/parameters.ts';
import type { DdsResult, SampleOptions } from '../dds/sampler.ts';
import { noisePower, priorWarnings } from '../dds/warnings.ts';
import { checkpointFolder } from '../io/checkpoint-folder.ts';
import { type FitFile, readFitFile } from '../prior/fit/fit-file.ts';
import type { Manifest } from '../prior/manifest.ts';
import type { Prior } from '../prior/prior.ts';
import { loadManifest, loadPrior } from '../prior/registry.ts';
import { freeMemory } from './free-memory.ts';
import type { ReconstructionResult, ReconstructOptions, ResultWarning } from './result.ts';

/** What a run with a prior leaves beside its image; all absent for methods without. */
export type DdsExtras = Partial<
  Pick<ReconstructionResult, 'prior' | 'std' | 'curve' | 'scale'> & {
    warnings: ResultWarning[];
    fitFile: FitFile;
    /** Where the network was evaluated. */
    device: string;
    noisePower: number;
  }
>;

interface AnyRun extends Required<Pick<DdsExtras, 'curve' | 'warnings'>> {
  std: NdArray<'float32'> | undefined;
  parameters: DdsParameters;
  result: DdsResult;
}

/** Opens the prior for the run and closes it afterwards. `shape` is that of the image [slices, y, x]. */
export async function withPrior<R extends AnyRun>(
  name: string,
  { shape, modality }: { shape: readonly number[]; modality: 'mri' | 'ct' },
  context: RunContext,
  sample: (prior: Prior) => Promise<R>,
): Promise<{ run: R; extras: DdsExtras; manifest: Manifest }> {
  const { manifest, folder } = await loadManifest(name);
  // Read before the sampling, so that a damaged file does not cost a finished run.
  const fitFile = await readFitFile(manifest, folder);
  const warned: ResultWarning[] = [];
  const prior = await loadPrior(name, {
    threads: context.threads,
    device: context.device,
    ...(context.precision !== undefined && context.device !== 'cpu' ? { precision: context.precision } : {}),
    warn: (message) => {
      context.log('warn', message);
      warned.push({ code: 'network', message });
    },
  });
  try {
    const run = await sample(prior);
    return {
      run,
      manifest,
      extras: {
        prior: { name: prior.name, hash: prior.hash },
        ...(run.std ? { std: run.std } : {}),
        curve: run.curve,
        scale: run.result.scale,
        device: prior.device?.() ?? 'cpu',
        warnings: [...run.warnings, ...warned, ...priorWarnings(manifest, shape, modality)],
        ...(fitFile ? { fitFile } : {}),
        ...(run.parameters.noiseRule === 'none' ? {} : { noisePower: noisePower(run.result.residual) }),
      },
    };
  } finally {
    await prior.dispose();
  }
}

/** How the run is carried out, as far as that changes no pixel: saved, and within which memory. */
export function carriedOut({ checkpoint, maxMemory }: ReconstructOptions): SampleOptions {
  return {
    keepInit: false,
    ...(checkpoint ? { checkpoint: { store: checkpointFolder(checkpoint.folder), every: checkpoint.every } } : {}),
    ...(maxMemory === undefined ? { freeMemory: freeMemory() } : { maxMemory }),
  };
}

/** The named options as sampler parameters; `parameters` wins. */
export function ddsInput({
  steps,
  eta,
  cg,
  gamma,
  samples,
  batch,
  seed,
  previewEvery,
  parameters,
}: ReconstructOptions): DdsInput {
  const named = { steps, eta, cgIters: cg, gamma, samples, batch, previewEvery };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return { ...given, seed, ...parameters } as DdsInput;
}
