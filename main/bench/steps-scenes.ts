/** The problems of the benchmarks on steps and calibration: one group of scenes per acquisition, masks of every kind. */
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import type { RunContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { openScan } from '../../engine/io/recognise.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';
import { bundledSeries } from '../host/bundled-series.ts';
import { openMeasuredScan, undersample } from './quality-scan.ts';
import { type Acquisition, chooseSlices, fullScan, type Scene, simulateScenes } from './quality-scene.ts';

/** A scene with its true complex image in the phase of the coil maps the methods are given. */
export interface TrueScene extends Scene {
  /** complex64 [y, x]. */
  truth: NdArray<'complex64'>;
}

export interface SceneGroup {
  id: string;
  title: string;
  scenes: TrueScene[];
}

const eightCoils = { coils: 8, noise: 0.01 };

/** Lines and points, from mild to severe, and one coil; coil maps and noise level estimated as for a user. */
export const acquisitions: Readonly<Record<string, Acquisition>> = {
  r4: { ...eightCoils, mask: 'uniform1d', acceleration: 4, acs: 0.08 },
  r8: { ...eightCoils, mask: 'uniform1d', acceleration: 8, acs: 0.04 },
  g4: { ...eightCoils, mask: 'gaussian1d', acceleration: 4, acs: 0.08 },
  g8: { ...eightCoils, mask: 'gaussian1d', acceleration: 8, acs: 0.04 },
  p9: { ...eightCoils, mask: 'poisson', acceleration: 9.5, acs: 20 },
  p15: { ...eightCoils, mask: 'poisson', acceleration: 15.4, acs: 16 },
  single: { coils: 1, noise: 0.01, mask: 'gaussian1d', acceleration: 4, acs: 0.08 },
};

export interface SceneChoice {
  /** Image series; default the one bundled for tests, which is held out of all training. */
  input?: string;
  /** Measured k-space (quality-scan.ts) in its place; then cases are names of masks. */
  scan?: string;
  slices: number;
  cases?: readonly string[];
  seed: number;
}

/** Throws `bad-usage` naming the cases there are. */
export async function openScenes(choice: SceneChoice, context: RunContext): Promise<SceneGroup[]> {
  if (choice.scan !== undefined) return await measuredScenes(choice.scan, choice.cases, context);
  const scan = await openScan(choice.input ?? bundledSeries('--input FILE'));
  if (scan.kind !== 'image')
    throw new EngineError('bad-usage', `the input is ${scan.kind}, expected an image series`, {
      path: '--input',
      hint: 'Give measured k-space with --scan.',
    });
  const slices = chooseSlices(scan.volume, choice.slices);
  const groups: SceneGroup[] = [];
  for (const id of choice.cases ?? Object.keys(acquisitions)) {
    if (!Object.hasOwn(acquisitions, id)) throw unknownCase(id, Object.keys(acquisitions));
    const acquisition = acquisitions[id];
    const scenes: TrueScene[] = [];
    for (const z of slices) {
      const options = { seed: choice.seed, trueMaps: false };
      const [scene] = await simulateScenes(scan, [z], acquisition, options, context);
      const full = fullScan(scan, z, acquisition, choice.seed);
      scenes.push({ ...scene, truth: combined(full, scene.slice.maps) });
    }
    groups.push({ id, title: titleOf(acquisition, slices), scenes });
  }
  return groups;
}

async function measuredScenes(
  path: string,
  cases: readonly string[] | undefined,
  context: RunContext,
): Promise<SceneGroup[]> {
  const scan = await openMeasuredScan(path);
  const groups: SceneGroup[] = [];
  for (const id of cases ?? scan.masks.keys()) {
    const mask = scan.masks.get(id);
    if (mask === undefined) throw unknownCase(id, [...scan.masks.keys()]);
    const scene = await undersample(scan, mask, 'estimated', context);
    groups.push({
      id,
      title: `measured scan, ${id}`,
      scenes: [{ ...scene, truth: combined(scan.kspace, scene.slice.maps) }],
    });
  }
  return groups;
}

/** Σ_c conj(S_c) F* y_c of fully sampled k-space [coils, ky, kx]: what the estimated maps S make of the truth. */
function combined(kspace: NdArray<'complex64'>, maps: NdArray<'complex64'>): NdArray<'complex64'> {
  const [, height, width] = maps.shape;
  const everywhere = ndarray('uint8', kspace.shape.slice(1), new Uint8Array(kspace.shape[1] * kspace.shape[2]).fill(1));
  const sense = createSense({ maps, mask: everywhere, plain: true });
  return ndarray('complex64', [height, width], sense.adjoint(kspace.data).slice());
}

function titleOf({ coils, mask, acceleration, noise }: Acquisition, slices: readonly number[]): string {
  const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const percent = `noise ${(100 * noise).toFixed(1)} %`;
  return `${many(coils, 'coil')}, ${mask} R ${acceleration}, ${percent}, ${many(slices.length, 'slice')}`;
}

function unknownCase(id: string, known: readonly string[]): EngineError {
  return new EngineError('bad-usage', `there is no case "${id}"`, {
    path: '--cases',
    hint: `Choose some of ${known.join(', ')}.`,
  });
}
