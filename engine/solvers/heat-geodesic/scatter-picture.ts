/** The first two coordinates as a grey picture of dots. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';

/** float32 [size, size], 0 between the dots, which grow from 0.35 to 1 with `shade`. One coordinate is drawn along x. */
export function scatterPicture(
  points: Float64Array,
  count: number,
  dim: number,
  shade: ArrayLike<number>,
  size = 480,
): NdArray<'float32'> {
  const ranges = [0, 1].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < count; i++) {
      const value = axis < dim ? points[i * dim + axis] : 0;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return { middle: (low + high) / 2, width: high - low };
  });
  let [dark, bright] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    dark = Math.min(dark, shade[i]);
    bright = Math.max(bright, shade[i]);
  }
  const scale = (0.92 * size) / Math.max(ranges[0].width, ranges[1].width, 1e-300);
  const radius = count > 1000 ? 1.5 : 2.5;
  const picture = new Float32Array(size * size);
  for (let i = 0; i < count; i++) {
    const x = size / 2 + scale * (points[i * dim] - ranges[0].middle);
    const y = size / 2 - scale * ((dim > 1 ? points[i * dim + 1] : 0) - ranges[1].middle);
    const light = bright > dark ? 0.35 + (0.65 * (shade[i] - dark)) / (bright - dark) : 1;
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(size - 1, y + radius); row++)
      for (let column = Math.max(0, Math.ceil(x - radius)); column <= Math.min(size - 1, x + radius); column++)
        if ((row - y) ** 2 + (column - x) ** 2 <= radius * radius) picture[row * size + column] = light;
  }
  return ndarray('float32', [size, size], picture);
}
