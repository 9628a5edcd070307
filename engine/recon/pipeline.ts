/** From a scan to a result: what was measured, or is simulated of an image, goes the way of its modality. */
import type { RunContext } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { ImageScan, Scan } from '../io/scan.ts';
import { reconstructCt } from './pipeline-ct.ts';
import { reconstructMri } from './pipeline-mri.ts';
import { ctMethods, mriMethods } from './registry.ts';
import type { ReconstructionResult, ReconstructOptions } from './result.ts';
import { simulateCt } from './simulate-ct.ts';
import { simulateKspace } from './simulate-scan.ts';

export { defaultCtPrior } from './pipeline-ct.ts';
export { defaultMriPrior } from './pipeline-mri.ts';

/** Which measurement a method belongs to. */
export type MeasuredModality = 'MRI' | 'CT';

/** Ids `reconstruct` accepts: for measurements of one modality, or of any. */
export function methodIds(modality?: MeasuredModality): string[] {
  const ids = ['dds', ...(modality === 'CT' ? [] : mriMethods.keys()), ...(modality === 'MRI' ? [] : ctMethods.keys())];
  return [...new Set(ids)];
}

/** Throws `bad-usage` naming the methods there are for the modality. */
export function checkMethod(id: string, modality?: MeasuredModality, option = '--method'): void {
  const valid = methodIds(modality);
  if (valid.includes(id)) return;
  const elsewhere = modality !== undefined && methodIds().includes(id);
  throw new EngineError(
    'bad-usage',
    elsewhere
      ? `method ${JSON.stringify(id)} is for ${modality === 'CT' ? 'MRI' : 'CT'}, the input is ${modality}`
      : `there is no method ${JSON.stringify(id)}`,
    {
      path: option,
      hint:
        modality === undefined
          ? `Choose for MRI one of ${methodIds('MRI').join(', ')}; for CT one of ${methodIds('CT').join(', ')}.`
          : `Choose one of ${valid.join(', ')}.`,
    },
  );
}

/**
 * Reconstructs every slice of the scan. Throws `bad-usage` for options that do not fit the input (simulation options
 * for measured data, none for images, a method of another modality), `mismatch`/`bad-input` for inconsistent data,
 * `cancelled`.
 */
export async function reconstruct(
  scan: Scan,
  options: ReconstructOptions,
  context: RunContext,
): Promise<ReconstructionResult> {
  const modality = measuredModality(scan, options);
  checkMethod(options.method, modality);
  for (const id of options.baselines ?? []) checkMethod(id, modality, '--compare');
  if (modality === 'MRI' && options.ct && Object.keys(options.ct).length > 0)
    throw new EngineError('bad-usage', `${readingOption(options.ct)} is for sinograms, the input is k-space`, {
      path: readingOption(options.ct),
    });
  if (modality === 'CT' && options.maps)
    throw new EngineError('bad-usage', 'coil maps are for k-space, the input is CT', { path: '--maps' });
  const source = { format: scan.format, kind: scan.kind, digest: scan.digest };
  if (scan.kind === 'image') {
    if (options.simulateCt) {
      const { measured, reference, frame } = simulateCt(scan, options.simulateCt, options.seed);
      return reconstructCt(
        { measured, reference: options.reference ?? reference, frame, simulated: true, source },
        options,
        context,
      );
    }
    if (!options.simulate) throw notMeasured(scan);
    const { measured, reference } = simulateKspace(scan, options.simulate, options.seed);
    return reconstructMri(
      { measured, reference: options.reference ?? reference, simulated: true, source, modality: scan.modality },
      options,
      context,
    );
  }
  const reference = options.reference ?? scan.reference;
  if (scan.kind === 'sinogram')
    return reconstructCt({ measured: scan, reference, simulated: false, source }, options, context);
  return reconstructMri({ measured: scan, reference, simulated: false, source, modality: 'MR' }, options, context);
}

function measuredModality(
  scan: Scan,
  { simulate, simulateCt: rays }: ReconstructOptions,
): MeasuredModality | undefined {
  if (scan.kind === 'image') return rays ? 'CT' : simulate ? 'MRI' : undefined;
  if (simulate || rays)
    throw new EngineError(
      'bad-usage',
      `the input is ${scan.kind === 'kspace' ? 'measured k-space' : 'a measured sinogram'}, which needs no simulation`,
      { hint: 'Leave the simulation options out.' },
    );
  return scan.kind === 'kspace' ? 'MRI' : 'CT';
}

function notMeasured({ modality }: ImageScan): EngineError {
  const mri = '--coils 8 --mask uniform1d --accel 4';
  const ct = '--angles 60';
  const example = modality === 'CT' ? ct : modality === 'MR' ? mri : `${mri}, or ${ct}`;
  return new EngineError('bad-usage', 'the input is an image series, which is already reconstructed', {
    hint: `Add --simulate options, for example ${example}, to simulate its acquisition.`,
  });
}

function readingOption(reading: NonNullable<ReconstructOptions['ct']>): string {
  const names: Record<string, string> = {
    centre: '--centre',
    imageSize: '--image-size',
    pixelMm: '--pixel',
    views: '--views',
  };
  return names[Object.keys(reading)[0]] ?? '--centre';
}
