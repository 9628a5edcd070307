/**
 * Writes the fit model of a shipped prior from its training subjects, and names it in the manifest:
 *   node models/training/fit.ts --data ../shared/data --prior models/brain-mri [--seed 0]
 * Layout and orientation come from the images alone; the network's part (how well it denoises them) from the prior's
 * weights, so run it again after a new training. Held-out subjects of data.py and ct.py are never read.
 */
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { createRandom, type Random } from '../../engine/arrays/random.ts';
import { quantile } from '../../engine/arrays/statistics.ts';
import { openScan } from '../../engine/io/recognise.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import { writeFitFile } from '../../engine/prior/fit/fit-file.ts';
import { fitModel } from '../../engine/prior/fit/fit-model.ts';
import type { LayoutImage } from '../../engine/prior/fit/layout-image.ts';
import { denoisingErrors, fitSurprise, surpriseLevels } from '../../engine/prior/fit/surprise.ts';
import { type Plane, planeCount, uprightSlice } from '../../engine/prior/fit/upright-slices.ts';
import { loadPrior } from '../../engine/prior/load-prior.ts';
import { loadManifest } from '../../engine/prior/prior-folder.ts';
import { vpSchedule } from '../../engine/prior/schedule.ts';

/** The training volumes of data.py, with whose they are: people are held out together. */
const heads: readonly (readonly [file: string, person: string])[] = [
  ['t1_adult26y', 'adult 26 y'],
  ['t2_adult26y', 'adult 26 y'],
  ['t1_child3y', 'child 3 y'],
  ['t1_adult_stripped', 'adult, stripped'],
  ['t1_oasis_stripped', 'oasis'],
  ['stroke_t1', 'stroke'],
  ['stroke_t2', 'stroke'],
  ['stroke_flair', 'stroke'],
  ['t1gd_tumour1', 'tumour'],
];
/** Those of ct.py. */
const bodies = ['chest_lidc0314', 'chest_vtk'];
/** An object above this share of the brightest covers at least so much of a usable slice. */
const objectLevel = 0.1;
const leastObject = 0.15;
/** Planes across slices thicker than this many pixels show no anatomy. */
const thickest = 1.6;

const { values } = parseArgs({
  options: { data: { type: 'string' }, prior: { type: 'string' }, seed: { type: 'string', default: '0' } },
});
if (values.data === undefined || values.prior === undefined)
  throw new Error('usage: node models/training/fit.ts --data FOLDER --prior PRIOR_FOLDER [--seed N]');
const seed = Number(values.seed);
const random = createRandom(seed, 7);
const { manifest, folder } = await loadManifest(join(values.prior, ''));

const images = manifest.modality === 'ct' ? await ctImages(values.data) : await headImages(values.data);
console.log(`${images.length} slices of ${new Set(images.map(({ group }) => group)).size} people`);
const started = performance.now();
const model = fitModel(images, { seed });
console.log(`layout model: ${((performance.now() - started) / 1000).toFixed(1)} s`);

const prior = await loadPrior(folder, { threads: 2 });
const schedule = vpSchedule(manifest.schedule);
const errors: { error: number; energy: number }[][] = [];
for (const image of spread(images, 80)) errors.push(await denoisingErrors(prior, image, surpriseLevels, seed, schedule));
await prior.dispose();
const surprise = fitSurprise(manifest.weights.sha256, surpriseLevels, errors);

const fit = await writeFitFile(folder, { model, surprise });
const path = join(folder, 'manifest.json');
const { weights, ...rest } = JSON.parse(await readFile(path, 'utf8'));
const { fit: _old, ...others } = rest;
// Beside the weights, which keeps the card readable.
const entries = Object.entries(others);
const at = entries.findIndex(([name]) => name === 'prediction');
entries.splice(at, 0, ['weights', weights], ['fit', fit]);
await writeFile(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
console.log(`${fit.file}: ${fit.bytes} bytes, sha256 ${fit.sha256}`);

async function openImage(file: string): Promise<{ scan: ImageScan; volume: NdArray<'float32'> }> {
  const scan = await openScan(file);
  if (scan.kind !== 'image' || scan.volume.dtype !== 'float32') throw new Error(`${file} is not a real volume`);
  return { scan, volume: scan.volume };
}

function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, k) => items[Math.floor(((k + 0.5) * items.length) / count)]);
}

/** Upright slices, `perPlane` of the stored plane and a third fewer of each other. */
function slicesOf(
  volume: NdArray<'float32'>,
  { geometry, spacingMm }: ImageScan,
  group: string,
  perPlane: number,
  labels = false,
): LayoutImage[] {
  const [dz, dy] = spacingMm ?? [1, 1, 1];
  const planes: Plane[] = dz / dy > thickest ? ['stored'] : ['stored', 'rows', 'columns'];
  const level = labels ? 0.5 : objectLevel * quantile(volume.data, 0.99);
  return planes.flatMap((plane) => {
    const usable: LayoutImage[] = [];
    const count = planeCount(volume.shape, plane);
    for (const index of spread([...Array(count).keys()], 6 * perPlane)) {
      const slice = uprightSlice(volume, geometry, plane, index);
      const inside = slice.data.reduce((sum, value) => sum + (value > level ? 1 : 0), 0);
      if (inside > leastObject * slice.data.length) usable.push({ ...slice, group });
    }
    return spread(usable, plane === 'stored' ? perPlane : Math.ceil(perPlane / 1.5));
  });
}

async function headImages(root: string): Promise<LayoutImage[]> {
  const found: LayoutImage[] = [];
  for (const [file, person] of heads) {
    const { scan, volume } = await openImage(join(root, 'mri', `${file}.nii.gz`));
    found.push(...slicesOf(volume, scan, person, 24));
  }
  const labels = readdirSync(join(root, 'mri', 'labels')).sort();
  for (const file of labels) {
    const { scan, volume } = await openImage(join(root, 'mri', 'labels', file));
    found.push(...slicesOf(volume, scan, file, 14, true).map((slice) => paint(slice, random)));
  }
  return found;
}

/** A magnitude image from a label slice, as data.py paints it: a mean per label, T1-like in half of the draws. */
function paint(slice: LayoutImage, random: Random): LayoutImage {
  const mean = Float64Array.from({ length: 64 }, () => random.uniform());
  if (random.uniform() < 0.5) {
    const [white, grey, fluid] = [0, 0, 0].map(() => 0.1 + 0.9 * random.uniform()).sort((a, b) => b - a);
    const tissues: readonly [readonly number[], number][] = [
      [[18, 22, 3], white],
      [[19, 23, 25, 26, 28, 29, 31], grey],
      [[1, 2, 4, 5, 20, 21], fluid],
      [[24, 27, 32], 0.5 * (white + grey)],
    ];
    for (const [ids, value] of tissues) for (const id of ids) mean[id] = value + 0.03 * random.normal();
  }
  const data = slice.data.map((label) =>
    label < 0.5 ? 0 : Math.max(0, mean[Math.round(label) % 64] + 0.03 * random.normal()),
  );
  return { ...slice, data };
}

async function ctImages(root: string): Promise<LayoutImage[]> {
  const found: LayoutImage[] = [];
  const [low, high] = manifest.scale.window ?? [-1000, 1500];
  for (const file of bodies) {
    const { scan, volume } = await openImage(join(root, 'ct', `${file}.nii.gz`));
    // chest_vtk holds an 8-bit display window; ct.py's map puts its soft tissue where water is.
    const unit = (v: number) =>
      file === 'chest_vtk'
        ? v <= 6
          ? (v * 0.3) / 6
          : 0.4 + (v - 18) * (0.55 / 172)
        : (v - low) / (high - low);
    const data = volume.data.map((value) => Math.min(1.2, Math.max(0, unit(value))));
    found.push(...slicesOf(ndarray('float32', volume.shape, data), scan, file, 60));
  }
  return found;
}
