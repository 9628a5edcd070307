/**
 * Free text that may stay in a de-identified file. Anything not named here goes, whatever its attribute: technical
 * names a machine wrote, and sentences of this program, recognised word for word.
 */

interface Safe {
  readonly pattern: RegExp;
  /** Takes the place of other text where the object needs a value. */
  readonly otherwise?: string;
}

const NAME = { pattern: /^[\x20-\x7e]{0,64}$/ };
const METHOD = '[a-z0-9][a-z0-9-]{0,31}';
const NUMBER = '[0-9.eE+-]{1,24}';
const HASH = '[0-9a-f]{2,64}';
/** What derived-attributes.ts writes, part by part. */
const DERIVATION = [
  `Method ${METHOD}`,
  `acceleration ${NUMBER}`,
  `${NUMBER} (?:views|steps)`,
  `(?:gamma|seed) ${NUMBER}`,
  'model [A-Za-z0-9][A-Za-z0-9._-]{0,63}',
  `model hash ${HASH}`,
  'Tangent [0-9A-Za-z.-]{1,24}',
  `job ${HASH}`,
  'map of (?:spread|prior share|difference)',
].join('|');
const SAFE = new Map<number, Safe>([
  // Machine and program: no serial numbers, stations or sites, which have rows of their own.
  [0x00080070, NAME],
  [0x00081090, NAME],
  [0x00181020, NAME],
  // How the image was taken.
  [0x00180024, NAME],
  [0x00181160, NAME],
  [0x00181210, NAME],
  [0x00181250, NAME],
  [0x00181251, NAME],
  [0x00189005, NAME],
  [0x00189041, NAME],
  [0x00189047, NAME],
  [0x00189050, NAME],
  [0x00209056, { pattern: /^\d{1,4}$/, otherwise: '1' }],
  [0x00281054, { pattern: /^(HU|HU_MOD|US|OD|PCT|MGML|Z_EFF|ED|EDW)$/, otherwise: 'US' }],
  [0x00283003, { pattern: /^Image values in the units of the reconstruction$/, otherwise: 'REMOVED' }],
  [0x00409210, { pattern: /^TANGENT SCALE$/, otherwise: 'REMOVED' }],
  // Sentences of this program.
  [0x0008103e, { pattern: new RegExp(`^\\[RESEARCH\\] ${METHOD} (?:reconstruction|spread|prior share|difference)$`) }],
  [0x00082111, { pattern: new RegExp(`^(?:${DERIVATION})(?:; (?:${DERIVATION}))*$`) }],
  [0x0018a003, { pattern: new RegExp(`^Image reconstruction, job ${HASH}$`) }],
]);

/** Schemes of public dictionaries: a code of theirs says what everybody's means. */
const SCHEMES = /^(DCM|SRT|SCT|SNM3|99SDM|UCUM|LN|FMA|RADLEX|MSH|UMLS|NCIt|ICD10|ACR)$/;
const OWN_SCHEME = '99TANGENT';
const OWN_MEANING = new RegExp(`^Reconstruction by ${METHOD}$`);

const IMAGE_COMMENTS = 0x00204000;
const COMMENT_PART =
  /^(?:\[RESEARCH\] )?(?:Not for diagnostic use|simulated (?:X-ray measurement|k-space)|contains model-generated detail|map of (?:spread|prior share|difference))$/;
const WARNING_PART = /^warning [a-z0-9-]{1,48}(?=: |$)/;

/** The research label, what it says of the image, and the codes of warnings; their sentences go. */
function safeComments(text: string): string | undefined {
  if (!text.startsWith('[RESEARCH] ')) return undefined;
  const parts = text
    .split('; ')
    .map((part) => (COMMENT_PART.test(part) ? part : WARNING_PART.exec(part)?.[0]))
    .filter((part) => part !== undefined);
  return parts[0]?.startsWith('[RESEARCH]') ? parts.join('; ') : undefined;
}

/** The text to write for an attribute: itself, its stand-in, or undefined when it must go. */
export function safeText(tag: number, text: string): string | undefined {
  if (tag === IMAGE_COMMENTS) return safeComments(text);
  const safe = SAFE.get(tag);
  if (safe === undefined) return undefined;
  return safe.pattern.test(text) ? text : safe.otherwise;
}

export interface CodedEntry {
  value: string;
  scheme: string;
  meaning: string;
}

/** Whether a coded entry (PS3.3 §8.8) is of a public scheme, or our own method code. */
export function isSafeCode({ value, scheme, meaning }: CodedEntry): boolean {
  if (!/^[A-Za-z0-9_.:\-{}[\]/%^*() ]{1,16}$/.test(value)) return false;
  if (scheme === OWN_SCHEME) return OWN_MEANING.test(meaning);
  return SCHEMES.test(scheme) && /^[\x20-\x7e]{1,64}$/.test(meaning);
}
