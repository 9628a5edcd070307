/**
 * Header of NumPy's .npy format, versions 1 to 3: magic "\x93NUMPY", version, header length (2 bytes, from version 2
 * on 4 bytes, little endian), then a Python dictionary literal with `descr`, `fortran_order` and `shape`.
 */
import { EngineError } from '../errors.ts';

export interface NpyHeader {
  /** Type string such as "<f4"; structured types are refused here. */
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  /** Offset of the first element. */
  dataOffset: number;
}

type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal };

/** NumPy itself refuses longer ones by default; names of structured types are the only reason for length. */
const MAX_HEADER_BYTES = 65_536;
const MAX_DEPTH = 16;
const MAX_AXES = 32;
const TOKEN = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|(\d+)L?|(True|False|None)|([{}()[\]:,]))/y;

type Token = { kind: 'string'; text: string } | { kind: 'value'; value: Literal } | { kind: 'mark'; text: string };

function tokenise(text: string, fail: (what: string) => EngineError): Token[] {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw fail(`unexpected text at character ${at} of the header`);
    const [, single, double, digits, word, mark] = match;
    if (single !== undefined || double !== undefined) tokens.push({ kind: 'string', text: single ?? double });
    else if (digits !== undefined) tokens.push({ kind: 'value', value: Number(digits) });
    else if (word !== undefined) tokens.push({ kind: 'value', value: word === 'None' ? null : word === 'True' });
    else tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
}

/** The subset of Python literals NumPy writes: strings, counts, booleans, tuples, lists, dictionaries. */
function parseLiteral(text: string, fail: (what: string) => EngineError): Literal {
  const tokens = tokenise(text, fail);
  let next = 0;
  const isMark = (mark: string): boolean => {
    const token = tokens[next];
    return token !== undefined && token.kind === 'mark' && token.text === mark;
  };
  const list = (close: string, depth: number): Literal[] => {
    const items: Literal[] = [];
    while (!isMark(close)) {
      items.push(value(depth + 1));
      if (isMark(',')) next++;
      else if (!isMark(close)) throw fail('the header misses a comma');
    }
    next++;
    return items;
  };
  const dictionary = (depth: number): Literal => {
    const entries = new Map<string, Literal>();
    while (!isMark('}')) {
      const key = value(depth + 1);
      if (typeof key !== 'string' || !isMark(':')) throw fail('the header is not a dictionary');
      next++;
      entries.set(key, value(depth + 1));
      if (isMark(',')) next++;
      else if (!isMark('}')) throw fail('the header misses a comma');
    }
    next++;
    return Object.fromEntries(entries);
  };
  const value = (depth: number): Literal => {
    const token = tokens[next++];
    if (token === undefined) throw fail('the header ends early');
    if (depth > MAX_DEPTH) throw fail('the header is nested too deeply');
    if (token.kind === 'string') return token.text;
    if (token.kind === 'value') return token.value;
    if (token.text === '(') return list(')', depth);
    if (token.text === '[') return list(']', depth);
    if (token.text === '{') return dictionary(depth);
    throw fail(`unexpected "${token.text}" in the header`);
  };
  const result = value(0);
  if (next !== tokens.length) throw fail('text follows the header dictionary');
  return result;
}

export function isNpy(bytes: Uint8Array): boolean {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Parses the header alone; the data behind it need not be there. */
export function parseNpyHeader(bytes: Uint8Array, path?: string): NpyHeader {
  const where = path === undefined ? {} : { path };
  const fail = (what: string): EngineError => new EngineError('bad-input', `not a valid .npy array: ${what}`, where);
  if (!isNpy(bytes)) throw fail('the magic "\\x93NUMPY" is missing');
  if (bytes.length < 10) throw fail(`the file ends after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  if (version < 1 || version > 3) throw fail(`version ${version}.${bytes[7]}, expected 1, 2 or 3`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw fail(`the file ends after ${bytes.length} bytes`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) throw fail(`a header of ${length} bytes, at most ${MAX_HEADER_BYTES} are accepted`);
  if (start + length > bytes.length)
    throw fail(`the header claims ${length} bytes, the file has ${bytes.length - start} left`);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length));
  const literal = parseLiteral(text, fail);
  if (literal === null || typeof literal !== 'object' || Array.isArray(literal))
    throw fail('the header is not a dictionary');
  const { descr, fortran_order: fortranOrder, shape } = literal;
  if (Array.isArray(descr) || (typeof descr === 'object' && descr !== null))
    throw new EngineError('unsupported', 'structured .npy types (records) are not read', {
      ...where,
      hint: 'Save each field as an array of its own.',
    });
  if (typeof descr !== 'string') throw fail('"descr" is missing');
  if (typeof fortranOrder !== 'boolean') throw fail('"fortran_order" is missing');
  if (!Array.isArray(shape)) throw fail('"shape" is missing');
  if (shape.length > MAX_AXES) throw fail(`${shape.length} axes, at most ${MAX_AXES} are accepted`);
  const sizes: number[] = [];
  for (const size of shape) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size)) throw fail(`"shape" holds ${String(size)}, no count`);
    sizes.push(size);
  }
  return { descr, fortranOrder, shape: sizes, dataOffset: start + length };
}
