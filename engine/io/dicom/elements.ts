/** Data set → the public attributes a derived file may keep, as raw little-endian bytes under explicit VRs. */
import type { DataSet, Element } from 'dicom-parser';
import type { Dataset } from './dataset.ts';
import { dictionaryVr, tagNumber } from './dictionary.ts';
import type { DicomElement } from './source.ts';

/** Bytes per number of a VR, for byte order; text and bytes are 1. */
const WORD: Record<string, number | undefined> = {
  US: 2,
  SS: 2,
  AT: 2,
  OW: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OL: 4,
  OF: 4,
  FD: 8,
  OD: 8,
  SV: 8,
  UV: 8,
  OV: 8,
};
/** Longer values (embedded documents, curves) are not worth carrying in memory for every slice. */
const MAX_VALUE_BYTES = 65536;
const MAX_DEPTH = 16;

function swapped(bytes: Uint8Array, word: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at + word <= bytes.length; at += word)
    for (let b = 0; b < word; b++) out[at + b] = bytes[at + word - 1 - b];
  return out;
}

function isCarried(tag: number): boolean {
  const group = tag >>> 16;
  if (group % 2 === 1 || group < 8 || (tag & 0xffff) === 0) return false;
  return !(group >= 0x5000 && group < 0x5100) && !(group >= 0x6000 && group < 0x6100) && group < 0x7fe0;
}

function convert(
  element: Element,
  file: Dataset,
  signed: boolean,
  depth: number,
  most: number,
): DicomElement | undefined {
  const tag = tagNumber(element.tag);
  if (!isCarried(tag)) return undefined;
  const known = dictionaryVr(tag, signed);
  const vr = element.vr === undefined || element.vr === 'UN' ? known : element.vr;
  if (vr === 'SQ' || element.items) {
    if (depth >= MAX_DEPTH || (element.length > 0 && !element.items)) return undefined;
    const items = (element.items ?? []).map((item) =>
      item.dataSet ? list(item.dataSet, file, signed, depth + 1, most) : [],
    );
    return { tag, vr: 'SQ', value: new Uint8Array(0), items };
  }
  if (element.length > most || element.hadUndefinedLength) return undefined;
  const bytes = file.body.slice(element.dataOffset, element.dataOffset + element.length);
  // A value inside an UN element is little endian already (PS3.5 §6.2.2 note 2).
  const word = file.syntax.bigEndian && element.vr !== 'UN' ? WORD[vr] : undefined;
  return { tag, vr: /^[A-Z]{2}$/.test(vr) ? vr : 'UN', value: word ? swapped(bytes, word) : bytes };
}

function list(dataSet: DataSet, file: Dataset, signed: boolean, depth: number, most: number): DicomElement[] {
  const found: DicomElement[] = [];
  for (const element of Object.values(dataSet.elements)) {
    const kept = convert(element, file, signed, depth, most);
    if (kept) found.push(kept);
  }
  return found.sort((a, b) => a.tag - b.tag);
}

/**
 * Public attributes of a file, sorted by tag, sequences included, without group lengths, private groups, curves (50xx),
 * overlays (60xx), pixel data and values longer than `maxValueBytes`. Copies the bytes, so the file's memory can be
 * released.
 */
export function carriedElements(file: Dataset, maxValueBytes = MAX_VALUE_BYTES): DicomElement[] {
  return list(file.attributes, file, file.attributes.uint16('x00280103') === 1, 0, maxValueBytes);
}
