/** What the HDF5 worker is asked and what it answers. Its memory is its own: a crash or endless loop ends with it. */

/** An element type, as far as scans need it. Offsets are those of the record in memory. */
export interface Hdf5Type {
  class: 'integer' | 'float' | 'string' | 'compound' | 'array' | 'enum' | 'vlen' | 'other';
  /** Bytes of one element. */
  bytes: number;
  signed: boolean;
  littleEndian: boolean;
  /** Variable-length text. */
  variableText: boolean;
  /** Of a compound. */
  members?: { name: string; offset: number; type: Hdf5Type }[];
  /** Of an array or variable-length sequence. */
  base?: Hdf5Type;
}

export interface Hdf5Dataset {
  shape: number[];
  type: Hdf5Type;
  /** Whether a filter may make the stored form smaller than the data. */
  filtered: boolean;
  /** Elements per chunk, when chunked. */
  chunk?: number[];
}

export interface Hdf5Item {
  name: string;
  kind: 'group' | 'dataset' | 'other';
}

export type Hdf5Attribute = string | number | number[];

/** Records with variable-length members: fixed bytes, and for each asked member the sequences one after another. */
export interface Hdf5Records {
  fixed: Uint8Array<ArrayBuffer>;
  sequences: { lengths: Uint32Array<ArrayBuffer>; bytes: Uint8Array<ArrayBuffer> }[];
}

export interface Hdf5Answers {
  list: Hdf5Item[];
  /** Undefined when there is no dataset of that name (or it lies in another file). */
  dataset: Hdf5Dataset | undefined;
  attributes: Record<string, Hdf5Attribute>;
  read: Uint8Array<ArrayBuffer>;
  text: string;
  records: Hdf5Records;
}

export type Hdf5Request =
  | { op: 'list'; path: string }
  | { op: 'dataset'; path: string }
  | { op: 'attributes'; path: string }
  | { op: 'read'; path: string; offset: number[]; count: number[] }
  | { op: 'text'; path: string }
  /** `members`: offset and item bytes of the variable-length members wanted. */
  | { op: 'records'; path: string; from: number; count: number; members: { offset: number; itemBytes: number }[] };

export type Hdf5Reply = { ok: true; value: Hdf5Answers[keyof Hdf5Answers] } | { ok: false; message: string };
