/** A reconstruction method: one slice of measurements in, one image out. The registry is recon/registry.ts. */
import type { NdArray } from '../arrays/ndarray.ts';
import type { RunContext } from '../context.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import type { z } from 'zod';

export interface MriMethod<P = unknown> {
  readonly id: string;
  readonly title: string;
  /** One sentence for help and report. */
  readonly summary: string;
  /** Parameters with defaults; parsed before `run`. */
  readonly parameters: z.ZodType<P>;
  /** complex64 [y, x] in the units of the k-space. */
  run(slice: MriSlice, parameters: P, context: RunContext): Promise<NdArray<'complex64'>>;
}
