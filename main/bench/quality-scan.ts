/**
 * The table on a measured scan: FILE.npy is fully sampled k-space [coils, ky, kx], FILE_masks.npz holds masks by name,
 * FILE_ref.npz the coil-combined complex `ref` and the maps `sens` it was made with. Coil maps are estimated from what a
 * mask leaves; where fewer than twelve lines are left fully sampled the row is repeated with the reference maps.
 */
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import type { RunContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { readFileBytes } from '../../engine/io/file-bytes.ts';
import { readNpy } from '../../engine/io/npy.ts';
import { readNpz } from '../../engine/io/npz.ts';
import { calibrationRegion, effectiveAcceleration } from '../../engine/physics/mri/masks.ts';
import { prepareMri } from '../../engine/recon/prepare-mri.ts';
import type { MethodRow } from './quality-baseline.ts';
import { type ScoredRow, scored } from './quality-cases.ts';
import { type QualityMethodId, runMethods, type Tools } from './quality-methods.ts';
import { magnitude, type Scene } from './quality-scene.ts';
import { type JudgedBar, judge } from './quality-statistics.ts';

export interface MeasuredScan {
  /** complex64 [coils, ky, kx]. */
  kspace: NdArray<'complex64'>;
  masks: ReadonlyMap<string, NdArray<'uint8'>>;
  /** float32 [y, x]. */
  reference: NdArray<'float32'>;
  /** complex64 [coils, y, x]. */
  maps: NdArray<'complex64'>;
}

export interface ScanResult {
  mask: string;
  maps: 'estimated' | 'reference';
  measuredAcceleration: number;
  methods: ScoredRow[];
  bars: JudgedBar[];
}

/** Least PSNR of DDS in dB, by the beginning of a mask's name. */
const bars: readonly { mask: string; maps: ScanResult['maps']; least: number }[] = [
  { mask: 'gauss1d_r4.0', maps: 'estimated', least: 36.3 },
  { mask: 'gauss1d_r8.0', maps: 'reference', least: 31.5 },
  { mask: 'poisson2d_r15.4', maps: 'estimated', least: 34 },
];
/** Fewer lines than two kernels of six do not determine one. */
const enoughLines = 12;

export async function openMeasuredScan(path: string): Promise<MeasuredScan> {
  const stem = path.replace(/\.npy$/, '');
  const [maskFile, referenceFile] = [`${stem}_masks.npz`, `${stem}_ref.npz`];
  const kspace = complex(readNpy(await readFileBytes(path), path), 3, path);
  const found = readNpz(await readFileBytes(referenceFile), referenceFile);
  const reference = complex(found.get('ref'), 2, `${referenceFile}: ref`);
  const maps = complex(found.get('sens'), 3, `${referenceFile}: sens`);
  const [coils, ...size] = kspace.shape;
  for (const [name, shape, expected] of [
    ['ref', reference.shape, size],
    ['sens', maps.shape, [coils, ...size]],
  ] as const)
    if (shape.join() !== expected.join())
      throw new EngineError('mismatch', `${name} is [${shape}], expected [${expected}]`, { path: referenceFile });
  const masks = new Map<string, NdArray<'uint8'>>();
  for (const [name, mask] of readNpz(await readFileBytes(maskFile), maskFile)) {
    if (mask.shape.join() !== size.join())
      throw new EngineError('mismatch', `mask ${name} is [${mask.shape}], expected [${size}]`, { path: maskFile });
    masks.set(
      name,
      ndarray(
        'uint8',
        size,
        Uint8Array.from(mask.data, (value) => (value === 0 ? 0 : 1)),
      ),
    );
  }
  return { kspace, masks, reference: ndarray('float32', size, magnitude(reference)), maps };
}

function complex(array: NdArray | undefined, rank: number, path: string): NdArray<'complex64'> {
  if (array?.dtype !== 'complex64' || array.shape.length !== rank)
    throw new EngineError(
      'bad-input',
      `found ${array ? `${array.dtype} [${array.shape}]` : 'nothing'}, expected complex64 with ${rank} axes`,
      { path },
    );
  return ndarray('complex64', array.shape, array.data as Float32Array);
}

export async function runScan(
  scan: MeasuredScan,
  methods: readonly QualityMethodId[],
  masks: readonly string[],
  tools: Tools,
): Promise<ScanResult[]> {
  const results: ScanResult[] = [];
  for (const name of masks) {
    const mask = scan.masks.get(name);
    if (!mask)
      throw new EngineError('bad-usage', `there is no mask "${name}"`, {
        path: '--cases',
        hint: `Choose some of ${[...scan.masks.keys()].join(', ')}.`,
      });
    const { width, height } = calibrationRegion(mask);
    const kinds: ScanResult['maps'][] = ['estimated'];
    if (Math.min(width, height) < enoughLines) kinds.push('reference');
    for (const maps of kinds) results.push(await runMask(scan, name, mask, maps, methods, tools));
  }
  return results;
}

async function runMask(
  scan: MeasuredScan,
  name: string,
  mask: NdArray<'uint8'>,
  maps: ScanResult['maps'],
  methods: readonly QualityMethodId[],
  tools: Tools,
): Promise<ScanResult> {
  const scene = await undersample(scan, mask, maps, tools.context);
  const rows = await runMethods(methods, [scene], maps === 'estimated' ? name : `${name} (ref maps)`, tools);
  return {
    mask: name,
    maps,
    measuredAcceleration: effectiveAcceleration(mask),
    methods: scored(rows),
    bars: judgeScan(name, maps, rows),
  };
}

/** What a method is given of the scan under a mask. */
export async function undersample(
  scan: MeasuredScan,
  mask: NdArray<'uint8'>,
  maps: ScanResult['maps'],
  context: RunContext,
): Promise<Scene> {
  const { kspace, reference } = scan;
  const locations = mask.data.length;
  const data = kspace.data.map((value, i) => (mask.data[(i >> 1) % locations] === 0 ? 0 : value));
  const prepared = await prepareMri(
    {
      ...{ kind: 'kspace', format: 'npy', digest: '', notes: [] },
      kspace: ndarray('complex64', [1, ...kspace.shape], data),
      mask,
    },
    { noise: 'auto', ...(maps === 'reference' ? { maps: scan.maps } : {}) },
    context,
  );
  return { slice: prepared.slices[0], reference };
}

export function judgeScan(name: string, maps: ScanResult['maps'], rows: readonly MethodRow[]): JudgedBar[] {
  const dds = rows.find((row) => row.id === 'dds');
  return bars
    .filter((bar) => name.startsWith(bar.mask) && bar.maps === maps)
    .map(({ least }) => {
      const found = dds ? { mean: dds.bySlice[0].psnr, standardError: null } : null;
      return judge({ what: 'dds, PSNR', least }, found);
    });
}
