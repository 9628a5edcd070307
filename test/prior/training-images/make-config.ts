/** Training configurations and image files for tests. */
import { elements, type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { parseTrainingConfig, type TrainingConfig } from '../../../engine/prior/training/training-config.ts';

const required = { title: 'test', data: { licence: 'CC0', provenance: 'made up' } };

export function makeConfig(fields: Readonly<Record<string, unknown>> = {}): TrainingConfig {
  return parseTrainingConfig(JSON.stringify({ ...required, ...fields }), 'config.json');
}

/** [slices, y, x] of a function of the index. */
export function makeVolume(
  shape: readonly [number, number, number],
  value: (z: number, y: number, x: number) => number,
): NdArray<'float32'> {
  const data = new Float32Array(elements(shape));
  let i = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++) for (let x = 0; x < shape[2]; x++) data[i++] = value(z, y, x);
  return ndarray('float32', shape, data);
}

/** 1 inside a disk about (cy, cx), 0 outside, with an edge one pixel wide. */
export function disk(y: number, x: number, cy: number, cx: number, radius: number): number {
  return Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(y - cy, x - cx)));
}

/** Centre of mass [y, x] and sum of an image [size, size]. */
export function moments(image: Float32Array, size: number): { y: number; x: number; sum: number } {
  let sum = 0;
  let sy = 0;
  let sx = 0;
  for (let i = 0; i < size * size; i++) {
    sum += image[i];
    sy += image[i] * Math.floor(i / size);
    sx += image[i] * (i % size);
  }
  return { y: sy / sum, x: sx / sum, sum };
}

/** Magnitude of a training image [channels, size, size]. */
export function magnitudeOf(image: Float32Array, channels: 1 | 2): Float32Array {
  const n = image.length / channels;
  return Float32Array.from({ length: n }, (_, i) => Math.hypot(image[i], channels === 2 ? image[n + i] : 0));
}
