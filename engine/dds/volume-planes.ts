/**
 * The three families of planes of a volume [z, channel, y, x], through which a prior of images sees it by turns:
 *   axial [y, x] at z,   coronal [z, x] at y,   sagittal [z, y] at x
 * A prior of one plane leaves its errors free from plane to plane; seen along another axis they are not anatomy, and go.
 * Lee, Chung, Park, Park, Ryu, Ye: "Improving 3D imaging with pre-trained perpendicular 2D diffusion models" (ICCV 2023),
 * who alternate two priors; here one prior takes all three turns.
 */

export const planeNames = ['axial', 'coronal', 'sagittal'] as const;
export type PlaneName = (typeof planeNames)[number];

export interface VolumeSize {
  slices: number;
  channels: number;
  height: number;
  width: number;
}

/** How many planes there are, and their size. */
export function planeSize({ slices, height, width }: VolumeSize, plane: PlaneName) {
  if (plane === 'axial') return { count: slices, height, width };
  return plane === 'coronal'
    ? { count: height, height: slices, width }
    : { count: width, height: slices, width: height };
}

/** out [channel, rows, columns] ← plane `index`. */
export function takePlane(volume: Float32Array, out: Float32Array, size: VolumeSize, plane: PlaneName, index: number) {
  const { channels, height, width } = size;
  const image = channels * height * width;
  if (plane === 'axial') {
    out.set(volume.subarray(index * image, (index + 1) * image));
    return;
  }
  eachRow(size, plane, index, (from, to, length, stride) => {
    if (stride === 1) out.set(volume.subarray(from, from + length), to);
    else for (let i = 0; i < length; i++) out[to + i] = volume[from + i * stride];
  });
}

/** plane `index` ← values [channel, rows, columns]. */
export function putPlane(
  values: Float32Array,
  volume: Float32Array,
  size: VolumeSize,
  plane: PlaneName,
  index: number,
) {
  const { channels, height, width } = size;
  if (plane === 'axial') {
    volume.set(values, index * channels * height * width);
    return;
  }
  eachRow(size, plane, index, (at, from, length, stride) => {
    for (let i = 0; i < length; i++) volume[at + i * stride] = values[from + i];
  });
}

/** Rows of a coronal or sagittal plane: where each begins in the volume and in the plane, its length and step. */
function eachRow(
  { slices, channels, height, width }: VolumeSize,
  plane: PlaneName,
  index: number,
  visit: (volume: number, plane: number, length: number, stride: number) => void,
): void {
  const coronal = plane === 'coronal';
  const [length, stride, offset] = coronal ? [width, 1, index * width] : [height, width, index];
  for (let c = 0; c < channels; c++)
    for (let z = 0; z < slices; z++)
      visit((z * channels + c) * height * width + offset, (c * slices + z) * length, length, stride);
}
