/**
 * The running estimate as a person watches it: magnitudes of the first sample in the units of the data. Few slices are shown
 * whole; of a volume the three planes through its middle, which cost a hundredth of copying it.
 */
import type { PreviewPlane, Progress } from '../context.ts';
import type { Job } from './groups.ts';
import { magnitude } from './layout.ts';
import type { Plan } from './plan.ts';
import { imageLength } from './problem.ts';

/** Volumes of up to this many slices are shown whole. */
export const wholePreviewSlices = 8;

export interface VolumeShape {
  slices: number;
  height: number;
  width: number;
  /** Complex interleaved values. */
  complex?: boolean;
}

/** Empty planes through the middle, floor(n/2), of each axis: across z [y, x], across y [z, x], across x [z, y]. */
function middlePlanes({ slices, height, width }: VolumeShape): [PreviewPlane, PreviewPlane, PreviewPlane] {
  const plane = (axis: PreviewPlane['axis'], n: number, rows: number, columns: number): PreviewPlane => ({
    axis,
    index: Math.floor(n / 2),
    data: new Float32Array(rows * columns),
    shape: [rows, columns],
  });
  return [plane('z', slices, height, width), plane('y', height, slices, width), plane('x', width, slices, height)];
}

/** Enters what the planes show of slice z, an image [y, x], times `factor`. */
function showSlice(
  [across, coronal, sagittal]: readonly [PreviewPlane, PreviewPlane, PreviewPlane],
  image: Float32Array,
  z: number,
  { height, width, complex = false }: VolumeShape,
  factor: number,
): void {
  if (z === across.index) magnitude(image, across.data, complex, factor);
  const at = (i: number) => factor * (complex ? Math.hypot(image[2 * i], image[2 * i + 1]) : Math.abs(image[i]));
  for (let x = 0; x < width; x++) coronal.data[z * width + x] = at(coronal.index * width + x);
  for (let y = 0; y < height; y++) sagittal.data[z * height + y] = at(y * width + sagittal.index);
}

/** Magnitudes on the three planes through the middle of a volume [z, y, x], across z, y and x. */
export function orthogonalPlanes(volume: Float32Array, shape: VolumeShape): PreviewPlane[] {
  const planes = middlePlanes(shape);
  const length = shape.height * shape.width * (shape.complex ? 2 : 1);
  for (let z = 0; z < shape.slices; z++) showSlice(planes, volume.subarray(z * length, (z + 1) * length), z, shape, 1);
  return planes;
}

type Preview = NonNullable<Progress['preview']>;

/** Takes the running estimates of a group and returns what is known of the whole; its buffers are used again. */
export function runningPreview({ problem, scale }: Plan): (estimates: Float32Array, jobs: readonly Job[]) => Preview {
  const { height, width, slices, complex } = problem;
  const length = imageLength(problem);
  const each = (estimates: Float32Array, jobs: readonly Job[], show: (image: Float32Array, slice: number) => void) => {
    jobs.forEach(({ sample, slice }, i) => {
      if (sample === 0) show(estimates.subarray(i * length, (i + 1) * length), slice);
    });
  };
  if (slices.length <= wholePreviewSlices) {
    const pixels = height * width;
    const data = new Float32Array(slices.length * pixels);
    return (estimates, jobs) => {
      each(estimates, jobs, (image, z) => {
        magnitude(image, data.subarray(z * pixels, (z + 1) * pixels), complex, scale);
      });
      return { data, shape: [slices.length, height, width] };
    };
  }
  const shape = { slices: slices.length, height, width, complex };
  const planes = middlePlanes(shape);
  return (estimates, jobs) => {
    each(estimates, jobs, (image, z) => {
      showSlice(planes, image, z, shape, scale);
    });
    return { data: planes[0].data, shape: [1, height, width], planes };
  };
}
