/** From an unpickled checkpoint to its named tensors. */
import { check, EngineError } from '../errors.ts';
import { isDict, isTensor, type PickleValue, type TensorReference } from './pickle.ts';

/** The name without the prefixes that parallel training and wrapper modules put before it. */
export function bareName(name: string): string {
  let bare = name;
  while (/^(module|model)\./.test(bare)) bare = bare.slice(bare.indexOf('.') + 1);
  return bare;
}

const maxWrappers = 32;

/** Tensors of a dictionary or of the first wrapper in it that holds some; `undefined` when there are none. */
function findTensors(
  root: PickleValue,
  path: string,
  seen: Set<PickleValue>,
): Map<string, TensorReference> | undefined {
  // A pickle may refer to itself, or nest without end.
  if (!isDict(root) || seen.has(root) || seen.size >= maxWrappers) return undefined;
  seen.add(root);
  const tensors = new Map<string, TensorReference>();
  let other: string | undefined;
  for (const [key, value] of root.entries) {
    check(typeof key === 'string', () => 'a weight has no name', { path });
    if (isTensor(value)) tensors.set(key, value);
    else other ??= key;
  }
  if (tensors.size > 0) {
    check(other === undefined, () => `${other?.slice(0, 80)} is not a tensor, although entries beside it are`, {
      path,
    });
    return tensors;
  }
  for (const wrapper of ['state_dict', 'model', 'ema']) {
    const found = findTensors(root.entries.get(wrapper) ?? null, path, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The named tensors of a state dict, bare or in a wrapper {state_dict | model | ema: …}. Throws `bad-input` when there
 * are none, or when something else stands among them.
 */
export function namedTensors(root: PickleValue, path: string): Map<string, TensorReference> {
  check(isDict(root), () => 'the file holds no dictionary of weights', { path });
  const found = findTensors(root, path, new Set());
  if (found !== undefined) return found;
  // Keys may be values of any kind and length.
  const names = [...root.entries.keys()].slice(0, 6).map((key) => (typeof key === 'string' ? key.slice(0, 40) : '…'));
  const entries = names.join(', ') || 'none';
  throw new EngineError('bad-input', `the file holds no weights; its entries are ${entries}`, { path });
}
