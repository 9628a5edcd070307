/**
 * PyTorch checkpoints (.pt, .pth, .ckpt): a stored ZIP with NAME/data.pkl (the dictionary, restricted unpickler) and
 * NAME/data/K (raw little-endian storages). Tensors are read from the file one at a time.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { check, EngineError } from '../errors.ts';
import { readFully } from '../io/read-fully.ts';
import { contentStartInFile, listZipFile } from '../io/zip.ts';
import { bytesPerElement, toFloat32 } from './half.ts';
import { readPickle, type TensorReference } from './pickle.ts';
import { bareName, namedTensors } from './state-dict.ts';
import type { TensorInfo, WeightSource } from './weights.ts';

const maxPickleBytes = 16 * 2 ** 20;
const maxNameLength = 512;
/** A tensor may repeat elements of its storage (stride 0), but not without bound. */
const maxRepeated = 2 ** 24;

const count = (shape: readonly number[]) => shape.reduce((n, s) => n * s, 1);

/** The content of a stored entry: first byte in the file, and length. */
interface StoredEntry {
  start: number;
  size: number;
}

/** Finds entries by name; `undefined` when absent. Throws `bad-input` for compressed and encrypted ones. */
async function storedEntries(
  file: FileHandle,
  path: string,
): Promise<{ names: string[]; find(name: string): Promise<StoredEntry | undefined> }> {
  const { size } = await file.stat();
  const members = new Map((await listZipFile(file, path)).map((member) => [member.name, member]));
  return {
    names: [...members.keys()],
    async find(name) {
      const member = members.get(name);
      if (member === undefined) return undefined;
      check(
        member.method === 0 && member.compressedSize === member.size,
        () => `entry ${name} is compressed; weights are stored uncompressed`,
        { path },
      );
      check(!member.encrypted, () => `entry ${name} is encrypted`, { path });
      return { start: await contentStartInFile(file, size, member, path), size: member.size };
    },
  };
}

/** Elements between the first and last one used, both included; 0 for an empty tensor. */
function span({ shape, strides }: TensorReference): number {
  return count(shape) === 0 ? 0 : shape.reduce((last, s, i) => last + (s - 1) * strides[i], 0) + 1;
}

/** Copies a strided view of `data` to C order. */
function gather(data: Float32Array, { shape, strides }: TensorReference): Float32Array {
  const out = new Float32Array(count(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return out;
}

function isContiguous({ shape, strides }: TensorReference): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** Where the tensor's first element stands in the file, once everything it claims was found to be there. */
function checkTensor(name: string, tensor: TensorReference, storage: StoredEntry | undefined, path: string): number {
  check(
    storage !== undefined,
    () => `tensor ${name} refers to storage ${tensor.storage.key}, which is not in the file`,
    { path },
  );
  const claimed = tensor.storage.count * bytesPerElement[tensor.storage.dtype];
  check(
    claimed <= storage.size,
    () => `storage ${tensor.storage.key} claims ${claimed} bytes, the file holds ${storage.size}`,
    { path },
  );
  const end = tensor.offset + span(tensor);
  check(
    end <= tensor.storage.count,
    () => `tensor ${name} [${tensor.shape}] reaches element ${end} of a storage of ${tensor.storage.count}`,
    { path },
  );
  check(
    count(tensor.shape) <= Math.max(tensor.storage.count, maxRepeated),
    () => `tensor ${name} claims the shape [${tensor.shape}]`,
    { path },
  );
  return storage.start + tensor.offset * bytesPerElement[tensor.storage.dtype];
}

async function refuseOtherFormats(head: Uint8Array, path: string): Promise<void> {
  if (head[0] === 0x50 && head[1] === 0x4b) return;
  if (head[0] === 0x80 && head[1] >= 2 && head[1] <= 5)
    throw new EngineError('unsupported', 'the checkpoint is in the format of PyTorch before 1.6', {
      path,
      hint: "convert it once in PyTorch: torch.save(torch.load('old.pt', map_location='cpu'), 'new.pt')",
    });
  throw new EngineError('bad-input', 'not a PyTorch checkpoint: a ZIP archive was expected', { path });
}

/** Opens a checkpoint. Throws `bad-input` for damage, `untrusted` for anything but weights, `unsupported` for old files. */
export async function openCheckpoint(path: string): Promise<WeightSource> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    check(size >= 4, () => `a checkpoint has at least 4 bytes, found ${size}`, { path });
    await refuseOtherFormats(await readFully(file, 4, 0, path), path);
    const entries = await storedEntries(file, path);
    const pickles = entries.names.filter((name) => /^([^/]+\/)?data\.pkl$/.test(name));
    check(pickles.length === 1, () => `a checkpoint holds one data.pkl, found ${pickles.length}`, { path });
    const root = pickles[0].slice(0, -'data.pkl'.length);
    const small = async (name: string, limit: number) => {
      const entry = await entries.find(root + name);
      if (entry === undefined) return undefined;
      check(entry.size <= limit, () => `entry ${name} has ${entry.size} bytes, more than ${limit}`, { path });
      return readFully(file, entry.size, entry.start, path);
    };
    const order = new TextDecoder().decode(await small('byteorder', 64)).trim();
    check(order === '' || order === 'little', () => `the checkpoint has byte order ${order}, expected little`, {
      path,
    });

    const pickle = await small('data.pkl', maxPickleBytes);
    check(pickle !== undefined, () => 'the checkpoint has no data.pkl', { path });
    const tensors = new Map<string, { reference: TensorReference; start: number }>();
    const infos = new Map<string, TensorInfo>();
    const storages = new Map<string, StoredEntry | undefined>();
    for (const [full, reference] of namedTensors(readPickle(pickle, path), path)) {
      check(full.length <= maxNameLength, () => `a tensor has a name of ${full.length} characters`, { path });
      const name = bareName(full);
      check(!tensors.has(name), () => `two tensors are called ${name} once prefixes are dropped`, { path });
      const { key } = reference.storage;
      if (!storages.has(key)) storages.set(key, await entries.find(`${root}data/${key}`));
      const start = checkTensor(name, reference, storages.get(key), path);
      tensors.set(name, { reference, start });
      infos.set(name, { dtype: reference.storage.dtype, shape: reference.shape });
    }
    return {
      label: basename(path),
      format: 'pt',
      tensors: infos,
      async read(name) {
        const tensor = tensors.get(name);
        check(tensor !== undefined, () => `there is no tensor ${name}`, { code: 'not-found', path });
        const { reference, start } = tensor;
        const { dtype } = reference.storage;
        const bytes = await readFully(file, span(reference) * bytesPerElement[dtype], start, path);
        const data = toFloat32(bytes, dtype, name);
        return isContiguous(reference) ? data : gather(data, reference);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
