/**
 * The part of Protocol Buffers that ONNX files need: length-delimited messages, varints and floats (wire format of the
 * protobuf encoding guide). A message is a list of chunks, so that a weight of hundreds of megabytes is neither copied
 * nor held while the file is written.
 */

/** Bytes that exist only when they are written. */
export interface LazyBytes {
  readonly length: number;
  read(): Promise<Uint8Array>;
}
export type Chunk = Uint8Array | LazyBytes;
export interface Encoded {
  readonly length: number;
  readonly chunks: readonly Chunk[];
}

const text = new TextEncoder();

function varint(value: number): number[] {
  let v = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  while (v > 127n) {
    out.push(Number(v & 127n) | 128);
    v >>= 7n;
  }
  out.push(Number(v));
  return out;
}

/** Collects the fields of one message. */
export class Message implements Encoded {
  readonly chunks: Chunk[] = [];
  length = 0;

  private push(chunk: Chunk): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  private tag(field: number, wire: 0 | 2 | 5): void {
    this.push(Uint8Array.from(varint(field * 8 + wire)));
  }

  int(field: number, value: number): this {
    this.tag(field, 0);
    this.push(Uint8Array.from(varint(value)));
    return this;
  }

  ints(field: number, values: readonly number[]): this {
    for (const value of values) this.int(field, value);
    return this;
  }

  float(field: number, value: number): this {
    this.tag(field, 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.push(bytes);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  bytes(field: number, value: Chunk): this {
    this.tag(field, 2);
    this.push(Uint8Array.from(varint(value.length)));
    this.push(value);
    return this;
  }

  message(field: number, value: Encoded): this {
    this.tag(field, 2);
    this.push(Uint8Array.from(varint(value.length)));
    for (const chunk of value.chunks) this.chunks.push(chunk);
    this.length += value.length;
    return this;
  }
}
