/** The messages between the host and an engine process. Both sides parse what they receive. */
import { z } from 'zod';

const errorCode = z.enum([
  'bad-input',
  'bad-usage',
  'unsupported',
  'not-found',
  'mismatch',
  'numerical',
  'resource',
  'untrusted',
  'cancelled',
  'internal',
]);

export const deviceName = z.enum(['auto', 'cpu', 'webgpu', 'cuda']);
export type DeviceName = z.infer<typeof deviceName>;

export const toEngineMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    job: z.string(),
    input: z.unknown(),
    device: deviceName,
    threads: z.int().min(1).max(1024),
  }),
  z.object({ type: z.literal('cancel') }),
]);
export type ToEngineMessage = z.infer<typeof toEngineMessage>;

const float32 = z.custom<Float32Array>((value) => value instanceof Float32Array);

const progress = z.object({
  fraction: z.number().min(0).max(1),
  stage: z.string(),
  step: z.object({ index: z.number(), count: z.number() }).optional(),
  preview: z
    .object({
      data: float32,
      shape: z.array(z.int().min(0)),
      planes: z
        .array(
          z.object({
            axis: z.enum(['z', 'y', 'x']),
            index: z.int().min(0),
            data: float32,
            shape: z.tuple([z.int().min(0), z.int().min(0)]),
          }),
        )
        .max(3)
        .optional(),
    })
    .optional(),
  note: z.string().max(200).optional(),
  points: z
    .array(z.object({ curve: z.string(), x: z.number(), y: z.number() }))
    .max(1000)
    .optional(),
});

export const fromEngineMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('progress'), event: progress }),
  z.object({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn']), message: z.string() }),
  z.object({ type: z.literal('done'), output: z.unknown() }),
  z.object({
    type: z.literal('failed'),
    error: z.object({
      code: errorCode,
      message: z.string(),
      hint: z.string().optional(),
      path: z.string().optional(),
      stack: z.string().optional(),
    }),
  }),
]);
export type FromEngineMessage = z.infer<typeof fromEngineMessage>;
