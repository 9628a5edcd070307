/** Groups of parameters between the device and named arrays in the weight file's shapes, bit for bit. */
import type { Variable } from '@tensorflow/tfjs-core';
import { check } from '../../errors.ts';
import type { Tensors } from '../../tensor/backend.ts';
import { type NetworkDescription, parameterShapes } from '../graph.ts';
import { fromLibrary, libraryShape, toLibrary } from '../tensor-network/parameter-layout.ts';
import type { NamedTensor, NamedTensors } from '../weights.ts';

/** A prefix and the variables under it; their arrays are called prefix.NAME, or NAME for an empty prefix. */
export type ParameterGroup = readonly [prefix: string, variables: ReadonlyMap<string, Variable>];

const fullName = (prefix: string, name: string) => (prefix === '' ? name : `${prefix}.${name}`);

export async function readParameters(
  network: NetworkDescription,
  groups: readonly ParameterGroup[],
): Promise<NamedTensors> {
  const shapes = parameterShapes(network);
  const tensors = new Map<string, NamedTensor>();
  for (const [prefix, variables] of groups)
    for (const [name, variable] of variables) {
      const shape = shapes.get(name) ?? [];
      const data = fromLibrary(await variable.data<'float32'>(), shape);
      // One-axis arrays pass through untouched, and some backends hand out their own memory.
      tensors.set(fullName(prefix, name), { shape, data: shape.length < 2 ? data.slice() : data });
    }
  return tensors;
}

/** Throws `mismatch`, nothing changed, unless the arrays are exactly those of the groups. */
export function writeParameters(
  { tf }: Tensors,
  network: NetworkDescription,
  groups: readonly ParameterGroup[],
  tensors: NamedTensors,
): void {
  const shapes = parameterShapes(network);
  const changes: [Variable, readonly number[], Float32Array][] = [];
  const hint = 'the state belongs to a run of another network';
  for (const [prefix, variables] of groups)
    for (const [name, variable] of variables) {
      const label = fullName(prefix, name);
      const shape = shapes.get(name) ?? [];
      const found = tensors.get(label);
      check(found !== undefined, () => `the training state lacks ${label}`, { code: 'mismatch', hint, path: label });
      check(
        found.shape.length === shape.length &&
          found.shape.every((s, i) => s === shape[i]) &&
          found.data.length === variable.size,
        () => `${label} has shape [${found.shape}] and ${found.data.length} numbers, the network needs [${shape}]`,
        { code: 'mismatch', hint, path: label },
      );
      changes.push([variable, shape, found.data]);
    }
  check(
    tensors.size === changes.length,
    () => `the training state holds ${tensors.size} tensors, expected ${changes.length}`,
    { code: 'mismatch', hint },
  );
  for (const [variable, shape, data] of changes)
    tf.tidy(() => variable.assign(tf.tensor(toLibrary(data, shape).slice(), libraryShape(shape), 'float32')));
}
