/** Checkpoints of any size that take next to no disk: storages are holes in a sparse file, all zeros when read. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { bytesOf, dictPiece, type Piece, protocol2, tensorPiece } from './checkpoint-writer.ts';

/** Content of an entry: bytes, or a hole of so many bytes. */
type Content = Uint8Array | number;

const u16 = (n: number): number[] => [n & 255, (n >>> 8) & 255];
const u32 = (n: number): number[] => [...u16(n % 65536), ...u16(Math.floor(n / 65536))];
const u64 = (n: number): number[] => [...u32(n % 2 ** 32), ...u32(Math.floor(n / 2 ** 32))];
const all = 0xffffffff;

/** A ZIP of stored entries with 64-bit records throughout. Checksums are left 0: no reader of weights looks at them. */
export function writeSparseZip(path: string, entries: readonly (readonly [string, Content])[]): void {
  const file = openSync(path, 'wx');
  const directory: Piece[] = [];
  let at = 0;
  const put = (pieces: Piece): void => {
    const bytes = bytesOf(pieces);
    writeSync(file, bytes, 0, bytes.length, at);
    at += bytes.length;
  };
  try {
    for (const [name, content] of entries) {
      const size = typeof content === 'number' ? content : content.length;
      const start = at;
      const wide = [u16(1), u16(24), u64(size), u64(size), u64(start)];
      const local = [u32(0x04034b50), u16(45), u16(0), u16(0), u32(0), u32(0), u32(all), u32(all)];
      put([local, u16(name.length), u16(20), name, [u16(1), u16(16), u64(size), u64(size)]]);
      if (typeof content === 'number') at += content;
      else put(content);
      const row = [u32(0x02014b50), u16(45), u16(45), u16(0), u16(0), u32(0), u32(0), u32(all), u32(all)];
      directory.push([row, u16(name.length), u16(28), u16(0), u16(0), u16(0), u32(0), u32(all), name, wide]);
    }
    const start = at;
    put(directory);
    const size = at - start;
    const end = at;
    const n = entries.length;
    put([u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0), u64(n), u64(n), u64(size), u64(start)]);
    put([u32(0x07064b50), u32(0), u64(end), u32(1)]);
    put([u32(0x06054b50), u16(0), u16(0), u16(0xffff), u16(0xffff), u32(all), u32(all), u16(0)]);
    ftruncateSync(file, at);
  } finally {
    closeSync(file);
  }
}

/** A checkpoint of float32 zeros with these tensors, one storage each. */
export function writeSparseCheckpoint(path: string, shapes: ReadonlyMap<string, readonly number[]>): void {
  const pieces: (readonly [string, Piece])[] = [];
  const storages: (readonly [string, Content])[] = [];
  for (const [name, shape] of shapes) {
    const count = shape.reduce((n, s) => n * s, 1);
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((n, s) => n * s, 1));
    const storage = String(storages.length);
    pieces.push([name, tensorPiece({ storage, type: 'FloatStorage', count, offset: 0, shape, strides })]);
    storages.push([`archive/data/${storage}`, 4 * count]);
  }
  writeSparseZip(path, [
    ['archive/data.pkl', bytesOf([protocol2, dictPiece(pieces), '.'])],
    ...storages,
    ['archive/version', bytesOf('3\n')],
  ]);
}
