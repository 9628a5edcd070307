/** One export as its writers see it. */
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { EngineError } from '../../../engine/errors.ts';
import { type ResultJson, resultJson } from '../../../engine/recon/result-json.ts';
import type { CallRequest } from '../api/api.ts';
import type { Component, ItemDescription } from '../api/item.ts';
import type { Library } from '../services.ts';
import type { ExportWarning } from './export-labels.ts';
import type { FoundSource } from './find-source.ts';

export type ExportRequest = Extract<CallRequest<'jobs.start'>, { kind: 'export' }>;

export interface ExportJob {
  readonly library: Library;
  readonly request: ExportRequest;
  readonly item: ItemDescription;
  /** result.json of a reconstruction. */
  readonly record: ResultJson | undefined;
  /** Where to write; nothing in it is replaced. */
  readonly folder: string;
  readonly version: string;
  readonly signal: AbortSignal;
  /** The series a result was simulated from; looked for once. */
  source(): Promise<FoundSource | undefined>;
  /** Part of the work done, 0 to 1. */
  progress(fraction: number, stage: string): void;
}

export interface Exported {
  /** Relative to the folder. No patient text in them. */
  files: string[];
  warnings: ExportWarning[];
}

export function recordOf(item: ItemDescription): ResultJson | undefined {
  if (item.kind !== 'result') return undefined;
  const parsed = resultJson.safeParse(item.result);
  return parsed.success ? parsed.data : undefined;
}

/** The result.json of the item. Throws `unsupported` for anything but a reconstruction. */
export function requireResult(job: ExportJob, hint: string): ResultJson {
  if (job.record !== undefined) return job.record;
  throw new EngineError('unsupported', 'this export is made from results of a reconstruction', { hint });
}

export interface Shown {
  component: Component;
  volume: NdArray<'float32'>;
}

function componentOf({ item }: ExportJob, name: string): Component | undefined {
  return item.components.find((component) => component.name === name);
}

/** Image minus reference, signed, where the library does not hold the difference itself. */
async function difference(job: ExportJob): Promise<Shown | undefined> {
  const [image, reference] = [componentOf(job, 'image'), componentOf(job, 'reference')];
  if (image === undefined || reference === undefined) return undefined;
  const [values, wanted] = await Promise.all(
    [image, reference].map(({ name }) => job.library.volume(job.item.id, name)),
  );
  const data = Float32Array.from(values, (value, i) => value - wanted[i]);
  return {
    component: { ...image, name: 'difference', title: 'Difference', role: 'difference', window: null },
    volume: ndarray('float32', [...image.shape], data),
  };
}

/** Values of the component asked for, [slices, y, x]. Throws `not-found` and `unsupported`. */
export async function shownComponent(job: ExportJob): Promise<Shown> {
  const name = job.request.component;
  const component = componentOf(job, name);
  if (component === undefined) {
    const computed = name === 'difference' ? await difference(job) : undefined;
    if (computed !== undefined) return computed;
    const known = job.item.components.map((each) => each.name).join(', ');
    throw new EngineError('not-found', `the item has no component "${name}"`, { hint: `It has: ${known || 'none'}.` });
  }
  if (component.format !== 'float32')
    throw new EngineError('unsupported', 'colour pictures are not exported in this format', {
      hint: 'Use de-identified DICOM, which keeps the pixels as they are.',
    });
  const data = await job.library.volume(job.item.id, name);
  return { component, volume: ndarray('float32', [...component.shape], data) };
}

export function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new EngineError('cancelled', 'cancelled');
}
