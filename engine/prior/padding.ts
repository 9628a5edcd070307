/** Zero padding of image planes to sizes a network accepts, and the crop back. The image keeps its top-left corner. */

export interface PlaneSize {
  height: number;
  width: number;
}

export function paddedSize({ height, width }: PlaneSize, multiple: number): PlaneSize {
  return { height: Math.ceil(height / multiple) * multiple, width: Math.ceil(width / multiple) * multiple };
}

/** factor·x, planes [n, height, width] into zeroed planes of the larger size. */
export function padScaled(
  x: Float32Array,
  planes: number,
  from: PlaneSize,
  to: PlaneSize,
  factor: number,
): Float32Array {
  const out = new Float32Array(planes * to.height * to.width);
  for (let p = 0; p < planes; p++)
    for (let y = 0; y < from.height; y++) {
      const source = (p * from.height + y) * from.width;
      const target = (p * to.height + y) * to.width;
      for (let i = 0; i < from.width; i++) out[target + i] = factor * x[source + i];
    }
  return out;
}

/** a·x + b·f, x planes [n, height, width], f planes of the larger size read at its top-left corner. */
export function cropCombine(
  x: Float32Array,
  a: number,
  f: Float32Array,
  b: number,
  planes: number,
  size: PlaneSize,
  padded: PlaneSize,
): Float32Array {
  const out = new Float32Array(planes * size.height * size.width);
  for (let p = 0; p < planes; p++)
    for (let y = 0; y < size.height; y++) {
      const target = (p * size.height + y) * size.width;
      const source = (p * padded.height + y) * padded.width;
      for (let i = 0; i < size.width; i++) out[target + i] = a * x[target + i] + b * f[source + i];
    }
  return out;
}
