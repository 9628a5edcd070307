/**
 * A look into an ONNX file without loading it: its metadata, and the external files its tensors live in. The file is
 * walked message by message (wire format of Protocol Buffers; field numbers of onnx.proto3), weights are skipped, so
 * that a file cut off anywhere is told from a whole one, and no size it claims is ever allocated.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { check, EngineError } from '../../errors.ts';

export interface OnnxContents {
  metadata: Record<string, string>;
  /** Location → bytes that file must have. */
  external: Map<string, number>;
}

type Kind =
  | 'model'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'sparse'
  | 'function'
  | 'training'
  | 'metadata'
  | 'location';

/** Fields that are walked into; all others are skipped. */
const children: Record<Kind, Readonly<Record<number, readonly [kind: Kind, name: string]>>> = {
  model: {
    7: ['graph', 'graph'],
    14: ['metadata', 'metadata'],
    20: ['training', 'training'],
    25: ['function', 'function'],
  },
  graph: { 1: ['node', 'node'], 5: ['tensor', 'initializer'], 15: ['sparse', 'sparse initializer'] },
  node: { 5: ['attribute', 'attribute'] },
  attribute: {
    5: ['tensor', 'tensor'],
    6: ['graph', 'graph'],
    10: ['tensor', 'tensor'],
    11: ['graph', 'graph'],
    22: ['sparse', 'sparse tensor'],
    23: ['sparse', 'sparse tensor'],
  },
  tensor: { 13: ['location', 'external data'] },
  sparse: { 1: ['tensor', 'values'], 2: ['tensor', 'indices'] },
  function: { 7: ['node', 'node'], 11: ['attribute', 'attribute'] },
  training: { 1: ['graph', 'graph'], 2: ['graph', 'graph'] },
  metadata: {},
  location: {},
};

const windowBytes = 1 << 16;
const maxFields = 2_000_000;
const maxDepth = 64;
const maxText = 1 << 20;
const maxExternal = 64;
const maxMetadata = 256;

class OnnxWalker {
  readonly contents: OnnxContents = { metadata: {}, external: new Map() };
  /** Top-level fields seen: a model without graph or opset is cut off. */
  readonly seen = new Set<number>();
  private readonly file: FileHandle;
  private readonly size: number;
  private readonly path: string;
  private readonly window = new Uint8Array(windowBytes);
  private windowStart = 0;
  private windowLength = 0;
  private at = 0;
  private fields = 0;

  constructor(file: FileHandle, size: number, path: string) {
    this.file = file;
    this.size = size;
    this.path = path;
  }

  private fail(message: string): EngineError {
    return new EngineError('bad-input', `the ONNX file is damaged: ${message}`, {
      path: this.path,
      hint: 'The file may be truncated.',
    });
  }

  private async byte(end: number, what: string): Promise<number> {
    if (this.at >= end) throw this.fail(`${what} ends early at byte ${this.at}`);
    const inside = this.at - this.windowStart;
    if (inside < 0 || inside >= this.windowLength) {
      const { bytesRead } = await this.file.read(this.window, 0, windowBytes, this.at);
      if (bytesRead === 0) throw this.fail(`the file ends at byte ${this.at}`);
      this.windowStart = this.at;
      this.windowLength = bytesRead;
    }
    return this.window[this.at++ - this.windowStart];
  }

  /** Wire values above 2^53 come back inexact, which no length or field number may be. */
  private async varint(end: number, what: string): Promise<number> {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = await this.byte(end, what);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw this.fail(`a number at byte ${this.at} has no end`);
  }

  private async text(end: number, what: string): Promise<string> {
    const length = end - this.at;
    if (length > maxText) throw this.fail(`${what} has a text of ${length} bytes`);
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = await this.byte(end, what);
    return new TextDecoder().decode(bytes);
  }

  /** Walks the message that ends at `end`; texts of its fields 1 and 2 are returned for the kinds made of them. */
  async walk(kind: Kind, end: number, what: string, depth: number): Promise<[key: string, value: string]> {
    if (depth > maxDepth) throw this.fail(`graphs nest more than ${maxDepth} deep`);
    const texts: [string, string] = ['', ''];
    const location = new Map<string, string>();
    while (this.at < end) {
      if (++this.fields > maxFields) throw this.fail(`more than ${maxFields} fields`);
      const tag = await this.varint(end, what);
      const field = Math.floor(tag / 8);
      const wire = tag % 8;
      if (field === 0 || field > 2 ** 29) throw this.fail(`${what} has a field ${field} at byte ${this.at}`);
      if (kind === 'model') this.seen.add(field);
      if (wire === 0) {
        await this.varint(end, what);
        continue;
      }
      if (wire !== 1 && wire !== 2 && wire !== 5) throw this.fail(`${what} has a field of wire type ${wire}`);
      const length = wire === 1 ? 8 : wire === 5 ? 4 : await this.varint(end, what);
      const stop = this.at + length;
      const child = wire === 2 ? children[kind][field] : undefined;
      if (stop > end)
        throw this.fail(
          `${child?.[1] ?? `field ${field} of ${what}`} needs ${length} bytes, ${end - this.at} of ${what} are left`,
        );
      if (child !== undefined) {
        const [key, value] = await this.walk(child[0], stop, child[1], depth + 1);
        if (child[0] === 'location') location.set(key, value);
        if (child[0] === 'metadata' && Object.keys(this.contents.metadata).length < maxMetadata)
          Object.defineProperty(this.contents.metadata, key, { value, enumerable: true, configurable: true });
      } else if ((kind === 'metadata' || kind === 'location') && (field === 1 || field === 2) && wire === 2)
        texts[field - 1] = await this.text(stop, what);
      this.at = stop;
    }
    if (location.size > 0) this.keep(location);
    return texts;
  }

  private keep(location: ReadonlyMap<string, string>): void {
    const name = location.get('location') ?? '';
    const whole = (key: string): number => {
      const value = Number(location.get(key) ?? 0);
      if (!Number.isSafeInteger(value) || value < 0) throw this.fail(`external data at ${key} ${location.get(key)}`);
      return value;
    };
    const { external } = this.contents;
    external.set(name, Math.max(external.get(name) ?? 0, whole('offset') + whole('length')));
    check(external.size <= maxExternal, () => `the network is spread over more than ${maxExternal} files`, {
      code: 'unsupported',
      path: this.path,
    });
  }

  async model(): Promise<OnnxContents> {
    await this.walk('model', this.size, 'the model', 0);
    if (!this.seen.has(7)) throw this.fail('it holds no graph');
    if (!this.seen.has(8)) throw this.fail('it does not say which operators it uses');
    return this.contents;
  }
}

/** Metadata and external files of an ONNX model. Throws `bad-input` when the file is cut off or not ONNX. */
export async function readOnnx(path: string): Promise<OnnxContents> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new EngineError('not-found', 'the ONNX file cannot be read', { path, cause });
  });
  try {
    return await new OnnxWalker(file, (await file.stat()).size, path).model();
  } finally {
    await file.close();
  }
}
