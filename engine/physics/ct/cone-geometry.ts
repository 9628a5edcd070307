/**
 * Where the rays of a circular cone-beam scan with a flat panel run: those of a flat fan beam (fan-geometry.ts) in the plane of
 * the source's circle, tilted towards the panel's rows. Lengths in pixel widths. Slice k of K lies at height
 * (k − (K − 1)/2)·sliceSpacing above that plane, panel row r at (r − rowCentre)·rowSpacing, both growing the same way.
 */
import { type FanBeamGeometry, type FanBeamOptions, fanBeamGeometry } from './fan-geometry.ts';
import { checkDetectors, checkFinite, checkLength } from './geometry.ts';

export interface ConeBeamOptions extends Omit<FanBeamOptions, 'detector'> {
  /** Number of panel rows. */
  rows: number;
  /** Panel row that the source's circle projects to; default (rows − 1)/2. */
  rowCentre?: number;
  /** Row pitch at the panel. */
  rowSpacing: number;
  /** Distance between slices; default 1, cubic voxels. */
  sliceSpacing?: number;
}

export interface ConeBeamGeometry extends Omit<FanBeamGeometry, 'kind' | 'detector'> {
  readonly kind: 'cone';
  readonly detector: 'flat';
  readonly rows: number;
  readonly rowCentre: number;
  readonly rowSpacing: number;
  readonly sliceSpacing: number;
}

/** Fills in the defaults. Throws `bad-input` with the offending field as path, as fanBeamGeometry does. */
export function coneBeamGeometry(options: ConeBeamOptions): ConeBeamGeometry {
  const fan = fanBeamGeometry({ ...options, detector: 'flat' });
  const { rows, rowSpacing } = options;
  checkDetectors(rows, 'rows');
  const rowCentre = options.rowCentre ?? (rows - 1) / 2;
  checkFinite(rowCentre, 'row centre', 'row_centre');
  checkLength(rowSpacing, 'row spacing', 'row_spacing_mm');
  const sliceSpacing = options.sliceSpacing ?? 1;
  checkLength(sliceSpacing, 'slice spacing', 'slice_spacing_mm');
  return { ...fan, kind: 'cone', detector: 'flat', rows, rowCentre, rowSpacing, sliceSpacing };
}
