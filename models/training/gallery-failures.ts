/** What the galleries of all priors share: one slice of a series, changed or not, measured badly and reconstructed. */
import { item, ndarray, reshape } from '../../engine/arrays/ndarray.ts';
import type { RunContext } from '../../engine/context.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import { reconstruct } from '../../engine/recon/pipeline.ts';
import type { ReconstructionResult, ReconstructOptions } from '../../engine/recon/result.ts';
import type { Failure } from './gallery-strip.ts';

export interface Scene {
  name: string;
  title: string;
  text: string;
  /** Changes the image [y, x] in place; returns the places it changed, whose contrast is then followed. */
  change?: (image: Float32Array, height: number, width: number) => number[] | undefined;
  options: Pick<ReconstructOptions, 'simulate' | 'simulateCt'>;
}

export type Failures = AsyncGenerator<Failure>;

/** Slice z of a real series as a series of its own, without patient or study. */
export function lone(scan: ImageScan, z: number): ImageScan {
  const { volume, modality, format, digest, spacingMm } = scan;
  if (volume.dtype === 'complex64') throw new Error('expected a real series');
  const plane = item(volume, z);
  const copy = reshape(ndarray('float32', plane.shape, plane.data.slice()), [1, ...plane.shape]);
  return { kind: 'image', volume: copy, modality, format, digest, notes: [], ...(spacingMm ? { spacingMm } : {}) };
}

export async function* reconstructScenes(
  scan: ImageScan,
  z: number,
  prior: string,
  baseline: string,
  scenes: readonly Scene[],
  context: RunContext,
): Failures {
  for (const { name, title, text, change, options } of scenes) {
    const scene = lone(scan, z);
    const [, height, width] = scene.volume.shape;
    const before = scene.volume.data.slice();
    const places = change?.(scene.volume.data, height, width);
    const result = await reconstruct(scene, { method: 'dds', prior, seed: 0, baselines: [baseline], ...options }, context);
    const { image, evidence, reference, metrics, residual } = result;
    if (!evidence || !reference || !metrics) throw new Error(`${name}: no reference to compare with`);
    const figures = [
      `PSNR ${metrics.psnr.toFixed(2)} dB (${result.baselines[0].title.toLowerCase()} ${result.baselines[0].metrics?.psnr.toFixed(2)} dB)`,
      ...(residual.expected === null ? [] : [`distance to the data ${(residual.relative / residual.expected).toFixed(2)} times the noise`]),
      ...(places ? [`of the added contrast ${Math.round(100 * kept(result, before, places))} % is left`] : []),
      ...(result.fit ? [`fit: ${result.fit.message.replace(/\.$/, '')}`] : []),
    ];
    yield { name, title, text, figures: `${figures.join('; ')}.`, truth: reference, image, evidence };
  }
}

/** Mean of (reconstruction − unchanged image) over mean of (changed − unchanged), at the changed places. */
function kept({ image, reference }: ReconstructionResult, before: Float32Array, places: readonly number[]): number {
  if (!reference || image.data.length !== before.length) return Number.NaN;
  let added = 0;
  let left = 0;
  for (const i of places) {
    added += reference.data[i] - before[i];
    left += image.data[i] - before[i];
  }
  return left / added;
}
