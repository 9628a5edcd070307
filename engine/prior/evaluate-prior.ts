/** One network evaluation, for `priors eval`. */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { check } from '../errors.ts';
import { type LoadOptions, openPriorNetwork } from './load-prior.ts';
import { networkPrior } from './network-prior.ts';
import { vpSchedule } from './schedule.ts';

/**
 * ε̂ of a prior at time index t: x float32 [batch, channels, y, x] (or without the leading axes) in VP scaling. Networks
 * with learned variance return twice the channels, noise first, as they come. Throws `mismatch` for a wrong shape,
 * `bad-usage` for a time outside the schedule.
 */
export async function evaluatePrior(
  nameOrFolder: string,
  x: NdArray,
  t: number,
  options: LoadOptions = {},
): Promise<NdArray<'float32'>> {
  const open = await openPriorNetwork(nameOrFolder, options);
  const prior = networkPrior(open.manifest, open.session, open.multiple, open.outputs);
  try {
    const level = vpSchedule(open.manifest.schedule).level(t);
    const { shape } = x;
    const channels = prior.channels;
    const full = shape.length === 4 ? shape : shape.length === 3 ? [1, ...shape] : [1, 1, ...shape];
    const fits = full.length === 4 && full[1] === channels && full.every((s) => s > 0);
    check(fits, () => `prior ${prior.name} needs an image [batch, ${channels}, y, x], found [${shape}]`, {
      code: 'mismatch',
    });
    check(
      x.dtype === 'float32' || x.dtype === 'float64',
      () => `prior ${prior.name} needs float32 numbers, found ${x.dtype}`,
      {
        code: 'mismatch',
      },
    );
    const data = Float32Array.from(x.data);
    const bad = data.findIndex((v) => !Number.isFinite(v));
    check(bad < 0, () => `number ${bad} of the image is ${data[bad]}, expected finite numbers`);
    const [batch, , height, width] = full;
    const { noise, variance } = await prior.predictNoise(data, { batch, height, width }, level);
    const outShape = shape.length === 4 ? [batch, open.outputs, height, width] : [open.outputs, height, width];
    if (variance === undefined) return ndarray('float32', outShape, noise);
    const out = new Float32Array(noise.length + variance.length);
    const item = channels * height * width;
    for (let b = 0; b < batch; b++) {
      out.set(noise.subarray(b * item, (b + 1) * item), 2 * b * item);
      out.set(variance.subarray(b * item, (b + 1) * item), (2 * b + 1) * item);
    }
    return ndarray('float32', outShape, out);
  } finally {
    await prior.dispose();
  }
}
