/** Every classical reconstruction method by id, and the one way to run one from untrusted parameters. */
import { z } from 'zod';
import type { NdArray } from '../arrays/ndarray.ts';
import type { RunContext } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { CtData } from '../physics/ct/ct-data.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import type { CtMethod, MriMethod } from './method.ts';
import { cgCt } from './methods/cg-ct.ts';
import { cgSense } from './methods/cg-sense.ts';
import { fbp } from './methods/fbp.ts';
import { l1Wavelet } from './methods/l1-wavelet.ts';
import { sirtCt } from './methods/sirt-ct.ts';
import { tv } from './methods/tv.ts';
import { tvCt } from './methods/tv-ct.ts';
import { tv3dCt } from './methods/tv3d-ct.ts';
import { zeroFilled } from './methods/zero-filled.ts';

function byId<M extends { id: string }>(methods: readonly M[]): ReadonlyMap<string, M> {
  return new Map(methods.map((method) => [method.id, method]));
}

export const mriMethods: ReadonlyMap<string, MriMethod> = byId<MriMethod>([zeroFilled, cgSense, l1Wavelet, tv]);
export const ctMethods: ReadonlyMap<string, CtMethod> = byId<CtMethod>([fbp, cgCt, sirtCt, tvCt, tv3dCt]);

function find<M>(methods: ReadonlyMap<string, M>, id: string, modality: string): M {
  const method = methods.get(id);
  if (method) return method;
  throw new EngineError('bad-usage', `method ${JSON.stringify(id)} is not one for ${modality}`, {
    path: 'method',
    hint: `Choose one of ${[...methods.keys()].join(', ')}.`,
  });
}

/** Throws `bad-usage` naming the methods there are. */
export function mriMethod(id: string): MriMethod {
  return find(mriMethods, id, 'MRI');
}

/** Throws `bad-usage` naming the methods there are. */
export function ctMethod(id: string): CtMethod {
  return find(ctMethods, id, 'CT');
}

/** Defaults filled in. Throws `bad-usage` with the first offending parameter as path. */
export function parseParameters<P>(method: { id: string; parameters: z.ZodType<P> }, given: unknown = {}): P {
  const parsed = method.parameters.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue.path.join('.');
  throw new EngineError('bad-usage', `${method.id}: ${path === '' ? '' : `${path}: `}${issue.message}`, {
    ...(path === '' ? {} : { path }),
    hint: `Parameters: ${parameterNames(method.parameters).join(', ') || 'none'}.`,
    cause: parsed.error,
  });
}

function parameterNames(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** complex64 [y, x]; parameters are parsed here. */
export function runMriMethod(
  method: MriMethod,
  slice: MriSlice,
  parameters: unknown,
  context: RunContext,
): Promise<NdArray<'complex64'>> {
  return method.run(slice, parseParameters(method, parameters), context);
}

/** float32 [slices, y, x]; parameters are parsed here. */
export function runCtMethod(
  method: CtMethod,
  data: CtData,
  parameters: unknown,
  context: RunContext,
): Promise<NdArray<'float32'>> {
  return method.run(data, parseParameters(method, parameters), context);
}
