/** The images of the fit benchmark: held-out anatomy as it is and as reconstructions show it, and everything it is told from. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { magnitude } from '../../engine/arrays/complex.ts';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { createRandom } from '../../engine/arrays/random.ts';
import { quantile } from '../../engine/arrays/statistics.ts';
import type { RunContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { readFileBytes } from '../../engine/io/file-bytes.ts';
import { readNpz } from '../../engine/io/npz.ts';
import { openScan } from '../../engine/io/recognise.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import { simulateScan } from '../../engine/physics/mri/simulate.ts';
import { spreadIndices } from '../../engine/prior/fit/assess-fit.ts';
import { turnImage } from '../../engine/prior/fit/dihedral.ts';
import type { LayoutImage } from '../../engine/prior/fit/layout-image.ts';
import { type Plane, planeCount, uprightSlice } from '../../engine/prior/fit/upright-slices.ts';
import { prepareMri } from '../../engine/recon/prepare-mri.ts';
import { mriMethod, parseParameters } from '../../engine/recon/registry.ts';
import { bundledSeries } from '../host/bundled-series.ts';
import { noiseImage, noiseKinds, phantom, phantomKinds } from './fit-phantoms.ts';

export interface FitGroup {
  name: string;
  images: LayoutImage[];
}

/** An object above this share of the brightest covers at least so much of a slice that counts. */
const objectLevel = 0.1;
const leastObject = 0.2;
const perVolume = 16;
const perOtherPlane = 8;
/** Slices of each volume that are undersampled and reconstructed: each takes a calibration of coil maps. */
const perReconstruction = 6;
const perKind = 20;
const thickest = 1.6;

/** The bundled series, and what of the shared data is there: all held out of the training of brain-mri. */
export async function heldOutFiles(data: string | undefined): Promise<string[]> {
  const bundled = bundledSeries('--brains');
  const stored =
    data === undefined
      ? []
      : ['mri/t1_demo_pddl.nii.gz', 'mri/pd_adult28y.nii.gz', 'kspace/brain_t1_7ch_ref.npz'].map((f) => join(data, f));
  const present = await Promise.all(
    stored.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return [bundled, ...stored.filter((_, i) => present[i])];
}

/** Slices of a scan; upright where its geometry tells. The stored plane, then the others as groups of their own. */
export async function openGroups(path: string, otherPlanes: boolean): Promise<FitGroup[]> {
  const name =
    path
      .replace(/[\\/]+$/, '')
      .split(/[\\/]/)
      .at(-1) ?? path;
  if (path.endsWith('.npz')) return [{ name, images: [await referenceImage(path)] }];
  const scan = await openScan(path);
  if (scan.kind !== 'image') throw new EngineError('bad-input', `${path} is ${scan.kind}, expected images`, { path });
  const volume = magnitudes(scan);
  const groups: FitGroup[] = [{ name, images: usableSlices(volume, scan, 'stored', perVolume) }];
  const [dz, dy] = scan.spacingMm ?? [1, 1, 1];
  if (otherPlanes && dz / dy <= thickest)
    for (const plane of ['rows', 'columns'] as const)
      groups.push({ name: `${name}, across ${plane}`, images: usableSlices(volume, scan, plane, perOtherPlane) });
  return groups.filter(({ images }) => images.length > 0);
}

async function referenceImage(path: string): Promise<LayoutImage> {
  const ref = readNpz(await readFileBytes(path), path).get('ref');
  if (ref?.dtype !== 'complex64' || ref.shape.length !== 2)
    throw new EngineError('bad-input', 'expected a complex image `ref` [y, x]', { path });
  return { data: magnitude(ref.data as Float32Array), height: ref.shape[0], width: ref.shape[1] };
}

function magnitudes({ volume }: ImageScan): NdArray<'float32'> {
  return volume.dtype === 'float32' ? volume : ndarray('float32', volume.shape, magnitude(volume.data));
}

function usableSlices(volume: NdArray<'float32'>, scan: ImageScan, plane: Plane, count: number): LayoutImage[] {
  const level = objectLevel * quantile(volume.data, 0.99);
  const usable: number[] = [];
  for (const index of spreadIndices(planeCount(volume.shape, plane), 96)) {
    const { data } = uprightSlice(volume, undefined, plane, index);
    if (data.reduce((sum, value) => sum + (value > level ? 1 : 0), 0) > leastObject * data.length) usable.push(index);
  }
  return spreadIndices(usable.length, count).map((k) => uprightSlice(volume, scan.geometry, plane, usable[k]));
}

/** The images of each group as 8 coils, one line in four and 2 % noise leave them, by CG-SENSE and zero-filled. */
export async function reconstructions(groups: readonly FitGroup[], context: RunContext): Promise<FitGroup[]> {
  const found: FitGroup[] = [];
  for (const { name, images } of groups) {
    const chosen = spreadIndices(images.length, perReconstruction).map((k) => images[k]);
    const undersampled: Record<string, LayoutImage[]> = { 'cg-sense': [], 'zero-filled': [] };
    for (const [k, image] of chosen.entries()) {
      const { kspace, mask } = simulateScan(ndarray('float32', [image.height, image.width], image.data), {
        coils: 8,
        mask: 'uniform1d',
        acceleration: 4,
        acs: 0.08,
        noise: 0.02,
        seed: k + 1,
      });
      const measured = { kind: 'kspace', format: 'simulated', digest: '', notes: [], kspace, mask } as const;
      const { slices } = await prepareMri({ ...measured, notes: [] }, { noise: 'auto' }, context);
      for (const [id, list] of Object.entries(undersampled)) {
        const method = mriMethod(id);
        const result = await method.run(slices[0], parseParameters(method, {}), context);
        list.push({ ...image, data: magnitude(result.data) });
      }
    }
    for (const [id, list] of Object.entries(undersampled)) found.push({ name: `${name}, R 4 ${id}`, images: list });
  }
  return found;
}

export function phantomGroups(seed: number): FitGroup[] {
  const random = createRandom(seed, 11);
  return phantomKinds.map((kind) => ({
    name: kind,
    images: Array.from({ length: perKind }, () => phantom(kind, random)),
  }));
}

export function noiseGroups(seed: number): FitGroup[] {
  const random = createRandom(seed, 12);
  return noiseKinds.map((kind) => ({
    name: kind,
    images: Array.from({ length: perKind }, () => noiseImage(kind, random)),
  }));
}

/** Upright images turned by quarter turns. */
export function turnedGroups(groups: readonly FitGroup[], quarter: 1 | 2): FitGroup[] {
  return groups.map(({ name, images }) => ({
    name,
    images: images.map(({ data, height, width }) => {
      const turned = turnImage(data, height, width, { quarter, mirrored: false });
      return { data: turned.image, height: turned.height, width: turned.width };
    }),
  }));
}
