/**
 * A reconstruction method: measurements in, image out; MRI slice by slice, CT as a whole, since some beams and penalties
 * couple slices. The registry is recon/registry.ts.
 */

import type { z } from 'zod';
import type { NdArray } from '../arrays/ndarray.ts';
import type { RunContext } from '../context.ts';
import type { CtData } from '../physics/ct/ct-data.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import type { JsonValue } from './result.ts';

interface MethodDescription<P> {
  readonly id: string;
  readonly title: string;
  /** One sentence for help and report. */
  readonly summary: string;
  /** Parameters with defaults; parsed before `run`. */
  readonly parameters: z.ZodType<P>;
  /** Values worth trying when the method is tuned against a known reference (tune-method.ts). */
  readonly tuning?: TuningGrid;
}

/** Parameter name → candidate values; every combination is tried. */
export type TuningGrid = Readonly<Record<string, readonly JsonValue[]>>;

/** Sees every iterate of an iterative method, complex [y, x], of CT real [slices, y, x], valid during the call only. */
export type IterationWatch = (iteration: number, image: Float32Array) => void;

export interface MriMethod<P = unknown> extends MethodDescription<P> {
  /** complex64 [y, x] in the units of the k-space. */
  run(slice: MriSlice, parameters: P, context: RunContext, watch?: IterationWatch): Promise<NdArray<'complex64'>>;
}

export interface CtMethod<P = unknown> extends MethodDescription<P> {
  /** float32 [slices, y, x], attenuation per pixel width in the units of the sinogram. */
  run(data: CtData, parameters: P, context: RunContext, watch?: IterationWatch): Promise<NdArray<'float32'>>;
}
