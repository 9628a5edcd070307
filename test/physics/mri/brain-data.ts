/** The fully sampled 7-coil brain scan of the development data, where it is present. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Dtype, type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { readNpy } from '../../../engine/io/npy.ts';
import { readNpz } from '../../../engine/io/npz.ts';

interface BrainData {
  /** [7, 256, 216], fully sampled. */
  kspace: NdArray<'complex64'>;
  sens: NdArray<'complex64'>;
  /** Combined image of the full data, interleaved. */
  ref: Float32Array;
  support: Uint8Array;
  object: Uint8Array;
  /** σ per coil and real component. */
  noise: Float32Array;
  /** "full" and the stored undersampling masks. */
  masks: Map<string, NdArray<'uint8'>>;
}

const folder = resolve(import.meta.dirname, '../../../../shared/data/kspace');

function expectType<D extends Dtype>(a: NdArray | undefined, dtype: D): NdArray<D> {
  if (a?.dtype !== dtype) throw new Error(`expected ${dtype}, found ${a?.dtype}`);
  return a as NdArray<D>;
}

function load(): BrainData | undefined {
  if (!existsSync(`${folder}/brain_t1_7ch.npy`)) {
    console.log(`skipped: ${folder}/brain_t1_7ch.npy is not on this machine`);
    return undefined;
  }
  const kspace = expectType(readNpy(readFileSync(`${folder}/brain_t1_7ch.npy`)), 'complex64');
  const reference = readNpz(readFileSync(`${folder}/brain_t1_7ch_ref.npz`));
  const stored = readNpz(readFileSync(`${folder}/brain_t1_7ch_masks.npz`));
  const [, height, width] = kspace.shape;
  const full = ndarray('uint8', [height, width], new Uint8Array(height * width).fill(1));
  const masks = new Map<string, NdArray<'uint8'>>([['full', full]]);
  for (const [name, mask] of stored) masks.set(name, expectType(mask, 'uint8'));
  return {
    kspace,
    sens: expectType(reference.get('sens'), 'complex64'),
    ref: expectType(reference.get('ref'), 'complex64').data,
    support: expectType(reference.get('support'), 'uint8').data,
    object: expectType(reference.get('object'), 'uint8').data,
    noise: expectType(reference.get('noise_sd'), 'float32').data,
    masks,
  };
}

export const brain = load();
