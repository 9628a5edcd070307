/** The small task both recipes train on: phantoms of random ellipses and blobs, the same files for both. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { createRandom, type Random } from '../../engine/arrays/random.ts';
import { writeNpy } from '../../engine/io/npy.ts';

/** Named by models/training/folder.py too. */
export const heldOutFile = 'held-out.npy';
const trainingFile = 'images.npy';

/** Soft-edged ellipse, 1 inside: half axes a, b at (cx, cy), turned by angle; the edge is about a pixel wide. */
function addEllipse(
  image: Float32Array,
  size: number,
  random: Random,
  reach: number,
  value: number,
  inside: number,
): void {
  const [cx, cy] = [inside * (2 * random.uniform() - 1), inside * (2 * random.uniform() - 1)];
  const [a, b] = [reach * (0.4 + 0.6 * random.uniform()), reach * (0.4 + 0.6 * random.uniform())];
  const angle = Math.PI * random.uniform();
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [u, v] = [(2 * x + 1) / size - 1 - cx, (2 * y + 1) / size - 1 - cy];
      const radius = Math.hypot((c * u + s * v) / a, (c * v - s * u) / b);
      const edge = 2 / (size * Math.min(a, b));
      image[y * size + x] += value / (1 + Math.exp((radius - 1) / (0.4 * edge)));
    }
}

/** One phantom, values about 0 to 1: a head, structures inside it, a smooth blob. */
export function phantom(random: Random, size: number): Float32Array {
  const image = new Float32Array(size * size);
  addEllipse(image, size, random, 0.85, 0.4 + 0.3 * random.uniform(), 0.05);
  const count = 3 + random.integer(5);
  for (let k = 0; k < count; k++) addEllipse(image, size, random, 0.35, 0.6 * random.uniform() - 0.3, 0.5);
  const [bx, by, width] = [random.uniform() - 0.5, random.uniform() - 0.5, 0.1 + 0.3 * random.uniform()];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [u, v] = [(2 * x + 1) / size - 1 - bx, (2 * y + 1) / size - 1 - by];
      image[y * size + x] += 0.3 * Math.exp(-(u * u + v * v) / (2 * width * width));
    }
  return image.map((value) => Math.max(0, value));
}

/** Writes [count, size, size] to train on and [heldOut, size, size] to validate on; returns the latter. */
export async function writeParityTask(
  folder: string,
  { size, count, heldOut, seed }: { size: number; count: number; heldOut: number; seed: number },
): Promise<Float32Array[]> {
  await mkdir(folder, { recursive: true });
  const random = createRandom(seed);
  const make = (n: number) => Array.from({ length: n }, () => phantom(random, size));
  const stack = (images: readonly Float32Array[]) => {
    const data = new Float32Array(images.length * size * size);
    for (const [i, image] of images.entries()) data.set(image, i * size * size);
    return writeNpy(ndarray('float32', [images.length, size, size], data));
  };
  await writeFile(join(folder, trainingFile), stack(make(count)));
  const held = make(heldOut);
  await writeFile(join(folder, heldOutFile), stack(held));
  return held;
}
