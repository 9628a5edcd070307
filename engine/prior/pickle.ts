/**
 * Reader of the pickles PyTorch writes for weights, and of nothing else. It knows the instructions of protocol 2–4 that
 * build dictionaries, tuples, lists, strings and numbers, the references to tensor storages, and a closed list of names
 * it represents by inert markers. No name is ever looked up, no code runs: anything outside the list is an error.
 */
import { EngineError } from '../errors.ts';
import type { TensorDtype } from './weights.ts';

export interface StorageReference {
  kind: 'storage';
  dtype: TensorDtype;
  key: string;
  /** Number of elements. */
  count: number;
}

export interface TensorReference {
  kind: 'tensor';
  storage: StorageReference;
  /** In elements, like the strides. */
  offset: number;
  shape: number[];
  strides: number[];
}

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleValue[]
  | PickleDict
  | StorageReference
  | TensorReference
  | GlobalName;
/** Keys of any value are kept in order; only string keys matter to weights. */
export interface PickleDict {
  kind: 'dict';
  entries: Map<PickleValue, PickleValue>;
}
interface GlobalName {
  kind: 'global';
  name: string;
}

const storages: Record<string, TensorDtype> = {
  'torch FloatStorage': 'F32',
  'torch HalfStorage': 'F16',
  'torch BFloat16Storage': 'BF16',
  'torch DoubleStorage': 'F64',
  'torch LongStorage': 'I64',
};
const callables = new Set([
  'collections OrderedDict',
  'torch._utils _rebuild_tensor_v2',
  'torch._utils _rebuild_parameter',
]);

/** Thirty times a network of ten thousand tensors; a bomb of small values stops here, before it fills the memory. */
const maxValues = 1_000_000;
/** Longest piece of the file's own text in a message. */
const maxShown = 80;
const shown = (text: string) => (text.length > maxShown ? `${text.slice(0, maxShown)}…` : text);
const stop = 0x2e;
const mark = Symbol('mark');
type StackItem = PickleValue | typeof mark;

/** A value made by this reader with the given tag, not a list, number or text. */
function isKind<K extends 'dict' | 'global' | 'storage' | 'tensor'>(
  v: StackItem | undefined,
  kind: K,
): v is Extract<PickleValue, { kind: K }> {
  return typeof v === 'object' && v !== null && !Array.isArray(v) && v.kind === kind;
}

export function isTensor(v: PickleValue): v is TensorReference {
  return isKind(v, 'tensor');
}

export function isDict(v: PickleValue | typeof mark | undefined): v is PickleDict {
  return isKind(v, 'dict');
}

function isCount(v: PickleValue | undefined): v is number {
  return typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;
}

function isCounts(v: PickleValue | undefined): v is number[] {
  return Array.isArray(v) && v.length <= 16 && v.every(isCount);
}

class PickleReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly path: string;
  private at = 0;
  private made = 0;
  private readonly stack: StackItem[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, path: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.path = path;
  }

  private fail(message: string, code: 'bad-input' | 'untrusted' = 'bad-input'): EngineError {
    const hint =
      code === 'untrusted'
        ? 'only plain weight dictionaries are read; save the state dict alone, or as safetensors'
        : undefined;
    return new EngineError(code, `${message} at byte ${this.at} of the pickle`, {
      path: this.path,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** Start of the next n bytes, which must exist. */
  private take(n: number): number {
    if (n > this.bytes.length - this.at)
      throw this.fail(`the pickle ends early: ${n} bytes expected, ${this.bytes.length - this.at} left`);
    const start = this.at;
    this.at += n;
    return start;
  }

  private text(n: number): string {
    const start = this.take(n);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes.subarray(start, start + n));
    } catch (cause) {
      throw new EngineError('bad-input', `a name at byte ${start} of the pickle is not UTF-8`, {
        path: this.path,
        cause,
      });
    }
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0 || end - this.at > 256) throw this.fail('a name has no end');
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  private push(value: StackItem): void {
    if (++this.made > maxValues) throw this.fail(`more than ${maxValues} values`);
    this.stack.push(value);
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === mark) throw this.fail('an instruction finds no value');
    return value;
  }

  private popToMark(): PickleValue[] {
    const start = this.stack.lastIndexOf(mark);
    if (start < 0) throw this.fail('an instruction finds no mark');
    const values: PickleValue[] = [];
    for (const v of this.stack.splice(start).slice(1)) if (v !== mark) values.push(v);
    return values;
  }

  private remember(index: number): void {
    const top = this.stack.at(-1);
    if (top === undefined || top === mark) throw this.fail('nothing to remember');
    if (this.memo.size >= maxValues) throw this.fail(`more than ${maxValues} remembered values`);
    this.memo.set(index, top);
  }

  private recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.fail(`value ${index} was never remembered`);
    this.push(value);
  }

  private global(module: string, name: string): void {
    const full = `${module} ${name}`;
    if (!Object.hasOwn(storages, full) && !callables.has(full))
      throw this.fail(
        `the file asks for ${shown(`${module}.${name}`)}, which is not part of any weight file`,
        'untrusted',
      );
    this.push({ kind: 'global', name: full });
  }

  private persistent(id: PickleValue): void {
    if (!Array.isArray(id) || id.length < 5 || id[0] !== 'storage')
      throw this.fail('an outside reference is not a tensor storage', 'untrusted');
    const [, type, key, , count] = id;
    if (!isKind(type, 'global') || !Object.hasOwn(storages, type.name))
      throw this.fail('a storage has no known element type', 'untrusted');
    if (typeof key !== 'string' || !/^[A-Za-z0-9_]{1,64}$/.test(key))
      throw this.fail(`a storage has the key ${shown(JSON.stringify(key) ?? 'none')}`);
    if (!isCount(count)) throw this.fail('a storage has no size');
    this.push({ kind: 'storage', dtype: storages[type.name], key, count });
  }

  private call(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!isKind(callee, 'global') || !Array.isArray(args) || !callables.has(callee.name))
      throw this.fail('the file calls something that is not a tensor', 'untrusted');
    if (callee.name === 'collections OrderedDict') {
      if (args.length !== 0) throw this.fail('an ordered dictionary is built from arguments', 'untrusted');
      this.push({ kind: 'dict', entries: new Map() });
      return;
    }
    if (callee.name === 'torch._utils _rebuild_parameter') {
      const [tensor] = args;
      if (!isKind(tensor, 'tensor')) throw this.fail('a parameter holds no tensor');
      this.push(tensor);
      return;
    }
    const [storage, offset, shape, strides] = args;
    if (!isKind(storage, 'storage')) throw this.fail('a tensor has no storage');
    if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length)
      throw this.fail('a tensor has no valid offset, shape and strides');
    this.push({ kind: 'tensor', storage, offset, shape, strides });
  }

  private setItems(pairs: PickleValue[]): void {
    const target = this.stack.at(-1);
    if (!isDict(target) || pairs.length % 2 !== 0)
      throw this.fail('items are set on something that is not a dictionary');
    for (let i = 0; i < pairs.length; i += 2) target.entries.set(pairs[i], pairs[i + 1]);
  }

  private append(values: PickleValue[]): void {
    const target = this.stack.at(-1);
    if (!Array.isArray(target)) throw this.fail('values are appended to something that is not a list');
    for (const value of values) target.push(value);
  }

  /** Attributes set on an object: PyTorch leaves `_metadata` on an ordered dictionary; they are checked and dropped. */
  private build(): void {
    const state = this.pop();
    if (!isDict(this.stack.at(-1)) || !isDict(state))
      throw this.fail('the file sets attributes of something that is not a dictionary', 'untrusted');
  }

  private bigint(n: number): number {
    if (n > 8) throw this.fail(`a whole number of ${n} bytes`);
    let value = 0n;
    const start = this.take(n);
    for (let i = n - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[start + i]);
    const signed = Number(BigInt.asIntN(8 * n, value));
    if (!Number.isSafeInteger(signed)) throw this.fail('a whole number is too large');
    return signed;
  }

  private stackGlobal(): void {
    const [module, name] = this.popPair();
    if (typeof module !== 'string' || typeof name !== 'string') throw this.fail('a name is not text', 'untrusted');
    this.global(module, name);
  }

  private makeDict(): void {
    const pairs = this.popToMark();
    this.push({ kind: 'dict', entries: new Map() });
    this.setItems(pairs);
  }

  private popPair(): PickleValue[] {
    const second = this.pop();
    return [this.pop(), second];
  }

  private popTuple(n: number): void {
    const items = Array.from({ length: n }, () => this.pop());
    this.push(items.reverse());
  }

  /** Runs one instruction; `undefined` means it is none of the known ones. */
  private readonly instructions: Record<number, () => void> = {
    128: () => {
      const version = this.bytes[this.take(1)];
      if (version < 2 || version > 5) throw this.fail(`pickle protocol ${version}, expected 2 to 5`);
    },
    149: () => void this.take(8), // FRAME
    125: () => this.push({ kind: 'dict', entries: new Map() }), // EMPTY_DICT
    93: () => this.push([]), // EMPTY_LIST
    41: () => this.push([]), // EMPTY_TUPLE
    40: () => this.push(mark), // MARK
    88: () => this.push(this.text(this.view.getUint32(this.take(4), true))), // BINUNICODE
    140: () => this.push(this.text(this.bytes[this.take(1)])), // SHORT_BINUNICODE
    74: () => this.push(this.view.getInt32(this.take(4), true)), // BININT
    75: () => this.push(this.bytes[this.take(1)]), // BININT1
    77: () => this.push(this.view.getUint16(this.take(2), true)), // BININT2
    138: () => this.push(this.bigint(this.bytes[this.take(1)])), // LONG1
    71: () => this.push(this.view.getFloat64(this.take(8), false)), // BINFLOAT
    113: () => this.remember(this.bytes[this.take(1)]), // BINPUT
    114: () => this.remember(this.view.getUint32(this.take(4), true)), // LONG_BINPUT
    148: () => this.remember(this.memo.size), // MEMOIZE
    104: () => this.recall(this.bytes[this.take(1)]), // BINGET
    106: () => this.recall(this.view.getUint32(this.take(4), true)), // LONG_BINGET
    99: () => this.global(this.line(), this.line()), // GLOBAL
    147: () => this.stackGlobal(), // STACK_GLOBAL
    133: () => this.popTuple(1), // TUPLE1
    134: () => this.popTuple(2), // TUPLE2
    135: () => this.popTuple(3), // TUPLE3
    116: () => this.push(this.popToMark()), // TUPLE
    108: () => this.push(this.popToMark()), // LIST
    100: () => this.makeDict(), // DICT
    82: () => this.call(), // REDUCE
    98: () => this.build(), // BUILD
    81: () => this.persistent(this.pop()), // BINPERSID
    115: () => this.setItems(this.popPair()), // SETITEM
    117: () => this.setItems(this.popToMark()), // SETITEMS
    97: () => this.append([this.pop()]), // APPEND
    101: () => this.append(this.popToMark()), // APPENDS
    136: () => this.push(true), // NEWTRUE
    137: () => this.push(false), // NEWFALSE
    78: () => this.push(null), // NONE
  };

  read(): PickleValue {
    for (;;) {
      const op = this.bytes[this.take(1)];
      if (op === stop) break;
      const instruction = this.instructions[op];
      if (instruction === undefined) {
        const code = op.toString(16).padStart(2, '0');
        throw this.fail(`instruction 0x${code} is not part of any weight file`, 'untrusted');
      }
      instruction();
    }
    const value = this.pop();
    if (this.stack.length !== 0) throw this.fail('the pickle leaves values behind');
    return value;
  }
}

/**
 * Reads one pickle. Throws `untrusted` for anything a weight file has no use for, `bad-input` for damage.
 */
export function readPickle(bytes: Uint8Array, path: string): PickleValue {
  return new PickleReader(bytes, path).read();
}
