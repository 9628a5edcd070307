/** What of an item a solver can be given, and the types it counts as. */
import type { SolverForm } from '../../main/host/api/catalogue.ts';
import type { ItemDescription } from '../../main/host/api/item.ts';

export interface ItemPart {
  /** Name the host knows it by. */
  part: string;
  title: string;
  types: readonly string[];
  /** Number of axes of the array; null when it is none. */
  rank: number | null;
}

type Input = SolverForm['inputs'][number];

/** The host hands over components as [slices, rows, columns]. */
const componentTypes: Readonly<Record<ItemDescription['components'][number]['role'], readonly string[]>> = {
  image: ['image', 'volume', 'matrix', 'field'],
  phase: ['image', 'volume', 'field', 'matrix'],
  uncertainty: ['image', 'volume', 'field', 'matrix'],
  evidence: ['image', 'volume', 'field', 'matrix'],
  difference: ['image', 'volume', 'field', 'matrix'],
  map: ['matrix', 'field', 'image', 'volume'],
  labels: ['labels', 'image', 'volume'],
  kspace: ['kspace'],
};

export function partsOf(item: ItemDescription): ItemPart[] {
  const artifacts = item.artifacts.map(({ name, type, file }) => ({
    part: name,
    title: `${name} (${type})`,
    types: type === 'curve' ? ['curve', 'table'] : [type],
    rank: file.endsWith('.npy') ? (item.components.find((one) => one.title === name)?.shape[0] === 1 ? 2 : null) : null,
  }));
  const components = item.components
    .filter(({ format, title }) => format === 'float32' && !artifacts.some(({ part }) => part === title))
    .map(({ name, title, role }) => ({ part: name, title, types: componentTypes[role], rank: 3 }));
  if (item.kind !== 'scan') return [...components, ...artifacts];
  const sinogram = item.scan?.kind === 'sinogram';
  const measured = {
    part: components.find(({ types }) => types.includes('kspace'))?.part ?? '',
    title: sinogram ? 'Sinogram' : 'Measured k-space',
    types: [sinogram ? 'sinogram' : 'kspace'],
    rank: null,
  };
  return [measured, ...components.filter(({ types }) => !types.includes('kspace')), ...artifacts];
}

/** Number of axes each shape of a manifest allows, from "[h, w], [slices, h, w]"; empty when it does not say. */
export function ranksOf(shape: string | undefined): number[] {
  const groups = shape?.match(/\[[^\]]*\]/g) ?? [];
  return groups.map((group) => (group === '[]' ? 0 : group.split(',').length));
}

/** Whether an input takes a part: its type, and the number of axes where both say. */
export function accepts({ types, shape }: Pick<Input, 'types' | 'shape'>, part: ItemPart): boolean {
  if (!part.types.some((type) => types.includes(type))) return false;
  const ranks = ranksOf(shape);
  return part.rank === null || ranks.length === 0 || ranks.includes(part.rank);
}

/** Solvers that take something of the item for one of their inputs, and can be run. */
export function acceptingSolvers(item: ItemDescription, solvers: readonly SolverForm[]): SolverForm[] {
  const parts = partsOf(item);
  return solvers.filter(
    ({ unavailable, inputs }) =>
      unavailable === null && inputs.some((input) => parts.some((part) => accepts(input, part))),
  );
}
