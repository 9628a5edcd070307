/** Value representations of the standard's public attributes (PS3.6), for files that do not carry them. */
import dictionary from 'dcmjs/dictionary';

/** "(GGGG,EEEE)" of a numeric tag, lower case as in messages and dumps. */
export function tagText(tag: number): string {
  const hex = tag.toString(16).padStart(8, '0');
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
}

/** Numeric tag of dicom-parser's "xggggeeee". */
export function tagNumber(key: string): number {
  return Number.parseInt(key.slice(1), 16);
}

/** Whether the standard knows the attribute; never of private ones. */
export function isStandardTag(tag: number): boolean {
  return dictionary[tagText(tag).toUpperCase()] !== undefined;
}

/** Keyword and tag for messages, for example "Rows (0028,0010)". Never holds file content. */
export function tagName(tag: number): string {
  const entry = dictionary[tagText(tag).toUpperCase()];
  return entry ? `${entry.name} ${tagText(tag)}` : tagText(tag);
}

/**
 * VR of a public tag; UN when the dictionary does not know it. "US or SS" follows `signedPixels` (Pixel
 * Representation), "OB or OW" is OW as PS3.5 §A.1 requires of implicit files.
 */
export function dictionaryVr(tag: number, signedPixels: boolean): string {
  if ((tag & 0xffff) === 0) return 'UL';
  const vr = dictionary[tagText(tag).toUpperCase()]?.vr;
  if (vr === undefined) return 'UN';
  if (/^[A-Z]{2}$/.test(vr)) return vr;
  if (vr === 'xs') return signedPixels ? 'SS' : 'US';
  return vr === 'ox' ? 'OW' : 'UN';
}

/** Keyword of a public tag, for example "PatientName"; empty for those the dictionary does not know. */
export function tagKeyword(tag: number): string {
  if ((tag >>> 16) % 2 === 1) return '';
  return dictionary[tagText(tag).toUpperCase()]?.name ?? '';
}
