/**
 * What becomes of one attribute: the Basic Profile's row, and for what the table does not name a rule by value
 * representation that is stricter than the profile: no free text, name, date, address or blob stays unless it is known
 * to be safe, every UID is replaced, private groups, curves and overlays go. Numbers and code strings stay.
 */
import { type ProfileAction, profileAction, tagList } from './basic-profile.ts';

/**
 * text: keep what known-safe.ts allows. items: keep the sequence, clean what is in it. shift: another date. patient: the
 * pseudonym.
 */
export type Decision = 'keep' | 'text' | 'remove' | 'empty' | 'dummy' | 'uid' | 'items' | 'shift' | 'patient';

export interface RuleContext {
  /** Inside a sequence, or in an enhanced object, "unless required" counts as required: a dummy harms nobody. */
  readonly strict: boolean;
  readonly shiftDates: boolean;
}

const PATIENT_TAGS = new Set([0x00100010, 0x00100020]);
const FREE_TEXT = new Set(['LO', 'LT', 'SH', 'ST', 'UC', 'UR', 'UT']);
const TEMPORAL = new Set(['DA', 'DT', 'TM']);
const BLOBS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
/** Lookup tables of the image. */
const SAFE_BLOBS = new Set(tagList('0028: 1101 1102 1103 1201 1202 1203 1204 1221 1222 1223 1224 3002 3006'));
/** Patient, visit, request and result: nothing stays that the profile does not name. */
const PERSONAL_GROUPS = new Set([0x0004, 0x0010, 0x0012, 0x0032, 0x0038, 0x4000, 0x4008]);
/** The profile names these dates too, but no option keeps them: birth, and the camera's clock. */
const UNSHIFTED_GROUPS = new Set([0x0010, 0x0016]);
/** Names coding schemes and responsible bodies in free text; written anew here or not at all. */
const ALSO_REMOVED = new Set(tagList('0008: 0001 0005 0006 0040 0109 0110 0119 0120 0012: 0062 0063 0064 0028: 0303'));
/** Type 2: present, empty. */
const ALSO_EMPTIED = new Set(tagList('0020: 1040'));
/** The profile removes them; what this program wrote there itself is known to be safe (option Clean Descriptors). */
const DESCRIPTORS = new Set(tagList('0008: 103e 2111 0018: a003 0020: 4000'));

/** Encodings are explicit, so this names storage classes and syntaxes as well as well-known frames of reference. */
export const STANDARD_ROOT = '1.2.840.10008.';

function profileDecision(action: ProfileAction, vr: string, strict: boolean): Decision {
  const sequence = vr === 'SQ';
  switch (action) {
    case 'X':
      return 'remove';
    case 'Z':
      return 'empty';
    case 'D':
      return sequence ? 'items' : 'dummy';
    case 'U':
      return sequence ? 'items' : 'uid';
    case 'X/Z':
      return strict ? 'empty' : 'remove';
    case 'Z/D':
      if (!strict) return 'empty';
      return sequence ? 'items' : 'dummy';
    case 'X/D':
    case 'X/Z/D':
      if (!strict) return 'remove';
      return sequence ? 'items' : 'dummy';
    case 'X/Z/U*':
      return 'items';
  }
}

function ruleDecision(tag: number, vr: string): Decision {
  if (vr === 'SQ') return 'items';
  if (vr === 'UI') return 'uid';
  if (FREE_TEXT.has(vr)) return 'text';
  if (vr === 'PN' || vr === 'AE' || vr === 'AS' || TEMPORAL.has(vr)) return 'remove';
  if (BLOBS.has(vr)) return SAFE_BLOBS.has(tag) ? 'keep' : 'remove';
  return 'keep';
}

/** `vr` as resolved; UN means that nobody knows what the value is. */
export function decide(tag: number, vr: string, { strict, shiftDates }: RuleContext): Decision {
  const group = tag >>> 16;
  if (group % 2 === 1 || (group >= 0x5000 && group < 0x5100) || (group >= 0x6000 && group < 0x6100)) return 'remove';
  if (PATIENT_TAGS.has(tag)) return 'patient';
  if (ALSO_REMOVED.has(tag)) return 'remove';
  if (ALSO_EMPTIED.has(tag)) return 'empty';
  if (DESCRIPTORS.has(tag)) return 'text';
  const action = profileAction(tag);
  if (action !== undefined) {
    if (shiftDates && TEMPORAL.has(vr) && !UNSHIFTED_GROUPS.has(group)) return 'shift';
    return profileDecision(action, vr, strict);
  }
  if (PERSONAL_GROUPS.has(group)) return 'remove';
  return ruleDecision(tag, vr);
}
