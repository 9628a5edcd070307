/** What a weight file holds, for `priors info`. */
import { stat } from 'node:fs/promises';
import { EngineError } from '../errors.ts';
import type { Architecture } from './architectures/architecture.ts';
import { embeddedConfig, mergeConfigs } from './embedded-config.ts';
import { inferArchitecture } from './infer-architecture.ts';
import { openWeights, type WeightFormat, weightFormat } from './open-weights.ts';
import { inspectOnnx } from './probe-onnx.ts';
import type { ReferenceConfig } from './reference-config.ts';
import type { TensorInfo } from './weights.ts';

export interface WeightDescription {
  format: WeightFormat;
  bytes: number;
  /** Absent for ONNX, whose weights are inside the graph. */
  tensors?: number;
  parameters?: number;
  /** Element type → number of tensors. */
  dtypes?: Record<string, number>;
  /** Every tensor in the file's order. */
  list?: ({ name: string } & TensorInfo)[];
  architecture?: Architecture;
  /** One of the published models. */
  known?: string;
  /** What was assumed because neither file nor configuration say it. */
  assumed: string[];
  /** Inputs and outputs of an ONNX network. */
  ends?: { inputs: string; outputs: string };
  /** What the configuration, or the file itself, states. */
  licence?: string;
  source?: string;
  /** Why the file cannot be used as a prior; empty when it can. */
  problems: string[];
}

function problemOf(error: unknown): string {
  if (!(error instanceof EngineError)) throw error;
  return error.message;
}

function statedIn({ licence, source }: ReferenceConfig): Pick<WeightDescription, 'licence' | 'source'> {
  return { ...(licence === undefined ? {} : { licence }), ...(source === undefined ? {} : { source }) };
}

/**
 * Reads a .pt, .safetensors or .onnx file. Contradictions and unknown networks are listed in `problems`; a file that
 * cannot be read at all throws `bad-input`, `untrusted` or `not-found`.
 */
export async function describeWeights(path: string, config: ReferenceConfig = {}): Promise<WeightDescription> {
  const format = await weightFormat(path);
  const { size: bytes } = await stat(path);
  if (format === 'onnx') {
    try {
      const { architecture, inputs, outputs, config: merged } = await inspectOnnx(path, config);
      const ends = { inputs, outputs };
      return { format, bytes, architecture, ends, assumed: [], ...statedIn(merged), problems: [] };
    } catch (error) {
      if (error instanceof EngineError && error.code === 'bad-input') throw error;
      return { format, bytes, assumed: [], problems: [problemOf(error)] };
    }
  }
  const source = await openWeights(path);
  try {
    const list = [...source.tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
    const dtypes: Record<string, number> = {};
    for (const { dtype } of list) dtypes[dtype] = (dtypes[dtype] ?? 0) + 1;
    const parameters = list.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);
    const description = { format, bytes, tensors: list.length, parameters, dtypes, list };
    try {
      const merged = mergeConfigs(embeddedConfig(source.metadata ?? {}, path), config, path);
      return { ...description, ...inferArchitecture(source, merged), ...statedIn(merged), problems: [] };
    } catch (error) {
      return { ...description, assumed: [], problems: [problemOf(error)] };
    }
  } finally {
    await source.close();
  }
}
