/** The running estimate of a job: one slice, or the three planes of a volume side by side. */
import { dataRoutes } from '../../../main/host/api/data-routes.ts';
import type { JobRecord } from '../../../main/host/api/job.ts';
import { percentileWindow, windowOf } from '../maths/window-level.ts';
import { loadBytes } from './pixel-cache.ts';
import type { Source } from './source.ts';

export interface PlanePicture {
  rows: number;
  columns: number;
  values: Float32Array;
}

const gap = 4;

/** The first on the left, the others above each other to its right; what is between them has the lowest value. */
export function sideBySide(pictures: readonly PlanePicture[]): PlanePicture {
  const [first, ...others] = pictures;
  if (others.length === 0) return first;
  const rows = Math.max(
    first.rows,
    others.reduce((sum, one) => sum + one.rows + gap, -gap),
  );
  const columns = first.columns + gap + Math.max(...others.map((one) => one.columns));
  let low = Number.POSITIVE_INFINITY;
  for (const { values } of pictures) for (const value of values) if (value < low) low = value;
  const values = new Float32Array(rows * columns).fill(Number.isFinite(low) ? low : 0);
  const put = (picture: PlanePicture, top: number, left: number) => {
    for (let y = 0; y < picture.rows; y++)
      values.set(picture.values.subarray(y * picture.columns, (y + 1) * picture.columns), (top + y) * columns + left);
  };
  put(first, 0, 0);
  let top = 0;
  for (const other of others) {
    put(other, top, first.columns + gap);
    top += other.rows + gap;
  }
  return { rows, columns, values };
}

/** Null before the first preview. Rejects when its revision is already replaced. */
export async function liveSource(job: JobRecord): Promise<Source | null> {
  const { preview } = job;
  if (preview === null) return null;
  const { revision, planes } = preview;
  const parts =
    planes.length > 1
      ? planes.map(({ rows, columns, axis }) => ({ rows, columns, url: dataRoutes.preview(job.id, revision, axis) }))
      : [{ rows: preview.rows, columns: preview.columns, url: dataRoutes.preview(job.id, revision) }];
  const pictures = await Promise.all(
    parts.map(async ({ rows, columns, url }) => {
      const values = new Float32Array(await loadBytes(url));
      if (values.length !== rows * columns)
        throw new Error(`the preview has ${values.length} values, ${rows} × ${columns} were expected`);
      return { rows, columns, values };
    }),
  );
  const { rows, columns, values } = sideBySide(pictures);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range: [number, number] = low <= high ? [low, high] : [0, 0];
  return {
    key: `${job.id}/${revision}/preview`,
    title: 'Running estimate',
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
    remarks: planes.length > 1 ? [`planes across ${planes.map(({ axis }) => axis).join(', ')}`] : [],
    reference: null,
    image: null,
    load: async () => values,
    peek: () => values,
    urls: () => [],
    firstWindow: async () => percentileWindow(values, 0.005) ?? windowOf(...range),
  };
}
