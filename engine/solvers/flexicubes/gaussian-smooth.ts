/** Gaussian of standard deviation σ (voxels) along every axis, in place; cut at 4σ, the border value repeated. */
import { checkpoint, type RunContext } from '../../context.ts';
import type { Field, GridSize } from './dual-surface.ts';

export async function gaussianSmooth(
  values: Field,
  size: GridSize,
  sigma: number,
  context: Pick<RunContext, 'signal'>,
): Promise<void> {
  const radius = Math.max(1, Math.ceil(4 * sigma));
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-(((k - radius) / sigma) ** 2) / 2));
  const sum = kernel.reduce((a, b) => a + b);
  for (let k = 0; k < kernel.length; k++) kernel[k] /= sum;
  let stride = 1;
  let sincePoll = 0;
  for (const n of size) {
    const line = new Float64Array(n + 2 * radius);
    for (let block = 0; block < values.length; block += n * stride)
      for (let start = block; start < block + stride; start++) {
        for (let i = 0; i < line.length; i++)
          line[i] = values[start + stride * Math.min(n - 1, Math.max(0, i - radius))];
        for (let i = 0; i < n; i++) {
          let value = 0;
          for (let k = 0; k < kernel.length; k++) value += kernel[k] * line[i + k];
          values[start + stride * i] = value;
        }
        sincePoll += n * kernel.length;
        if (sincePoll < 2 ** 25) continue;
        sincePoll = 0;
        await checkpoint(context);
      }
    stride *= n;
  }
}
