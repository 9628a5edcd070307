/** The elements of one object → those of its de-identified counterpart, sequences included. */
import { tagList } from './basic-profile.ts';
import { type Decision, decide, STANDARD_ROOT } from './de-identify-rules.ts';
import { dictionaryVr, isStandardTag } from './dictionary.ts';
import { textOf, valueText } from './element-text.ts';
import type { IdentityWords } from './identity-words.ts';
import { isSafeCode, safeText } from './known-safe.ts';
import * as make from './make-element.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { shiftTemporal } from './shift-date.ts';
import type { DicomElement } from './source.ts';

export interface Cleaner {
  readonly pseudonyms: Pseudonyms;
  readonly identity: IdentityWords;
  /** Pseudonym of the patient; its name and id. */
  readonly patient: string;
  /** Days to add to dates; undefined: they go. */
  readonly dayOffset: number | undefined;
  /** Enhanced object: "unless required" counts as required. */
  readonly enhanced: boolean;
}

const REMOVED = 'REMOVED';
/** Values that say nothing, by value representation. */
const DUMMIES: Readonly<Record<string, string>> = {
  AE: REMOVED,
  AS: '000Y',
  CS: REMOVED,
  DA: '19000101',
  DS: '0',
  DT: '19000101000000',
  IS: '0',
  LO: REMOVED,
  LT: REMOVED,
  PN: REMOVED,
  SH: REMOVED,
  ST: REMOVED,
  TM: '000000',
  UC: REMOVED,
  UR: 'urn:removed',
  UT: REMOVED,
};
const NUMBERS = new Set(['AT', 'FD', 'FL', 'SL', 'SS', 'SV', 'UL', 'US', 'UV']);
/** Empty values stand between separators. A UID is no decimal number. Some writers exceed 16 characters. */
const DECIMAL = /^(?=.{0,40}$)([-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)?$/;
const NUMERIC_TEXT = new Set(['DS', 'IS']);
/** Terms that say what they say, even where somebody is called so: types, modalities, sequences, positions, colours. */
const TERMS = new Set(
  (
    'ORIGINAL DERIVED PRIMARY SECONDARY AXIAL LOCALIZER OTHER MPR MR CT PT US NM OT SC SE IR GR EP RM SK MTC SS TRSS SP MP ' +
    'OSP NONE 2D 3D HFP HFS HFDR HFDL FFDR FFDL FFP FFS MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YES NO NORM ' +
    'WSD DRW SYN MAGNITUDE PHASE REAL MIXED WATER FAT IDENTITY LINEAR LINEAR_EXACT SIGMOID CINE STEADY SPIN GRADIENT'
  ).split(' '),
);
const MAKERS = new Set(tagList('0008: 0070 1090'));
const CODE_VALUE = 0x00080100;
const CODE_TAGS = { value: CODE_VALUE, scheme: 0x00080102, version: 0x00080103, meaning: 0x00080104 };

/** Family name and given name, as a Person Name has them. */
export function personName(pseudonym: string): string {
  return pseudonym.replace('-', '^');
}

function dummy(element: DicomElement): DicomElement {
  const text = DUMMIES[element.vr];
  if (text !== undefined) return make.text(element.tag, element.vr, text);
  return { tag: element.tag, vr: element.vr, value: new Uint8Array(Math.min(element.value.length, 8)) };
}

function replacedUids(element: DicomElement, { pseudonyms }: Cleaner): DicomElement {
  const uids = valueText(element)
    .split('\\')
    .map((uid) => (uid.startsWith(STANDARD_ROOT) && /^[0-9.]{1,64}$/.test(uid) ? uid : pseudonyms.uid(uid)));
  return { ...element, value: new TextEncoder().encode(uids.join('\\')) };
}

/** Numbers must be numbers and terms must be terms; anything else was put there by somebody. */
function plainValue(element: DicomElement, { identity }: Cleaner): DicomElement | undefined {
  const { vr } = element;
  if (NUMERIC_TEXT.has(vr)) {
    const numbers = valueText(element)
      .split('\\')
      .map((number) => number.trim());
    return numbers.every((number) => DECIMAL.test(number) && !identity.is(number)) ? element : undefined;
  }
  const text = valueText(element);
  if (vr !== 'CS') {
    // Text among numbers, in one or two bytes a letter: an implicit file does not say what a value is.
    const spelled = text.length >= 4 && (identity.occursIn(text) || identity.occursIn(text.replaceAll('\0', '')));
    return spelled ? undefined : element;
  }
  if (!/^[A-Za-z0-9_ .+/\\-]*$/.test(text)) return undefined;
  const known = text.split('\\').every((term) => TERMS.has(term.trim()));
  return known || !identity.occursIn(text) ? element : undefined;
}

function safeTextElement(element: DicomElement, { identity }: Cleaner): DicomElement | undefined {
  const text = valueText(element);
  const safe = safeText(element.tag, text);
  if (safe === undefined) return undefined;
  if (MAKERS.has(element.tag) ? identity.occursAsWordIn(safe) : identity.occursIn(safe)) return undefined;
  return safe === text ? element : make.text(element.tag, element.vr, safe);
}

/** A coded entry of a public scheme without what the place that wrote it may have added; undefined for others. */
function codedItem(item: readonly DicomElement[], cleaner: Cleaner): DicomElement[] | undefined {
  const entry = {
    value: textOf(item, CODE_TAGS.value),
    scheme: textOf(item, CODE_TAGS.scheme),
    meaning: textOf(item, CODE_TAGS.meaning),
  };
  const version = textOf(item, CODE_TAGS.version);
  if (!isSafeCode(entry) || cleaner.identity.occursIn(`${entry.value} ${entry.meaning} ${version}`)) return undefined;
  return [
    make.text(CODE_TAGS.value, 'SH', entry.value),
    make.text(CODE_TAGS.scheme, 'SH', entry.scheme),
    ...(/^[0-9A-Za-z.]{1,16}$/.test(version) ? [make.text(CODE_TAGS.version, 'SH', version)] : []),
    make.text(CODE_TAGS.meaning, 'LO', entry.meaning),
    ...item.filter((element) => element.vr === 'SQ').flatMap((element) => cleanElement(element, cleaner, true) ?? []),
  ].sort((a, b) => a.tag - b.tag);
}

function cleanItems(element: DicomElement, cleaner: Cleaner): DicomElement | undefined {
  const items = (element.items ?? []).flatMap((item) => {
    if (!item.some(({ tag }) => tag === CODE_VALUE)) return [cleanElements(item, cleaner, true)];
    const coded = codedItem(item, cleaner);
    return coded === undefined ? [] : [coded];
  });
  const emptied = items.length === 0 && (element.items ?? []).length > 0;
  return emptied ? undefined : { ...element, items };
}

function apply(decision: Decision, element: DicomElement, cleaner: Cleaner): DicomElement | undefined {
  switch (decision) {
    case 'remove':
      return undefined;
    case 'empty':
      return { tag: element.tag, vr: element.vr, value: new Uint8Array(0), ...(element.vr === 'SQ' && { items: [] }) };
    case 'dummy':
      return dummy(element);
    case 'uid':
      return replacedUids(element, cleaner);
    case 'items':
      return cleanItems(element, cleaner);
    case 'text':
      return safeTextElement(element, cleaner);
    case 'keep':
      return plainValue(element, cleaner);
    case 'patient':
      return make.text(element.tag, element.vr, element.vr === 'PN' ? personName(cleaner.patient) : cleaner.patient);
    case 'shift':
      return shiftTemporal(element, cleaner.dayOffset ?? 0);
  }
}

/** Bytes of text behind a numeric representation would pass as numbers. */
function isMislabelled({ tag, vr }: DicomElement): boolean {
  const stated = dictionaryVr(tag, false);
  return NUMBERS.has(vr) && stated !== 'UN' && !NUMBERS.has(stated);
}

function cleanElement(element: DicomElement, cleaner: Cleaner, nested: boolean): DicomElement | undefined {
  if (!isStandardTag(element.tag) || isMislabelled(element)) return undefined;
  const rules = { strict: nested || cleaner.enhanced, shiftDates: cleaner.dayOffset !== undefined };
  return apply(decide(element.tag, element.vr, rules), element, cleaner);
}

/** Sorted by tag, as given. */
export function cleanElements(elements: readonly DicomElement[], cleaner: Cleaner, nested = false): DicomElement[] {
  return elements.flatMap((element) => cleanElement(element, cleaner, nested) ?? []);
}
