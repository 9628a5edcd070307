/**
 * Names, identifiers, dates and UIDs of the files to be de-identified, to find them again in text that would otherwise
 * stay: somebody may have typed a name into a field meant for something else.
 */

import { tagList } from './basic-profile.ts';
import { STANDARD_ROOT } from './de-identify-rules.ts';
import { valueText } from './element-text.ts';
import type { DicomElement } from './source.ts';

const TEXT = new Set(['LO', 'LT', 'SH', 'ST', 'UC', 'UT']);
/** Accession number, institution, station, study id, device serial number, requested procedure id. */
const IDENTIFIERS = new Set(tagList('0008: 0050 0080 1010 0018: 1000 0020: 0010 0040: 1001'));
/** Shorter ones turn up by chance in names of sequences and coils. */
const SHORTEST_WORD = 4;

export interface IdentityWords {
  add(elements: readonly DicomElement[]): void;
  /** Whether the text holds any of the words, whatever the case of its letters. */
  occursIn(text: string): boolean;
  /** Whether the text is one of the words. */
  is(text: string): boolean;
  /** Whether one of its words is one of them, or a number or UID stands in it: Philip does not occur in Philips. */
  occursAsWordIn(text: string): boolean;
  /** "YYYYMMDD" of every date. */
  readonly dates: ReadonlySet<string>;
}

export function identityWords(): IdentityWords {
  const words = new Set<string>();
  const dates = new Set<string>();
  const addWord = (word: string): void => {
    if (word.length >= SHORTEST_WORD) words.add(word.toLowerCase());
  };
  // Only names are taken apart: words of a comment or of a hospital's name say nothing of a person.
  const addText = (text: string, vr: string): void => {
    for (const value of text.split('\\')) addWord(value.trim());
    if (vr === 'PN') for (const part of text.split(/[\\^=\s,;]+/)) addWord(part);
  };
  const add = (elements: readonly DicomElement[]): void => {
    for (const element of elements) {
      const { tag, vr, items } = element;
      for (const item of items ?? []) add(item);
      if (vr === 'PN' || (TEXT.has(vr) && (tag >>> 16 === 0x0010 || IDENTIFIERS.has(tag))))
        addText(valueText(element), vr);
      else if (vr === 'UI')
        for (const uid of valueText(element).split('\\'))
          if (uid !== '' && !uid.startsWith(STANDARD_ROOT)) words.add(uid);
      if (vr === 'DA' || vr === 'DT')
        for (const [date] of valueText(element).matchAll(/\d{8}/g)) {
          dates.add(date);
          words.add(date);
        }
    }
  };
  return {
    add,
    dates,
    is: (text) => words.has(text.toLowerCase()),
    occursAsWordIn: (text) => {
      const lower = text.toLowerCase();
      if (lower.split(/[^\p{L}\p{N}]+/u).some((word) => words.has(word))) return true;
      for (const word of words) if (/\d/.test(word) && lower.includes(word)) return true;
      return false;
    },
    occursIn: (text) => {
      const lower = text.toLowerCase();
      for (const word of words) if (lower.includes(word)) return true;
      return false;
    },
  };
}
