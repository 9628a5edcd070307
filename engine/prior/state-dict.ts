/** From an unpickled checkpoint to its named tensors. */
import { check, EngineError } from '../errors.ts';
import { isDict, isTensor, type PickleValue, type TensorReference } from './pickle.ts';

/** Wrappers nested deeper than this are not a checkpoint. */
const maxDepth = 8;

/** The name without the prefixes that parallel training and wrapper modules put before it. */
export function bareName(name: string): string {
  let bare = name;
  while (/^(module|model)\./.test(bare)) bare = bare.slice(bare.indexOf('.') + 1);
  return bare;
}

/**
 * The named tensors of a state dict. A wrapper {state_dict | model | ema: …} is opened, the first of these names that
 * is there. Throws `bad-input` when there are no tensors.
 */
export function namedTensors(root: PickleValue, path: string, depth = 0): Map<string, TensorReference> {
  check(isDict(root) && depth < maxDepth, () => 'the file holds no dictionary of weights', { path });
  const tensors = new Map<string, TensorReference>();
  const others: string[] = [];
  for (const [key, value] of root.entries) {
    check(typeof key === 'string', () => 'a weight has no name', { path });
    if (isTensor(value)) tensors.set(key, value);
    else others.push(key);
  }
  if (tensors.size > 0) {
    check(others.length === 0, () => `${others[0]} is not a tensor, although the entries beside it are`, { path });
    return tensors;
  }
  for (const wrapper of ['state_dict', 'model', 'ema']) {
    const inner = root.entries.get(wrapper);
    if (isDict(inner)) return namedTensors(inner, path, depth + 1);
  }
  throw new EngineError(
    'bad-input',
    `the file holds no weights; its entries are ${others.slice(0, 6).join(', ') || 'none'}`,
    { path },
  );
}
