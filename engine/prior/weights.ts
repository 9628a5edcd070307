/** Where weights come from: named tensors in a file or in memory, read one at a time. */
import { check } from '../errors.ts';
import type { ParameterShapes } from './graph.ts';

export type TensorDtype = 'F32' | 'F16' | 'BF16' | 'F64' | 'I64';

export interface TensorInfo {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

export interface WeightSource {
  /** File name, for messages. */
  readonly label: string;
  readonly format: 'safetensors' | 'pt' | 'memory';
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Texts the file carries beside its tensors. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The tensor as float32, C order. Throws `not-found` for an unknown name. */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** One tensor in memory, C order. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type NamedTensors = ReadonlyMap<string, NamedTensor>;

/** Tensors already in memory. */
export function memoryWeights(tensors: NamedTensors, label = 'weights in memory'): WeightSource {
  const infos = new Map<string, TensorInfo>();
  for (const [name, { shape, data }] of tensors) {
    const size = shape.reduce((n, s) => n * s, 1);
    check(data.length === size, () => `tensor ${name} [${shape}] needs ${size} numbers, found ${data.length}`, {
      code: 'mismatch',
    });
    infos.set(name, { dtype: 'F32', shape });
  }
  return {
    label,
    format: 'memory',
    tensors: infos,
    read: async (name) => {
      const tensor = tensors.get(name);
      check(tensor !== undefined, () => `there is no tensor ${name} in ${label}`, { code: 'not-found', path: name });
      return tensor.data;
    },
    close: async () => {},
  };
}

const few = (names: string[]) =>
  names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '');

/** Refuses, by name, tensors that are missing, unknown or of another shape than the architecture's. */
export function checkWeights(expected: ParameterShapes, source: Pick<WeightSource, 'tensors' | 'label'>): void {
  const missing = [...expected.keys()].filter((name) => !source.tensors.has(name));
  const unknown = [...source.tensors.keys()].filter((name) => !expected.has(name));
  const hint = 'check that the configuration describes this weight file';
  const details = { code: 'mismatch', path: source.label, hint } as const;
  check(
    missing.length === 0,
    () => `weights lack ${few(missing)} (${expected.size} tensors expected, ${source.tensors.size} found)`,
    details,
  );
  check(unknown.length === 0, () => `weights hold ${few(unknown)}, which the architecture does not have`, details);
  for (const [name, shape] of expected) {
    const found = source.tensors.get(name)?.shape ?? [];
    check(
      found.length === shape.length && found.every((s, i) => s === shape[i]),
      () => `tensor ${name} has shape [${found}], the architecture needs [${shape}]`,
      details,
    );
  }
}
