import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../engine/io/npy.ts';
import { openNpz, readNpz, writeNpz } from '../../engine/io/npz.ts';
import { listZip, readZipMember } from '../../engine/io/zip.ts';
import { anyArray, numbered } from './arrays.ts';
import { engineErrorOf } from './engine-error-of.ts';
import { sharedBytes, sharedPresent } from './shared-file.ts';

const name = fc.stringMatching(/^[a-z_]{1,12}$/);

/** A one-member zip64 container: sizes and offsets only in the extra field and the 64-bit directory end. */
function zip64(file: string, content: Uint8Array, crc: number): Uint8Array {
  const text = new TextEncoder().encode(file);
  const bytes = new Uint8Array(30 + text.length + content.length + 46 + text.length + 28 + 56 + 20 + 22);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (bytesWide: number, set: () => void): void => {
    set();
    at += bytesWide;
  };
  const u16 = (v: number): void => put(2, () => view.setUint16(at, v, true));
  const u32 = (v: number): void => put(4, () => view.setUint32(at, v, true));
  const u64 = (v: number): void => put(8, () => view.setBigUint64(at, BigInt(v), true));
  const raw = (v: Uint8Array): void => put(v.length, () => bytes.set(v, at));
  u32(0x04034b50);
  for (const v of [45, 0, 0, 0, 0]) u16(v);
  for (const v of [crc, content.length, content.length]) u32(v);
  u16(text.length);
  u16(0);
  raw(text);
  raw(content);
  const directory = at;
  u32(0x02014b50);
  for (const v of [45, 45, 0, 0, 0, 0]) u16(v);
  for (const v of [crc, 0xffffffff, 0xffffffff]) u32(v);
  for (const v of [text.length, 28, 0, 0, 0]) u16(v);
  u32(0);
  u32(0xffffffff);
  raw(text);
  u16(1);
  u16(24);
  for (const v of [content.length, content.length, 0]) u64(v);
  const end = at;
  u32(0x06064b50);
  u64(44);
  for (const v of [45, 45]) u16(v);
  for (const v of [0, 0]) u32(v);
  for (const v of [1, 1, end - directory, directory]) u64(v);
  u32(0x07064b50);
  u32(0);
  u64(end);
  u32(1);
  u32(0x06054b50);
  for (const v of [0, 0, 0xffff, 0xffff]) u16(v);
  for (const v of [0xffffffff, 0xffffffff]) u32(v);
  u16(0);
  return bytes;
}

describe('npz', () => {
  test('arrays survive writing and reading; the same arrays give the same bytes', () => {
    fc.assert(
      fc.property(fc.dictionary(name, anyArray, { maxKeys: 4 }), (record) => {
        const bytes = writeNpz(record);
        const read = readNpz(bytes);
        expect([...read.keys()].sort()).toEqual(Object.keys(record).sort());
        for (const [key, a] of Object.entries(record)) expect(read.get(key)).toEqual(readNpy(writeNpy(a)));
        expect(writeNpz(record)).toEqual(bytes);
      }),
      { numRuns: 40 },
    );
  });

  test('undefined entries are left out', () => {
    expect([...readNpz(writeNpz({ a: numbered([2]), b: undefined })).keys()]).toEqual(['a']);
  });

  test('stored members and zip64 directories', () => {
    const a = numbered([3, 2]);
    expect(readNpz(zipSync({ 'a.npy': writeNpy(a) }, { level: 0 })).get('a')).toEqual(a);
    const stored = zipSync({ 'a.npy': writeNpy(a) }, { level: 0 });
    const crc = listZip(stored)[0].crc;
    expect(readNpz(zip64('a.npy', writeNpy(a), crc)).get('a')).toEqual(a);
  });

  test('a member that inflates beyond its declared size is stopped there', () => {
    const content = new Uint8Array(1 << 22);
    const bytes = zipSync({ 'bomb.npy': content }, { level: 9 });
    const [member] = listZip(bytes);
    const error = engineErrorOf(() => readZipMember(bytes, { ...member, size: 100 }));
    expect(error.message).toContain('longer than declared');
  });

  test('declared sizes that the stored bytes cannot hold are refused before inflation', () => {
    const bytes = zipSync({ 'bomb.npy': new Uint8Array(1000) });
    const [member] = listZip(bytes);
    expect(engineErrorOf(() => readZipMember(bytes, { ...member, size: 2 ** 31 })).message).toContain('cannot hold');
    expect(engineErrorOf(() => readZipMember(bytes, { ...member, size: 2 ** 40 })).message).toContain('at most');
  });

  test('a changed byte is caught by the checksum', () => {
    const bytes = zipSync({ 'a.npy': writeNpy(numbered([4])) }, { level: 0 });
    bytes[bytes.indexOf(0x93) + 140] ^= 1;
    expect(engineErrorOf(() => readNpz(bytes)).message).toContain('CRC-32');
  });

  test('encrypted and foreign compression are refused', () => {
    const packed = deflateRawSync(new Uint8Array(10));
    const member = {
      name: 'a',
      method: 0,
      encrypted: true,
      crc: 0,
      compressedSize: packed.length,
      size: 10,
      offset: 0,
    };
    expect(engineErrorOf(() => readZipMember(packed, member)).code).toBe('unsupported');
    expect(engineErrorOf(() => readZipMember(packed, { ...member, encrypted: false, method: 14 })).code).toBe(
      'unsupported',
    );
  });

  test('a missing array names those present', () => {
    const archive = openNpz(writeNpz({ kspace: numbered([2]), mask: numbered([1]) }), 'scan.npz');
    expect(engineErrorOf(() => archive.array('maps')).message).toContain('kspace, mask');
    expect(archive.has('mask')).toBe(true);
  });

  test('names that would leave the container are refused', () => {
    expect(engineErrorOf(() => writeNpz({ '../a': numbered([1]) })).code).toBe('bad-usage');
  });

  test.skipIf(!sharedPresent)('real files: numeric arrays, and texts only when asked for', () => {
    const table = openNpz(sharedBytes('tables/pbmc68k_reduced.npz'));
    expect(table.names).toContain('genes');
    const numeric = readNpz(sharedBytes('tables/pbmc68k_reduced.npz'));
    expect(numeric.has('genes')).toBe(false);
    expect(numeric.get('X')?.shape).toEqual([700, 765]);
    const htc = openNpz(sharedBytes('sinogram/htc2022_ta_60deg.npz'));
    expect(JSON.parse(htc.text('geometry'))).toMatchObject({ distanceSourceOrigin: 410.66, pixelSizePost: 0.2 });
    expect(htc.array('segmentation').shape).toEqual([512, 512]);
  });
});
