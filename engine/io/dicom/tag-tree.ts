/**
 * All attributes of a DICOM file as a tree to read: meta header, private groups, sequences. Made for looking into files
 * that other readers refuse: what is damaged is said in its place, and everything before it is shown.
 */
import { textDecoder } from './character-set.ts';
import { inflateBody, LONG_VRS } from './dataset.ts';
import { dictionaryVr, tagKeyword, tagText } from './dictionary.ts';
import { tagValue } from './tag-value.ts';
import { type TransferSyntax, transferSyntax } from './transfer-syntax.ts';

export interface TagTreeNode {
  /** "(0010,0010)". */
  tag: string;
  vr: string;
  /** Keyword; empty for private and unknown attributes. */
  name: string;
  value: string;
  private: boolean;
  items: TagTreeNode[][];
}

const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const PIXELS = 0x7fe00010;
const MAX_NODES = 20_000;
const MAX_DEPTH = 16;
const MAX_INFLATED = 2 ** 28;

interface Coding {
  explicit: boolean;
  little: boolean;
}

/** Thrown inside to leave all levels at once; what was read stays. */
class Damage extends Error {}

class TreeReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private nodes = 0;
  private decode = textDecoder(undefined);
  private signed = false;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  peekGroup(little: boolean): number {
    return this.at + 8 <= this.bytes.length ? this.view.getUint16(this.at, little) : -1;
  }

  private tagAt(little: boolean, end: number): number {
    if (this.at + 8 > end) throw new Damage('the data end inside an attribute');
    return this.view.getUint16(this.at, little) * 65536 + this.view.getUint16(this.at + 2, little);
  }

  /** Attributes up to `end`, an item's end mark, or, where given, the first of another group. */
  read(into: TagTreeNode[], end: number, coding: Coding, depth: number, group?: number): void {
    while (this.at < end) {
      // Writers pad files to even or block lengths.
      if (depth === 0 && end - this.at < 8) return;
      if (group !== undefined && this.peekGroup(coding.little) !== group) return;
      const tag = this.tagAt(coding.little, end);
      if (tag === ITEM_END || tag === SEQUENCE_END) {
        this.at += 8;
        if (tag === ITEM_END) return;
        continue;
      }
      if (++this.nodes > MAX_NODES) throw new Damage(`more than ${MAX_NODES} attributes`);
      this.element(into, tag, end, coding, depth);
    }
  }

  private element(into: TagTreeNode[], tag: number, end: number, coding: Coding, depth: number): void {
    const { little } = coding;
    const start = this.at;
    const known = dictionaryVr(tag, this.signed);
    let vr = known;
    let length: number;
    if (coding.explicit) {
      vr = String.fromCharCode(this.bytes[start + 4], this.bytes[start + 5]);
      if (!/^[A-Z]{2}$/.test(vr)) throw new Damage(`no value representation at byte ${start + 4}`);
      const long = LONG_VRS.has(vr);
      if (start + (long ? 12 : 8) > end) throw new Damage('the data end inside an attribute');
      length = long ? this.view.getUint32(start + 8, little) : this.view.getUint16(start + 6, little);
      this.at = start + (long ? 12 : 8);
    } else {
      length = this.view.getUint32(start + 4, little);
      this.at = start + 8;
    }
    const isPrivate = (tag >>> 16) % 2 === 1;
    const node: TagTreeNode = {
      tag: tagText(tag),
      vr,
      name: tagKeyword(tag),
      value: '',
      private: isPrivate,
      items: [],
    };
    into.push(node);
    if (length !== UNDEFINED && this.at + length > end) {
      node.value = `[damaged: ${length} bytes stated, ${end - this.at} left]`;
      throw new Damage('');
    }
    if (tag === PIXELS && length === UNDEFINED) {
      this.fragments(node, end, little);
      return;
    }
    const sequence = vr === 'SQ' || (length === UNDEFINED && vr !== 'OB' && vr !== 'OW');
    if (sequence && depth < MAX_DEPTH) {
      // Values of unknown representation are implicit little endian inside (PS3.5 §6.2.2).
      const inner = vr === 'UN' && coding.explicit ? { explicit: false, little: true } : coding;
      node.vr = 'SQ';
      this.items(node, length === UNDEFINED ? end : this.at + length, length, inner, depth);
      return;
    }
    if (length === UNDEFINED) throw new Damage('');
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    node.value = tagValue(vr, bytes, { little, decode: this.decode });
    if (tag === 0x00080005) this.decode = textDecoder(node.value);
    if (tag === 0x00280103) this.signed = node.value === '1';
  }

  private items(node: TagTreeNode, end: number, length: number, coding: Coding, depth: number): void {
    while (this.at < end) {
      const tag = this.tagAt(coding.little, end);
      const size = this.view.getUint32(this.at + 4, coding.little);
      this.at += 8;
      if (tag === SEQUENCE_END) break;
      if (tag !== ITEM) throw new Damage(`expected an item at byte ${this.at - 8}`);
      const item: TagTreeNode[] = [];
      node.items.push(item);
      const itemEnd = size === UNDEFINED ? end : this.at + size;
      if (itemEnd > end) throw new Damage('an item runs past its sequence');
      this.read(item, itemEnd, coding, depth + 1);
    }
    node.value = `${node.items.length} item${node.items.length === 1 ? '' : 's'}`;
    if (length !== UNDEFINED) this.at = end;
  }

  private fragments(node: TagTreeNode, end: number, little: boolean): void {
    let count = -1;
    let total = 0;
    const say = () => {
      node.value = `${Math.max(0, count)} fragments, ${total} bytes`;
    };
    for (;;) {
      say();
      const tag = this.tagAt(little, end);
      const size = this.view.getUint32(this.at + 4, little);
      this.at += 8;
      if (tag === SEQUENCE_END) return;
      if (tag !== ITEM || this.at + size > end) throw new Damage('compressed pixel data are cut off');
      if (++count > 0) total += size;
      this.at += size;
    }
  }
}

function textOf(nodes: readonly TagTreeNode[], tag: string): string | undefined {
  return nodes.find((node) => node.tag === tag)?.value;
}

function guess(bytes: Uint8Array, at: number): TransferSyntax {
  const explicit = /^[A-Z]{2}$/.test(String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0));
  if (!explicit) return transferSyntax('1.2.840.10008.1.2');
  return transferSyntax(bytes[at] === 0 ? '1.2.840.10008.1.2.2' : '1.2.840.10008.1.2.1');
}

/** The tree, with a last node that says where reading had to stop. Never throws. */
export function tagTree(input: Uint8Array): TagTreeNode[] {
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  const tree: TagTreeNode[] = [];
  const stopped = (thrown: unknown): void => {
    const said = thrown instanceof Error && thrown.message !== '' ? `: ${thrown.message}` : '';
    tree.push({ tag: '', vr: '', name: '', value: `[the file is damaged here${said}]`, private: false, items: [] });
  };
  try {
    const preamble = String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM' ? 132 : 0;
    const meta = new TreeReader(bytes, preamble);
    if (meta.peekGroup(true) === 2) meta.read(tree, bytes.length, { explicit: true, little: true }, 0, 2);
    const stated = textOf(tree, '(0002,0010)');
    const syntax = stated === undefined ? guess(bytes, meta.at) : transferSyntax(stated);
    const body = syntax.deflated ? inflateBody(bytes, meta.at, MAX_INFLATED) : bytes;
    const reader = new TreeReader(body, syntax.deflated ? 0 : meta.at);
    reader.read(tree, body.length, { explicit: syntax.explicit, little: !syntax.bigEndian }, 0);
  } catch (thrown) {
    stopped(thrown);
  }
  return tree;
}
