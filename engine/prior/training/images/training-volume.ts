/** A volume to draw slices from, its usable slices and where the head lies in each. */
import { quantile } from '../../../arrays/statistics.ts';
import type { HeadBox } from './draw-placement.ts';
import type { ImageRule } from './image-config.ts';
import type { PlaneView } from './plane-views.ts';

export interface TrainingVolume {
  /** Name of the source: folder-relative file name, or "DICOM series k". */
  name: string;
  /** Sources of one group (a file, a study) are held out together. */
  group: string;
  /** [slices, y, x], values as the reader gives them. Integers that fit are kept as int16. */
  re: Float32Array | Int16Array;
  /** Imaginary part of complex volumes. */
  im?: Float32Array;
  shape: readonly [number, number, number];
  views: PlaneView[];
}

export interface UsableSlice {
  index: number;
  box: HeadBox;
}

/** Elements looked at for the quantile of a volume. */
const SAMPLE = 1 << 18;
/** Head: above this share of the 0.99 quantile of positive values, or of the window (−500 HU of −1000 … 1500). */
const HEAD_SHARE = 0.1;
const BODY_SHARE = 0.2;
/** A row or column belongs to the head when at least this share of it does: single bright pixels do not count. */
const LINE_SHARE = 0.03;

/** Magnitude above which a voxel belongs to head or body; Infinity when nothing is positive. */
export function headThreshold(volume: Pick<TrainingVolume, 're' | 'im'>, rule: ImageRule): number {
  if (rule.rule === 'window') return rule.window[0] + BODY_SHARE * (rule.window[1] - rule.window[0]);
  const { re, im } = volume;
  const step = Math.max(1, Math.floor(re.length / SAMPLE));
  const positive: number[] = [];
  for (let i = 0; i < re.length; i += step) {
    const m = im === undefined ? re[i] : Math.hypot(re[i], im[i]);
    if (m > 0) positive.push(m);
  }
  return positive.length === 0 ? Number.POSITIVE_INFINITY : HEAD_SHARE * quantile(Float64Array.from(positive), 0.99);
}

/** Slices of a view in which more than `minimum` of the plane is head, with the rectangle around it. */
export function usableSlices(
  volume: Pick<TrainingVolume, 're' | 'im'>,
  view: PlaneView,
  threshold: number,
  minimum: number,
): UsableSlice[] {
  const { re, im } = volume;
  const inRow = new Uint32Array(view.rows);
  const inColumn = new Uint32Array(view.columns);
  const square = threshold * threshold;
  const found: UsableSlice[] = [];
  for (let index = 0; index < view.count; index++) {
    inRow.fill(0);
    inColumn.fill(0);
    let total = 0;
    for (let r = 0; r < view.rows; r++) {
      let at = view.offset + index * view.sliceStride + r * view.rowStride;
      let row = 0;
      for (let c = 0; c < view.columns; c++, at += view.columnStride) {
        const inside = im === undefined ? re[at] > threshold : re[at] * re[at] + im[at] * im[at] > square;
        if (!inside) continue;
        row++;
        inColumn[c]++;
      }
      inRow[r] = row;
      total += row;
    }
    if (!(total > minimum * view.rows * view.columns) || total === 0) continue;
    const [top, bottom] = occupied(inRow, LINE_SHARE * view.columns);
    const [left, right] = occupied(inColumn, LINE_SHARE * view.rows);
    found.push({ index, box: { top, bottom, left, right } });
  }
  return found;
}

/** First and last line that hold at least `minimum` pixels; any pixel at all where no line holds so many. */
function occupied(counts: Uint32Array, minimum: number): [number, number] {
  const wanted = counts.some((n) => n >= minimum) ? Math.max(1, minimum) : 1;
  return [counts.findIndex((n) => n >= wanted), counts.findLastIndex((n) => n >= wanted)];
}

/** out[r, c] ← one part of slice `index` of a view, [rows, columns]. */
export function copySlice(data: Float32Array | Int16Array, view: PlaneView, index: number, out: Float32Array): void {
  let o = 0;
  for (let r = 0; r < view.rows; r++) {
    let at = view.offset + index * view.sliceStride + r * view.rowStride;
    for (let c = 0; c < view.columns; c++, at += view.columnStride) out[o++] = data[at];
  }
}
