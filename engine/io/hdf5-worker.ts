/**
 * Runs the HDF5 library (h5wasm) on one file in a thread of its own. Damaged files make the library abort or loop for
 * ever; then only this thread is lost. Started by hdf5-file.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import h5wasm, { type Metadata } from 'h5wasm/node';
import type {
  Hdf5Answers,
  Hdf5Attribute,
  Hdf5Dataset,
  Hdf5Item,
  Hdf5Records,
  Hdf5Reply,
  Hdf5Request,
  Hdf5Type,
} from './hdf5-messages.ts';

const CLASSES: Record<number, Hdf5Type['class']> = {
  0: 'integer',
  1: 'float',
  3: 'string',
  6: 'compound',
  8: 'enum',
  9: 'vlen',
  10: 'array',
};
const MAX_TEXT_BYTES = 1 << 24;
const MAX_ATTRIBUTE_ITEMS = 64;

const module = await h5wasm.ready;
// The library would print its error stack; as an exception it is reported with the file's name instead.
module.activate_throwing_error_handler();
const file = new h5wasm.File(String(workerData), 'r');

function describeType(metadata: Metadata): Hdf5Type {
  const base = metadata.array_type ?? metadata.vlen_type;
  return {
    class: CLASSES[metadata.type] ?? 'other',
    bytes: Number(metadata.size),
    signed: metadata.signed,
    littleEndian: metadata.littleEndian,
    variableText: metadata.vlen,
    ...(metadata.compound_type === undefined
      ? {}
      : {
          members: metadata.compound_type.members.map((member) => ({
            name: member.name,
            offset: member.offset,
            type: describeType(member),
          })),
        }),
    ...(base === undefined ? {} : { base: describeType(base) }),
  };
}

/** Kind of a direct child; links into other files are "other" and are never followed. */
function kindOf(path: string): Hdf5Item['kind'] {
  const type = module.get_type(file.file_id, path);
  if (type === module.H5G_GROUP) return 'group';
  return type === module.H5G_DATASET ? 'dataset' : 'other';
}

function list(path: string): Hdf5Item[] {
  const names = [...module.get_names(file.file_id, path, false)] as string[];
  return names.map((name) => ({ name, kind: kindOf(path === '/' ? `/${name}` : `${path}/${name}`) }));
}

function metadataOf(path: string): Metadata | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  let at = '';
  for (const [i, part] of parts.entries()) {
    const names = [...module.get_names(file.file_id, at === '' ? '/' : at, false)] as string[];
    if (!names.includes(part)) return undefined;
    at = `${at}/${part}`;
    if (kindOf(at) !== (i === parts.length - 1 ? 'dataset' : 'group')) return undefined;
  }
  return module.get_dataset_metadata(file.file_id, path);
}

function dataset(path: string): Hdf5Dataset | undefined {
  const metadata = metadataOf(path);
  if (metadata === undefined) return undefined;
  if (metadata.virtual_sources !== undefined) throw new Error('the dataset is assembled from other files');
  return {
    shape: metadata.shape === null ? [0] : metadata.shape.map(Number),
    type: describeType(metadata),
    filtered: module.get_dataset_filters(file.file_id, path).length > 0,
    ...(metadata.chunks === null ? {} : { chunk: metadata.chunks.map(Number) }),
  };
}

function attributes(path: string): Record<string, Hdf5Attribute> {
  const object = path === '/' ? file : file.get(path);
  const result: Record<string, Hdf5Attribute> = {};
  if (!(object instanceof h5wasm.Group || object instanceof h5wasm.Dataset)) return result;
  for (const [name, attribute] of Object.entries(object.attrs)) {
    const { total_size: items, type } = attribute.metadata;
    if (items > MAX_ATTRIBUTE_ITEMS || CLASSES[type] === undefined || CLASSES[type] === 'compound') continue;
    const value = attribute.json_value;
    if (typeof value === 'string' || typeof value === 'number') result[name] = value;
    else if (Array.isArray(value) && value.every((item) => typeof item === 'number')) result[name] = value;
    else if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string') result[name] = value[0];
  }
  return result;
}

/** Calls `use` with the address of the selected elements, in the file's own type. */
function selection<T>(path: string, offset: number[], count: number[], bytes: number, use: (at: number) => T): T {
  const at = module._malloc(Math.max(1, bytes));
  if (at === 0) throw new Error(`no memory for ${bytes} bytes`);
  try {
    const big = (values: number[]): bigint[] => values.map(BigInt);
    const strides = count.map(() => 1n);
    module.get_dataset_data(file.file_id, path, big(count), big(offset), strides, BigInt(at));
    return use(at);
  } finally {
    module._free(at);
  }
}

function itemBytes(path: string): number {
  const metadata = metadataOf(path);
  if (metadata === undefined) throw new Error(`no dataset ${path}`);
  return Number(metadata.size);
}

function read(path: string, offset: number[], count: number[]): Uint8Array<ArrayBuffer> {
  const bytes = count.reduce((product, n) => product * n, itemBytes(path));
  return selection(path, offset, count, bytes, (at) => module.HEAPU8.slice(at, at + bytes));
}

function text(path: string): string {
  const metadata = metadataOf(path);
  if (metadata === undefined || CLASSES[metadata.type] !== 'string' || metadata.total_size !== 1)
    throw new Error(`${path} is not one text`);
  if (metadata.size > MAX_TEXT_BYTES) throw new Error(`${path} is a text of ${metadata.size} bytes`);
  const value = new h5wasm.Dataset(file.file_id, path).value;
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string') throw new Error(`${path} is not one text`);
  return first;
}

/** hvl_t in 32-bit memory: length, then address. Sequences outside the heap mean a damaged file. */
function records({ path, from, count, members }: Extract<Hdf5Request, { op: 'records' }>): Hdf5Records {
  const size = itemBytes(path);
  return selection(path, [from], [count], size * count, (at) => {
    const fixed = module.HEAPU8.slice(at, at + size * count);
    const view = new DataView(fixed.buffer);
    const sequences = members.map((member) => {
      const lengths = new Uint32Array(count);
      let total = 0;
      for (let i = 0; i < count; i++) {
        lengths[i] = view.getUint32(i * size + member.offset, true);
        total += lengths[i] * member.itemBytes;
      }
      if (total > module.HEAPU8.length) throw new Error('sequences longer than the file');
      const bytes = new Uint8Array(total);
      let to = 0;
      for (let i = 0; i < count; i++) {
        const start = view.getUint32(i * size + member.offset + 4, true);
        const end = start + lengths[i] * member.itemBytes;
        if (end > module.HEAPU8.length) throw new Error('a sequence outside the file');
        bytes.set(module.HEAPU8.subarray(start, end), to);
        to += end - start;
      }
      return { lengths, bytes };
    });
    module.reclaim_vlen_memory_count(file.file_id, path, '', BigInt(at), [BigInt(count)]);
    return { fixed, sequences };
  });
}

function answer(request: Hdf5Request): { value: Hdf5Answers[keyof Hdf5Answers]; transfer: ArrayBuffer[] } {
  switch (request.op) {
    case 'list':
      return { value: list(request.path), transfer: [] };
    case 'dataset':
      return { value: dataset(request.path), transfer: [] };
    case 'attributes':
      return { value: attributes(request.path), transfer: [] };
    case 'text':
      return { value: text(request.path), transfer: [] };
    case 'read': {
      const value = read(request.path, request.offset, request.count);
      return { value, transfer: [value.buffer] };
    }
    case 'records': {
      const value = records(request);
      const parts = value.sequences.flatMap((sequence) => [sequence.lengths.buffer, sequence.bytes.buffer]);
      return { value, transfer: [value.fixed.buffer, ...parts] };
    }
  }
}

parentPort?.on('message', (request: Hdf5Request) => {
  let reply: Hdf5Reply;
  let transfer: ArrayBuffer[] = [];
  try {
    const answered = answer(request);
    reply = { ok: true, value: answered.value };
    transfer = answered.transfer;
  } catch (error) {
    reply = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply, transfer);
});
parentPort?.postMessage('ready');
