/**
 * Channel noise covariance from noise scans:
 *   Ψ = N Nᴴ / (n − 1) · (dwell time of noise / dwell time of imaging) / relativeReceiverNoiseBandwidth,
 * N [channels, n] all noise samples; complex [channels, channels], E[n nᴴ] of one k-space sample, k-space units squared.
 * White noise power is proportional to the sampling bandwidth, so to 1/dwell time; the receiver's filter lets only a part
 * (relativeReceiverNoiseBandwidth, typically 0.79) of the noise scan's bandwidth through, while the middle of the band,
 * where the image lies, passes in full (P. Kellman, E. McVeigh, Magn Reson Med 54:1439, 2005, appendix).
 */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import type { Readout } from './ismrmrd-head.ts';

export function noiseCovariance(
  noise: readonly Readout[],
  imaging: { channels: number; sampleTimeUs: number; relativeBandwidth: number | undefined },
  notes: string[],
): NdArray<'complex64'> | undefined {
  const { channels, sampleTimeUs, relativeBandwidth } = imaging;
  const usable = noise.filter(({ head }) => head.activeChannels === channels && head.numberOfSamples > 0);
  if (usable.length < noise.length)
    notes.push(`${noise.length - usable.length} noise readouts without ${channels} channels were not used`);
  const count = usable.reduce((sum, { head }) => sum + head.numberOfSamples, 0);
  if (count === 0) return undefined;
  if (count <= channels) {
    notes.push(`${count} noise samples are too few for ${channels} channels and were not used`);
    return undefined;
  }
  const sum = new Float64Array(2 * channels * channels);
  for (const { head, data } of usable) {
    const n = head.numberOfSamples;
    for (let a = 0; a < channels; a++)
      for (let b = 0; b <= a; b++) {
        let re = 0;
        let im = 0;
        for (let i = 0; i < n; i++) {
          const p = 2 * (a * n + i);
          const q = 2 * (b * n + i);
          re += data[p] * data[q] + data[p + 1] * data[q + 1];
          im += data[p + 1] * data[q] - data[p] * data[q + 1];
        }
        sum[2 * (a * channels + b)] += re;
        sum[2 * (a * channels + b) + 1] += im;
      }
  }
  const noiseTime = usable[0].head.sampleTimeUs;
  const known = noiseTime > 0 && sampleTimeUs > 0;
  if (!known) notes.push('the sampling time is not stated: noise and image are assumed to have the same bandwidth');
  const scale = (known ? noiseTime / sampleTimeUs : 1) / (relativeBandwidth ?? 1) / (count - 1);
  const covariance = new Float32Array(2 * channels * channels);
  for (let a = 0; a < channels; a++)
    for (let b = 0; b <= a; b++) {
      const [from, mirrored] = [2 * (a * channels + b), 2 * (b * channels + a)];
      covariance[from] = covariance[mirrored] = sum[from] * scale;
      covariance[from + 1] = a === b ? 0 : sum[from + 1] * scale;
      covariance[mirrored + 1] = a === b ? 0 : -sum[from + 1] * scale;
    }
  return ndarray('complex64', [channels, channels], covariance);
}
