/**
 * Lossless JPEG (ITU-T T.81 process 14, Annex H), one component or several in one scan without subsampling: Huffman-coded differences to a prediction from the
 * neighbours a (left), b (above), c (above left). Predictors 1–7, point transform and restart intervals.
 * Written here because the package for it loses the last pixel of some frames and ignores the point transform.
 */

interface Scan {
  rows: number;
  columns: number;
  precision: number;
  predictor: number;
  pointTransform: number;
  restartInterval: number;
  /** Per component, indexed by the next 16 bits: code length · 256 + category. 0 = no such code. */
  codes: Uint16Array[];
  /** First entropy-coded byte. */
  start: number;
}

/** Huffman table of T.81 §C.2 as a direct lookup on 16 bits. */
function lookupTable(bytes: Uint8Array, at: number): { codes: Uint16Array; end: number } {
  const codes = new Uint16Array(65536);
  let value = at + 16;
  let code = 0;
  for (let length = 1; length <= 16; length++) {
    for (let i = 0; i < bytes[at + length - 1]; i++) {
      const first = code << (16 - length);
      codes.fill((length << 8) | bytes[value++], first, first + (1 << (16 - length)));
      code++;
    }
    code <<= 1;
  }
  return { codes, end: value };
}

function readHeader(bytes: Uint8Array): Scan {
  const scan: Partial<Scan> = { restartInterval: 0 };
  const tables = new Map<number, Uint16Array>();
  let components = 0;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw new Error('marker expected');
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    const body = at + 4;
    if (end > bytes.length) throw new Error('segment is cut off');
    if (marker === 0xc3) {
      // The caller checked the size in the first header only.
      if (scan.rows !== undefined) throw new Error('second frame header');
      scan.precision = bytes[body];
      scan.rows = (bytes[body + 1] << 8) | bytes[body + 2];
      scan.columns = (bytes[body + 3] << 8) | bytes[body + 4];
      components = bytes[body + 5];
      for (let c = 0; c < components; c++)
        if (components > 1 && bytes[body + 7 + 3 * c] !== 0x11) throw new Error('components are subsampled');
    } else if (marker === 0xc4) {
      for (let k = body; k + 17 <= end; ) {
        const table = lookupTable(bytes, k + 1);
        tables.set(bytes[k] & 15, table.codes);
        k = table.end;
      }
    } else if (marker === 0xdd) scan.restartInterval = (bytes[body] << 8) | bytes[body + 1];
    else if (marker === 0xda) {
      const count = bytes[body];
      const codes = Array.from({ length: count }, (_, c) => tables.get(bytes[body + 2 + 2 * c] >> 4));
      if (scan.rows === undefined || count !== components || codes.includes(undefined))
        throw new Error('frame header or table is missing');
      const rest = body + 1 + 2 * count;
      return { ...scan, codes, predictor: bytes[rest], pointTransform: bytes[rest + 2] & 15, start: end } as Scan;
    } else if (marker >= 0xc0 && marker <= 0xcf) throw new Error('not a lossless Huffman frame');
    at = end;
  }
  throw new Error('no scan');
}

/** Bits of the entropy-coded data; past a marker it gives zeros and counts them. */
class BitReader {
  private at: number;
  private buffer = 0;
  private held = 0;
  private missing = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.at = start;
  }

  /** The next `n` ≤ 16 bits without taking them. */
  peek(n: number): number {
    while (this.held < n) {
      let byte = 0;
      if (this.at >= this.bytes.length || (this.bytes[this.at] === 0xff && this.bytes[this.at + 1] !== 0))
        this.missing += 8;
      else {
        byte = this.bytes[this.at++];
        if (byte === 0xff) this.at++; // stuffed zero
      }
      this.buffer = ((this.buffer & 0xffff) << 8) | byte;
      this.held += 8;
    }
    return (this.buffer >>> (this.held - n)) & ((1 << n) - 1);
  }

  skip(n: number): void {
    this.held -= n;
    if (this.held < this.missing) throw new Error('entropy-coded data end too early');
  }

  /** Leaves the rest of the byte and steps over a restart marker. */
  restart(): void {
    this.held = 0;
    this.missing = 0;
    while (this.bytes[this.at] === 0xff && this.bytes[this.at + 1] === 0xff) this.at++;
    const marker = this.bytes[this.at + 1];
    if (this.bytes[this.at] !== 0xff || marker < 0xd0 || marker > 0xd7) throw new Error('restart marker expected');
    this.at += 2;
  }
}

/** Difference of T.81 §H.1.2.2: a Huffman-coded category, then that many bits. */
function difference(bits: BitReader, codes: Uint16Array): number {
  const entry = codes[bits.peek(16)];
  if (entry === 0) throw new Error('no such code');
  bits.skip(entry >> 8);
  const category = entry & 0xff;
  if (category === 0) return 0;
  if (category === 16) return 32768;
  if (category > 16) throw new Error('category out of range');
  const extra = bits.peek(category);
  bits.skip(category);
  return extra < 1 << (category - 1) ? extra - (1 << category) + 1 : extra;
}

function predict(predictor: number, a: number, b: number, c: number): number {
  switch (predictor) {
    case 1:
      return a;
    case 2:
      return b;
    case 3:
      return c;
    case 4:
      return a + b - c;
    case 5:
      return a + ((b - c) >> 1);
    case 6:
      return b + ((a - c) >> 1);
    case 7:
      return (a + b) >> 1;
    default:
      throw new Error('predictor out of range');
  }
}

/** Samples of the frame, row by row, those of a pixel side by side. Throws a plain error on damage. The size must have been checked by the caller. */
export function decodeJpegLossless(bytes: Uint8Array): Uint16Array {
  const scan = readHeader(bytes);
  const { rows, columns, predictor, codes, restartInterval } = scan;
  // T.81 §H.1.1 allows restarts between lines only.
  if (restartInterval % columns !== 0) throw new Error('restart interval is not a whole number of lines');
  const restartRows = restartInterval / columns;
  const samples = codes.length;
  const stride = columns * samples;
  const out = new Uint16Array(rows * stride);
  const bits = new BitReader(bytes, scan.start);
  const start = 1 << (scan.precision - scan.pointTransform - 1);
  for (let y = 0; y < rows; y++) {
    const restarted = restartRows > 0 && y > 0 && y % restartRows === 0;
    if (restarted) bits.restart();
    const alone = y === 0 || restarted;
    const row = y * stride;
    for (let x = 0; x < stride; x++) {
      const at = row + x;
      const first = x < samples;
      let prediction: number;
      if (alone) prediction = first ? start : out[at - samples];
      else if (first) prediction = out[at - stride];
      else prediction = predict(predictor, out[at - samples], out[at - stride], out[at - stride - samples]);
      out[at] = prediction + difference(bits, samples === 1 ? codes[0] : codes[x % samples]);
    }
  }
  if (scan.pointTransform > 0) for (let i = 0; i < out.length; i++) out[i] <<= scan.pointTransform;
  return out;
}
