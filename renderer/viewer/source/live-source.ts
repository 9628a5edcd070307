/** The running estimate of a job: one slice, or three planes of a volume. */
import { dataRoutes } from '../../../main/host/api/data-routes.ts';
import type { JobRecord } from '../../../main/host/api/job.ts';
import { percentileWindow, windowOf } from '../maths/window-level.ts';
import { loadBytes, peekBytes } from './pixel-cache.ts';
import type { Source } from './source.ts';

export type LiveAxis = 'z' | 'y' | 'x';

/** Null before the first preview. The range is that of the values loaded first: pass them. */
export async function liveSource(job: JobRecord, axis?: LiveAxis): Promise<Source | null> {
  const { preview } = job;
  if (preview === null) return null;
  const plane = axis === undefined ? undefined : preview.planes.find((one) => one.axis === axis);
  const { rows, columns } = plane ?? preview;
  const url = dataRoutes.preview(job.id, preview.revision, plane?.axis);
  const values = new Float32Array(await loadBytes(url));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range: [number, number] = low <= high ? [low, high] : [0, 0];
  return {
    key: `${job.id}/${preview.revision}/${plane?.axis ?? 'preview'}`,
    title: plane === undefined ? 'Running estimate' : `Running estimate, across ${plane.axis}`,
    unit: 'arbitrary',
    kind: 'image',
    role: 'image',
    shape: [1, rows, columns],
    range,
    integer: false,
    inverted: false,
    colours: 'grey',
    spacing: [null, null, null],
    planes: [],
    frameOfReference: null,
    description: null,
    component: null,
    remarks: [],
    reference: null,
    image: null,
    load: async () => new Float32Array(await loadBytes(url)),
    peek: () => {
      const buffer = peekBytes(url);
      return buffer === undefined ? undefined : new Float32Array(buffer);
    },
    urls: () => [url],
    firstWindow: async () => percentileWindow(values, 0.005) ?? windowOf(...range),
  };
}
