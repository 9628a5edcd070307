/** Writes PyTorch checkpoints for tests: a pickle assembled instruction by instruction inside a stored ZIP. */
import type { NamedTensor } from './reference-network.ts';

export type Piece = number | string | Uint8Array | readonly Piece[];

const ascii = new TextEncoder();

/** Numbers are bytes, strings ASCII text. */
export function bytesOf(pieces: Piece): Uint8Array {
  const flat: number[] = [];
  const add = (p: Piece): void => {
    if (typeof p === 'number') flat.push(p);
    else for (const inner of typeof p === 'string' ? ascii.encode(p) : p) add(inner);
  };
  add(pieces);
  return Uint8Array.from(flat);
}

const u32 = (n: number): number[] => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, (n >>> 24) & 255];
export const text = (s: string): Piece => [0x58, u32(s.length), s];
export const int = (n: number): Piece => (n < 256 ? [0x4b, n] : [0x4a, u32(n)]);
export const global = (module: string, name: string): Piece => ['c', module, '\n', name, '\n'];
export const tuple = (...items: Piece[]): Piece => ['(', items, 't'];
export const protocol2: Piece = [0x80, 2];
export const emptyOrdered: Piece = [global('collections', 'OrderedDict'), ')R'];

export interface StoredTensor {
  storage: string;
  type: string;
  count: number;
  offset: number;
  shape: readonly number[];
  strides: readonly number[];
}

export function tensorPiece(t: StoredTensor): Piece {
  const persistent: Piece = [
    tuple(text('storage'), global('torch', t.type), text(t.storage), text('cpu'), int(t.count)),
    'Q',
  ];
  const args = tuple(
    persistent,
    int(t.offset),
    tuple(...t.shape.map(int)),
    tuple(...t.strides.map(int)),
    0x89,
    emptyOrdered,
  );
  return [global('torch._utils', '_rebuild_tensor_v2'), args, 'R'];
}

/** {key: value, …} as an ordered dictionary with the attributes PyTorch leaves on it. */
export function dictPiece(entries: readonly (readonly [string, Piece])[]): Piece {
  const metadata: Piece = ['}', '(', text('_metadata'), emptyOrdered, 'u', 'b'];
  return [emptyOrdered, '(', entries.map(([key, value]) => [text(key), value]), 'u', metadata];
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(data: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of data) c = crcTable[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** A ZIP of stored entries; contents start at multiples of 64 as PyTorch's do. `wide` uses 64-bit fields. */
export function storedZip(
  entries: readonly (readonly [string, Uint8Array])[],
  { wide = false, method = 0 } = {},
): Uint8Array {
  const chunks: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const push = (bytes: Uint8Array) => {
    chunks.push(bytes);
    at += bytes.length;
  };
  const u16 = (n: number) => [n & 255, n >>> 8];
  const u64 = (n: number) => [...u32(n), 0, 0, 0, 0];
  const all = 0xffffffff;
  for (const [name, data] of entries) {
    const start = at;
    const sum = crc32(data);
    const pad = (64 - ((start + 30 + name.length + 4) % 64)) % 64;
    const local = [u32(0x04034b50), u16(45), u16(0), u16(method), u32(0), u32(sum), u32(data.length), u32(data.length)];
    push(bytesOf([local, u16(name.length), u16(4 + pad), name, 'FB', u16(pad), new Array<number>(pad).fill(0x5a)]));
    push(data);
    const extra = wide ? [...u16(1), ...u16(24), ...u64(data.length), ...u64(data.length), ...u64(start)] : [];
    const length = wide ? all : data.length;
    const row = [u32(0x02014b50), u16(45), u16(45), u16(0), u16(method), u32(0), u32(sum), u32(length), u32(length)];
    directory.push(
      bytesOf([
        row,
        u16(name.length),
        u16(extra.length),
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(wide ? all : start),
        name,
        extra,
      ]),
    );
  }
  const start = at;
  for (const row of directory) push(row);
  const size = at - start;
  const n = entries.length;
  if (wide) {
    const end = at;
    push(bytesOf([u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0), u64(n), u64(n), u64(size), u64(start)]));
    push(bytesOf([u32(0x07064b50), u32(0), u64(end), u32(1)]));
  }
  push(
    bytesOf([
      u32(0x06054b50),
      u16(0),
      u16(0),
      u16(wide ? 0xffff : n),
      u16(wide ? 0xffff : n),
      u32(wide ? all : size),
      u32(wide ? all : start),
      u16(0),
    ]),
  );
  return Uint8Array.from(Buffer.concat(chunks));
}

const contiguous = (shape: readonly number[]): number[] =>
  shape.map((_, i) => shape.slice(i + 1).reduce((n, s) => n * s, 1));
export const rawBytes = (a: Float32Array | Float64Array | Uint16Array | Float16Array): Uint8Array =>
  new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

export interface CheckpointOptions {
  prefix?: string;
  wrapper?: string;
  wide?: boolean;
  /** Puts every tensor into one shared storage, matrices transposed: offsets and strides matter. */
  shared?: boolean;
}

/** A checkpoint file holding the tensors. */
export function checkpointFile(tensors: ReadonlyMap<string, NamedTensor>, options: CheckpointOptions = {}): Uint8Array {
  const { prefix = '', wrapper, wide = false, shared = false } = options;
  const storages: (readonly [string, Uint8Array])[] = [];
  const pieces: (readonly [string, Piece])[] = [];
  const total = [...tensors.values()].reduce((n, t) => n + t.data.length, 0);
  const pool = new Float32Array(total);
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    const key = shared ? '0' : String(storages.length);
    const count = shared ? total : data.length;
    const place = { storage: key, type: 'FloatStorage', count, offset: shared ? offset : 0, shape };
    if (shared && shape.length === 2) {
      const [rows, columns] = shape;
      for (let i = 0; i < data.length; i++) pool[offset + (i % columns) * rows + Math.floor(i / columns)] = data[i];
      pieces.push([prefix + name, tensorPiece({ ...place, strides: [1, rows] })]);
    } else {
      pool.set(data, offset);
      pieces.push([prefix + name, tensorPiece({ ...place, strides: contiguous(shape) })]);
    }
    if (!shared) storages.push([`archive/data/${key}`, rawBytes(data)]);
    offset += data.length;
  }
  if (shared) storages.push(['archive/data/0', rawBytes(pool)]);
  const state = dictPiece(pieces);
  const root = wrapper === undefined ? state : ['}', '(', text('epoch'), int(7), text(wrapper), state, 'u'];
  const entries = [
    ['archive/data.pkl', bytesOf([protocol2, root, '.'])],
    ['archive/byteorder', bytesOf('little')],
    ...storages,
    ['archive/version', bytesOf('3\n')],
  ] as const;
  return storedZip(entries, { wide });
}
