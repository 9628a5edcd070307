import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../engine/prior/checkpoint-pt.ts';
import { readPickle } from '../../engine/prior/pickle.ts';
import {
  bytesOf,
  checkpointFile,
  dictPiece,
  emptyOrdered,
  global,
  int,
  type Piece,
  protocol2,
  rawBytes,
  type StoredTensor,
  storedZip,
  tensorPiece,
  text,
  tuple,
} from './checkpoint-writer.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
let files = 0;

function put(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.pt`);
  writeFileSync(path, bytes);
  return path;
}

const zipOf = (pickle: Piece, storages: readonly (readonly [string, Uint8Array])[] = []) =>
  storedZip([['a/data.pkl', bytesOf([protocol2, pickle, '.'])], ...storages, ['a/version', bytesOf('3')]]);

describe('malicious pickles', () => {
  const canary = join(folder, 'canary');
  const command = text(`touch ${canary}`);
  const short = (s: string): Piece => [0x8c, s.length, s];
  const attacks: [string, Piece][] = [
    ['a call of os.system', [global('os', 'system'), tuple(command), 'R']],
    ['nt.system, the same on Windows', [global('nt', 'system'), tuple(command), 'R']],
    ['builtins.eval', [global('builtins', 'eval'), tuple(text('1+1')), 'R']],
    ['builtins.eval under its old name', [global('__builtin__', 'eval'), tuple(text('1+1')), 'R']],
    ['a loader of other pickles', [global('torch.storage', '_load_from_bytes'), tuple(text('x')), 'R']],
    ['an allowed pair split at another place', [text('torch'), text('_utils _rebuild_tensor_v2'), 0x93, ')R']],
    [
      'a name put together by the memo',
      [text('os'), ['q', 0], text('system'), ['q', 1], ['h', 0], ['h', 1], 0x93, tuple(command), 'R'],
    ],
    ['posix.system by STACK_GLOBAL', [text('posix'), text('system'), 0x93, tuple(command), 'R']],
    ['short strings and STACK_GLOBAL', [short('os'), short('system'), 0x93, tuple(command), 'R']],
    [
      'a call hidden inside a dictionary value',
      ['}', '(', text('w'), [text('builtins'), text('eval'), 0x93, tuple(command), 'R'], 'u'],
    ],
    ['a dotted path through an allowed module', [global('torch._utils', '_rebuild_tensor_v2.__globals__'), ')R']],
    ['an attribute of an allowed name', [text('collections'), text('OrderedDict.__init__'), 0x93, ')R']],
    ['an allowed name from another module', [global('evil', 'OrderedDict'), ')R']],
    [
      'BUILD with attributes on a function',
      [global('torch._utils', '_rebuild_tensor_v2'), '}', '(', text('__code__'), text('x'), 'u', 'b'],
    ],
    ['BUILD with a state that is not a dictionary', [emptyOrdered, tuple(text('a'), text('b')), 'b']],
    ['BUILD on a tuple', [tuple(text('a')), '}', 'b']],
    ['INST', ['(', command, 'i', 'os\nsystem\n']],
    ['OBJ', ['(', global('os', 'system'), command, 'o']],
    ['NEWOBJ', [global('collections', 'OrderedDict'), ')', 0x81]],
    ['EXT1', [0x82, 1]],
    ['a text persistent id', ['P', 'storage\n']],
    ['a persistent id that is not a storage', [tuple(text('module'), text('os'), text('0'), text('cpu'), int(1)), 'Q']],
    [
      'a storage type that is a function',
      [tuple(text('storage'), global('torch._utils', '_rebuild_parameter'), text('0'), text('cpu'), int(1)), 'Q'],
    ],
    ['an ordered dictionary built from arguments', [global('collections', 'OrderedDict'), tuple(text('x')), 'R']],
    ['a call of text', [text('os.system'), tuple(command), 'R']],
    ['a storage used as a function', [global('torch', 'FloatStorage'), tuple(int(4)), 'R']],
  ];

  it.each(attacks)('refuses %s', async (_, pickle) => {
    await expect(openCheckpoint(put(zipOf(pickle)))).rejects.toMatchObject({ name: 'EngineError', code: 'untrusted' });
    expect(existsSync(canary)).toBe(false);
  });

  it('names what the file asked for', async () => {
    await expect(openCheckpoint(put(zipOf([global('os', 'system'), tuple(command), 'R'])))).rejects.toThrowError(
      /os\.system/,
    );
  });

  it('refuses a storage key that leaves the archive', async () => {
    const t = tensorPiece({
      storage: '../../secret',
      type: 'FloatStorage',
      count: 1,
      offset: 0,
      shape: [1],
      strides: [1],
    });
    await expect(openCheckpoint(put(zipOf(dictPiece([['w', t]]))))).rejects.toThrowError(/key/);
  });
});

describe('readPickle', () => {
  const value = (pieces: Piece) => readPickle(bytesOf([protocol2, pieces, '.']), 'test');

  it('reads numbers and lists', () => {
    expect(value(tuple(int(3), int(300), [0x4a, 0xfe, 0xff, 0xff, 0xff], ['M', 1, 2], [0x8a, 2, 0, 0x80]))).toEqual([
      3, 300, -2, 513, -32768,
    ]);
    expect(value([']', '(', 0x88, 0x89, 'N', 'e'])).toEqual([true, false, null]);
    expect(value(['G', 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a])).toBe(0.1);
    expect(value([']', ['q', 5], int(1), 'a', ['h', 5], 0x86])).toEqual([[1], [1]]);
  });

  it.each<[string, Piece]>([
    ['an empty stack', '.'],
    ['values left behind', [int(1), int(2)]],
    ['a mark without end', ['(', int(1)]],
    ['a tuple without mark', 't'],
    ['an unknown memo entry', ['h', 9]],
    ['a whole number beyond 2^53', [0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 127]],
    ['a whole number of 200 bytes', [0x8a, 200]],
    ['a text longer than the file', ['X', 255, 255, 255, 255]],
    ['items on a list', [']', '(', int(1), int(2), 'u']],
    ['an odd number of items', ['}', '(', int(1), 'u']],
    ['text that is not UTF-8', ['X', 2, 0, 0, 0, 0xff, 0xfe]],
  ])('refuses %s', (_, pieces) => {
    expect(() => value(pieces)).toThrowError(expect.objectContaining({ name: 'EngineError', code: 'bad-input' }));
  });
});

describe('openCheckpoint', () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i - 7.5);
  const stored = (change: Partial<StoredTensor> = {}): StoredTensor => ({
    storage: '0',
    type: 'FloatStorage',
    count: 24,
    offset: 0,
    shape: [24],
    strides: [1],
    ...change,
  });
  const open = (t: StoredTensor, bytes = rawBytes(data)) =>
    openCheckpoint(put(zipOf(dictPiece([['w', tensorPiece(t)]]), [['a/data/0', bytes]])));
  const read = async (t: StoredTensor, bytes?: Uint8Array) => {
    const source = await open(t, bytes);
    const out = await source.read('w');
    await source.close();
    return [...out];
  };

  it('honours offsets and strides', async () => {
    expect(await read(stored())).toEqual([...data]);
    expect(await read(stored({ offset: 4, shape: [2, 3], strides: [3, 1] }))).toEqual([...data.subarray(4, 10)]);
    const transposed = await read(stored({ offset: 1, shape: [3, 2], strides: [1, 5] }));
    expect(transposed).toEqual([1, 6, 2, 7, 3, 8].map((i) => data[i]));
    expect(await read(stored({ shape: [], strides: [] }))).toEqual([data[0]]);
    expect(await read(stored({ shape: [3], strides: [0] }))).toEqual([data[0], data[0], data[0]]);
    expect(await read(stored({ shape: [0, 4], strides: [4, 1] }))).toEqual([]);
  });

  it('widens every float type', async () => {
    const exact = Array.from({ length: 24 }, (_, i) => i - 7.5);
    expect(await read(stored({ type: 'HalfStorage' }), rawBytes(Float16Array.from(exact)))).toEqual(exact);
    expect(await read(stored({ type: 'DoubleStorage' }), rawBytes(Float64Array.from(exact)))).toEqual(exact);
    const brain = Uint16Array.from(new Uint32Array(Float32Array.from(exact).buffer), (v) => v >>> 16);
    expect(await read(stored({ type: 'BFloat16Storage' }), rawBytes(brain))).toEqual(exact);
    const longs = await open(stored({ type: 'LongStorage', count: 12, shape: [12] }));
    await expect(longs.read('w')).rejects.toThrowError(/integers/);
    await longs.close();
  });

  it.each<[string, Partial<StoredTensor>, RegExp]>([
    ['reaches past its storage', { offset: 20, shape: [8] }, /reaches element 28 of a storage of 24/],
    [
      'claims a larger storage than the file holds',
      { count: 2 ** 20, shape: [2 ** 20] },
      /claims 4194304 bytes, the file holds 96/,
    ],
    ['claims 2^40 elements by stride 0', { shape: [2 ** 20, 2 ** 20], strides: [0, 0] }, /claims the shape/],
    ['names a missing storage', { storage: '7' }, /not in the file/],
    ['has more sizes than strides', { shape: [2, 3] }, /shape and strides/],
  ])('refuses a tensor that %s', async (_, change, message) => {
    await expect(open(stored(change))).rejects.toThrowError(message);
  });

  it('refuses the format of PyTorch before 1.6 with advice', async () => {
    const old = bytesOf([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.']);
    await expect(openCheckpoint(put(old))).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('torch.save'),
    });
  });

  it('refuses compressed entries, big-endian files and files without weights', async () => {
    const one = new Map([['w', { shape: [1], data: new Float32Array(1) }]]);
    const deflated = storedZip([['a/data.pkl', bytesOf('x')]], { method: 8 });
    await expect(openCheckpoint(put(deflated))).rejects.toThrowError(/compressed/);
    const big = storedZip([
      ['a/data.pkl', bytesOf([protocol2, '}.'])],
      ['a/byteorder', bytesOf('big')],
    ]);
    await expect(openCheckpoint(put(big))).rejects.toThrowError(/byte order big, expected little/);
    await expect(openCheckpoint(put(zipOf(['}', '(', text('epoch'), int(3), 'u'])))).rejects.toThrowError(
      /entries are epoch/,
    );
    await expect(openCheckpoint(put(zipOf(int(3))))).rejects.toThrowError(/no dictionary of weights/);
    const both = new Map([...one, ['module.w', { shape: [1], data: new Float32Array(1) }]]);
    await expect(openCheckpoint(put(checkpointFile(both)))).rejects.toThrowError(/two tensors are called w/);
  });

  it('stops at wrappers without end', async () => {
    const loop: Piece = ['}', ['q', 0], '(', text('model'), ['h', 0], 'u'];
    await expect(openCheckpoint(put(zipOf(loop)))).rejects.toMatchObject({ code: 'bad-input' });
    const deep: Piece = [new Array(50_000).fill(['}', text('model')]), '}', new Array(50_000).fill('s')];
    await expect(openCheckpoint(put(zipOf(deep)))).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('looks past a wrapper without tensors', async () => {
    const t = tensorPiece(stored());
    const pickle = ['}', '(', text('state_dict'), '}', text('ema'), dictPiece([['w', t]]), 'u'];
    const source = await openCheckpoint(put(zipOf(pickle, [['a/data/0', rawBytes(data)]])));
    expect([...source.tensors.keys()]).toEqual(['w']);
    await source.close();
  });
});
