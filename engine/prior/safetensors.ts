/**
 * The safetensors format: 8-byte little-endian header length N, N bytes of JSON {name: {dtype, shape, data_offsets}},
 * then the tensors. Offsets count from the end of the header; tensors must tile the rest of the file without gaps or
 * overlaps (the format's own rule, which keeps one file from meaning two things).
 */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { check, EngineError } from '../errors.ts';
import { type WriteBytes, writeFileAtomic } from '../io/atomic-file.ts';
import { readFully } from '../io/read-fully.ts';
import { bytesPerElement, toFloat32 } from './half.ts';
import type { TensorDtype, WeightSource } from './weights.ts';

/** The reference implementation's own bound. */
const maxHeaderBytes = 100_000_000;
const maxTensorBytes = 2 ** 32;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(16),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

interface Entry {
  dtype: TensorDtype;
  shape: readonly number[];
  begin: number;
  end: number;
}

function isDtype(dtype: string): dtype is TensorDtype {
  return Object.hasOwn(bytesPerElement, dtype);
}

function parseHeader(
  text: string,
  dataBytes: number,
  path: string,
): { entries: Map<string, Entry>; metadata: Record<string, string> } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('bad-input', 'the safetensors header is not valid JSON', { path, cause });
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(json);
  check(parsed.success, () => 'the safetensors header is not a JSON object', { path });
  const entries = new Map<string, Entry>();
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed.data)) {
    if (name === '__metadata__') {
      const meta = z.record(z.string(), z.string()).safeParse(value);
      check(meta.success, () => '__metadata__ must map names to strings', { path });
      Object.assign(metadata, meta.data);
      continue;
    }
    const entry = entrySchema.safeParse(value);
    check(entry.success, () => `tensor ${name} has a malformed header entry`, { path });
    const { dtype, shape, data_offsets } = entry.data;
    check(isDtype(dtype), () => `tensor ${name} has dtype ${dtype}, expected F32, F16, BF16 or F64`, { path });
    const [begin, end] = data_offsets;
    const size = shape.reduce((n, s) => n * s, bytesPerElement[dtype]);
    check(size <= maxTensorBytes, () => `tensor ${name} [${shape}] would take ${size} bytes`, { path });
    check(
      end - begin === size && end <= dataBytes,
      () =>
        `tensor ${name} [${shape}] ${dtype} needs ${size} bytes, found offsets ${begin} to ${end} in ${dataBytes} bytes of data`,
      { path },
    );
    entries.set(name, { dtype, shape, begin, end });
  }
  let offset = 0;
  for (const [name, e] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    check(
      e.begin === offset,
      () => `tensor ${name} starts at ${e.begin}, expected ${offset}: gaps and overlaps are not allowed`,
      { path },
    );
    offset = e.end;
  }
  check(offset === dataBytes, () => `tensors fill ${offset} bytes, the file has ${dataBytes}`, { path });
  return { entries, metadata };
}

/** Opens a safetensors file; tensors are read on demand. Throws `bad-input` when it is not a well-formed one. */
export async function openSafetensors(path: string): Promise<WeightSource & { metadata: Record<string, string> }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    check(size >= 8, () => `a safetensors file has at least 8 bytes, found ${size}`, { path });
    const head = await readFully(file, 8, 0, path);
    const length = Number(new DataView(head.buffer).getBigUint64(0, true));
    check(
      length <= maxHeaderBytes && length <= size - 8,
      () => `the safetensors header claims ${length} bytes, the file has ${size}`,
      {
        path,
      },
    );
    const text = new TextDecoder().decode(await readFully(file, length, 8, path));
    const { entries, metadata } = parseHeader(text, size - 8 - length, path);
    return {
      label: basename(path),
      format: 'safetensors',
      tensors: entries,
      metadata,
      read: async (name) => {
        const e = entries.get(name);
        check(e !== undefined, () => `there is no tensor ${name}`, { code: 'not-found', path });
        return toFloat32(await readFully(file, e.end - e.begin, 8 + length + e.begin, path), e.dtype, name);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export interface SafetensorsOptions {
  /** Default F32. */
  dtype?: 'F32' | 'F16';
  metadata?: Record<string, string>;
  /** Replaces an existing file; default true. */
  force?: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Writes tensors read from `source`: keys sorted, every tensor 8-byte aligned by order and padding of the header
 * (float32 and float16 tensors of odd length go last). Written under a temporary name and renamed.
 */
export async function writeSafetensors(
  path: string,
  source: WeightSource,
  options: SafetensorsOptions = {},
): Promise<void> {
  const { dtype = 'F32', force = true, signal } = options;
  const width = bytesPerElement[dtype];
  const sized = [...source.tensors].map(([name, { shape }]) => ({
    name,
    shape,
    bytes: shape.reduce((n, s) => n * s, 1) * width,
  }));
  const ragged = (bytes: number) => (bytes % 8 === 0 ? 0 : 1);
  sized.sort((a, b) => ragged(a.bytes) - ragged(b.bytes) || (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = {};
  if (options.metadata !== undefined) header.__metadata__ = options.metadata;
  let offset = 0;
  for (const { name, shape, bytes } of sized) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(padded.length), true);
  const content = async (write: WriteBytes) => {
    await write(prefix);
    await write(padded);
    for (const { name } of sized) {
      const data = await source.read(name);
      const stored = dtype === 'F16' ? Float16Array.from(data) : data;
      await write(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
    }
  };
  await writeFileAtomic(path, content, { force, ...(signal === undefined ? {} : { signal }) });
}
