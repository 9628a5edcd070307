/** What a data set says of identity in its pixels: text burned in, faces. Decides what a person must look at first. */
import { tagList } from './basic-profile.ts';
import { textOf, valueText } from './element-text.ts';
import type { DicomElement } from './source.ts';

const SOP = '1.2.840.10008.5.1.4.1.1.';
/** Secondary Capture, ultrasound, visible light, ophthalmic photographs: text is usually drawn into the picture. */
const DRAWN_CLASSES = [`${SOP}7`, `${SOP}6`, `${SOP}6.1`, `${SOP}6.2`, `${SOP}3`, `${SOP}3.1`, `${SOP}77.1`];
const DRAWN_MODALITIES = new Set(['US', 'IVUS', 'SC', 'XC', 'ES', 'GM', 'DOC', 'OP', 'OT', 'HC']);
/** Conversion Type of films, papers and screens. */
const DIGITISED = new Set(['DV', 'DI', 'DF', 'SD', 'SI']);

export interface PixelReview {
  /** Why the pixels must be looked at before they leave; undefined when nothing speaks for text in them. */
  readonly burnedIn: string | undefined;
  /** Slices of a head, from which a face can be computed; undefined when nothing says what part of the body it is. */
  readonly head: boolean | undefined;
}

function isDrawnClass(uid: string): boolean {
  return DRAWN_CLASSES.some(
    (prefix) => uid === prefix || (prefix !== `${SOP}6` && prefix !== `${SOP}3` && uid.startsWith(`${prefix}.`)),
  );
}

function burnedIn(text: (tag: number) => string): string | undefined {
  const stated = text(0x00280301);
  if (stated === 'YES') return 'the file says that text is burned into the pixels';
  if (isDrawnClass(text(0x00080016))) return 'pictures of this kind often have text burned into the pixels';
  if (DRAWN_MODALITIES.has(text(0x00080060)))
    return `pictures of modality ${text(0x00080060)} often have text burned into the pixels`;
  if (DIGITISED.has(text(0x00080064))) return 'digitised films and screens often have text in the picture';
  if (/SCREEN|SAVE|REPORT|DOSE/.test(text(0x00080008))) return 'the file is a picture of a screen or a report';
  return undefined;
}

const HEAD_TEXT =
  /head|brain|skull|neuro|face|facial|cranial|cranium|cerebr|orbit|sinus|mandib|maxill|dental|ear\b|iac\b|pituitar|schadel|sch.del|kopf|hirn|tete|t.te\b|cerveau|cabeza|craneo/i;
/** SNOMED codes of head, brain, skull, face, orbit, jaw, paranasal sinus, ear, and head and neck. */
const HEAD_CODES = new Set(
  (
    'T-D1100 T-A0100 T-11100 T-D1200 T-AA000 T-D1213 T-22000 T-AB000 T-D1000 T-11170 T-11180 69536005 12738006 89546000 ' +
    '89545001 363654007 774007 117590005 2095001 81745001 39607008 4335006 661005 70925003'
  ).split(' '),
);
const DESCRIPTIONS = tagList('0008: 1030 103e 0018: 0015 1030 0032: 1060 0040: 0254 0007');
const REGIONS = tagList('0008: 2218 2228 0018: 0026');

function codesIn(elements: readonly DicomElement[]): string[] {
  return elements.flatMap((element) => [
    ...(element.tag === 0x00080100 ? [valueText(element)] : []),
    ...(element.items ?? []).flatMap(codesIn),
  ]);
}

/** Judged by body part, region codes and descriptions. */
function showsHead(elements: readonly DicomElement[], text: (tag: number) => string): boolean | undefined {
  if (DESCRIPTIONS.some((tag) => HEAD_TEXT.test(text(tag)))) return true;
  const shared = elements.filter(({ tag }) => REGIONS.includes(tag) || tag === 0x52009229);
  if (codesIn(shared).some((code) => HEAD_CODES.has(code))) return true;
  const silent = shared.length === 0 && DESCRIPTIONS.every((tag) => text(tag) === '');
  return silent ? undefined : false;
}

export function reviewPixels(elements: readonly DicomElement[]): PixelReview {
  const text = (tag: number): string => textOf(elements, tag).trim();
  return { burnedIn: burnedIn(text), head: showsHead(elements, text) };
}
