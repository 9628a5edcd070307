/** Where brain-mri fails: slices of a head, measured too sparsely or holding what no training image held. */
import type { RunContext } from '../../engine/context.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import type { SimulationOptions } from '../../engine/recon/result.ts';
import { type Failures, reconstructScenes, type Scene } from './gallery-failures.ts';

const columns = (accel: number, coils: number, noise = 0.01): { simulate: SimulationOptions } => ({
  simulate: { coils, mask: 'uniform1d', accel, acs: 0.32 / accel, noise },
});

/** A lattice of bright dots, two pixels wide and six apart, in the left half of the head: no tissue looks so. */
function dots(image: Float32Array, height: number, width: number): number[] {
  const places: number[] = [];
  const bright = image.reduce((top, value) => Math.max(top, value), 0);
  for (let y = Math.round(0.4 * height); y < 0.6 * height; y++)
    for (let x = Math.round(0.28 * width); x < 0.45 * width; x++)
      if (y % 6 < 2 && x % 6 < 2) places.push(y * width + x);
  for (const i of places) image[i] += 0.3 * bright;
  return places;
}

/** A chequered disc and bars in place of the head. */
function phantom(image: Float32Array, height: number, width: number): undefined {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = (x - width / 2) / width;
      const v = (y - height / 2) / height;
      const inside = u * u + v * v < 0.16;
      const chequers = (Math.floor(x / 9) + Math.floor(y / 9)) % 2 === 0 ? 200 : 120;
      const bars = v > 0.1 && Math.floor(x / 4) % 2 === 0 ? 80 : 0;
      image[y * width + x] = inside ? chequers + bars : 0;
    }
  return undefined;
}

const scenes: Scene[] = [
  {
    name: 'usual',
    title: 'For comparison: R = 4, eight coils',
    text: 'What the prior is meant for. The error is noise and the finest structure; the prior supplies little.',
    options: columns(4, 8),
  },
  {
    name: 'sparse',
    title: 'Four coils, R = 12',
    text: 'One column in twelve and a narrow centre do not determine the image, nor the coil maps. The head keeps its outline, but folds cross it, its brightness is wrong and nearly all tissue detail is gone. The fit score looks at the layout and still calls it a head.',
    options: columns(12, 4),
  },
  {
    name: 'one-coil',
    title: 'One coil, R = 8',
    text: 'Without coils only the prior can tell a fold from the head. Most folds are removed, the rest stays as blurred rims beside the skull; tissue contrast is smoothed away.',
    options: columns(8, 1),
  },
  {
    name: 'dots',
    title: 'What no training image held: a lattice of dots, R = 8',
    text: 'Where the coils see least, structure unlike anatomy is taken for folds and nearly vanishes; elsewhere it survives.',
    change: dots,
    options: columns(8, 8),
  },
  {
    name: 'noise',
    title: 'Noise of 10 %',
    text: 'Weak contrast inside the tissue is lost with the noise, and what stays is drawn smoothly, as if it were certain.',
    options: columns(4, 8, 0.1),
  },
  {
    name: 'phantom',
    title: 'No head at all: a chequered phantom, R = 8',
    text: 'The coil maps from so few lines are wrong for it, and the prior repairs nothing: chequers bend, a hole opens, brightness doubles. The fit score, made for the layout of heads, does not notice; the distance to the data does.',
    change: phantom,
    options: columns(8, 8),
  },
];

export function brainFailures(scan: ImageScan, prior: string, context: RunContext): Failures {
  return reconstructScenes(scan, Math.floor(scan.volume.shape[0] / 2), prior, 'l1-wavelet', scenes, context);
}
