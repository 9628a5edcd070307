/** Sorts readouts by what they are for, and imaging ones by the image they belong to. */
import { EngineError } from '../errors.ts';
import { FLAGS, hasFlag, type Readout, type ReadoutHead } from './ismrmrd-head.ts';

export interface SortedReadouts {
  noise: Readout[];
  /** Calibration only (flag 20) and calibration-and-imaging (flag 21). */
  calibration: Readout[];
  /** Whether any line is for calibration only, so that calibration is more than a part of the image data. */
  separateCalibration: boolean;
  imaging: Readout[];
  notes: string[];
}

const SKIPPED: readonly (readonly [flag: number, name: string])[] = [
  [FLAGS.navigation, 'navigator'],
  [FLAGS.phaseCorrection, 'phase correction'],
  [FLAGS.hpFeedback, 'HP feedback'],
  [FLAGS.dummy, 'dummy'],
  [FLAGS.rtFeedback, 'real-time feedback'],
  [FLAGS.surfaceCoilCorrection, 'surface coil correction'],
  [FLAGS.phaseStabilisationReference, 'phase stabilisation reference'],
  [FLAGS.phaseStabilisation, 'phase stabilisation'],
];

/** Every readout must hold samples × channels complex numbers; skipped ones are counted in the notes. */
export function sortReadouts(readouts: readonly Readout[], path?: string): SortedReadouts {
  const sorted: SortedReadouts = { noise: [], calibration: [], separateCalibration: false, imaging: [], notes: [] };
  const skipped = new Map<string, number>();
  const skip = (name: string): void => void skipped.set(name, (skipped.get(name) ?? 0) + 1);
  for (const [i, readout] of readouts.entries()) {
    const { head, data } = readout;
    const expected = 2 * head.numberOfSamples * head.activeChannels;
    if (data.length !== expected)
      throw new EngineError(
        'bad-input',
        `readout ${i} holds ${data.length} numbers, expected ${expected} (${head.activeChannels} channels of ${head.numberOfSamples} complex samples)`,
        path === undefined ? {} : { path },
      );
    const reason = SKIPPED.find(([flag]) => hasFlag(head, flag));
    if (hasFlag(head, FLAGS.noise)) sorted.noise.push(readout);
    else if (reason !== undefined) skip(reason[1]);
    else if (expected === 0) skip('empty');
    else {
      const both = hasFlag(head, FLAGS.calibrationAndImaging);
      const only = hasFlag(head, FLAGS.calibration) && !both;
      if (both || only) sorted.calibration.push(readout);
      if (!only) sorted.imaging.push(readout);
      sorted.separateCalibration ||= only;
    }
  }
  for (const [name, count] of skipped) sorted.notes.push(`${count} ${name} readouts were skipped`);
  if (sorted.imaging.length === 0)
    throw new EngineError('bad-input', `none of the ${readouts.length} readouts is for imaging`, {
      ...(path === undefined ? {} : { path }),
    });
  return sorted;
}

/** Outer axes, slowest first; slices are the fastest. */
export const OUTER_AXES = ['contrast', 'phase', 'repetition', 'set'] as const;

export interface ImageOrder {
  /** All images: product of the sizes. */
  count: number;
  /** Sizes in the order of OUTER_AXES, then slices. */
  axes: { name: string; size: number }[];
  /** Image of a readout; undefined when its slice is not among the imaged ones. */
  imageOf(head: ReadoutHead): number | undefined;
  /** A head of each slice, in slice order. */
  slices: ReadoutHead[];
}

/**
 * Orders the images: contrast, phase, repetition, set by their index; slices by position · slice_dir where those are
 * given, else by index.
 */
export function orderImages(imaging: readonly Readout[]): ImageOrder {
  const values = (key: keyof ReadoutHead & (typeof OUTER_AXES)[number]): number[] =>
    [...new Set(imaging.map(({ head }) => head[key]))].sort((a, b) => a - b);
  const outer = OUTER_AXES.map((name) => ({ name, values: values(name) }));
  const bySlice = new Map<number, ReadoutHead>();
  for (const { head } of imaging) if (!bySlice.has(head.slice)) bySlice.set(head.slice, head);
  const first = imaging[0].head.sliceDir;
  const along = (head: ReadoutHead): number =>
    head.position[0] * first[0] + head.position[1] * first[1] + head.position[2] * first[2];
  const slices = [...bySlice.values()].sort((a, b) => along(a) - along(b) || a.slice - b.slice);
  const sliceIndex = new Map(slices.map((head, i) => [head.slice, i]));
  const axes = [
    ...outer.map(({ name, values: v }) => ({ name, size: v.length })),
    { name: 'slice', size: slices.length },
  ];
  return {
    count: axes.reduce((product, axis) => product * axis.size, 1),
    axes,
    slices,
    imageOf: (head) => {
      const slice = sliceIndex.get(head.slice);
      if (slice === undefined) return undefined;
      let image = 0;
      // A separate calibration scan may carry indices of its own: it then serves the first image of that axis.
      for (const { name, values: v } of outer) image = image * v.length + Math.max(0, v.indexOf(head[name]));
      return image * slices.length + slice;
    },
  };
}
