/** The networks a manifest can name. */
import { z } from 'zod';
import type { NetworkDescription } from '../graph.ts';
import { filmResUNet, filmResUNetConfig } from './film-resunet.ts';
import { guidedDiffusion, guidedDiffusionConfig } from './guided-diffusion.ts';

/** A network given as an ONNX file: only the names and sizes of its ends are known. */
export const onnxConfig = z.strictObject({
  kind: z.literal('onnx'),
  inChannels: z.int().min(1).max(64),
  outChannels: z.int().min(1).max(128),
  /** Names of the image input, the time input and the output. */
  image: z.string().min(1),
  time: z.string().min(1),
  output: z.string().min(1),
  timeType: z.enum(['float32', 'int64']),
  /** Height and width must be multiples of this. */
  multiple: z.int().min(1).max(1024),
  /** False for networks whose batch size is fixed at 1. */
  anyBatch: z.boolean().default(true),
});
export type OnnxConfig = z.infer<typeof onnxConfig>;

export const architectureSchema = z.discriminatedUnion('kind', [filmResUNetConfig, guidedDiffusionConfig, onnxConfig]);
export type Architecture = z.infer<typeof architectureSchema>;
export type DescribedArchitecture = Exclude<Architecture, OnnxConfig>;

export function describeNetwork(architecture: DescribedArchitecture): NetworkDescription {
  return architecture.kind === 'film-resunet' ? filmResUNet(architecture) : guidedDiffusion(architecture);
}
