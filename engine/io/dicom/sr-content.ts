/** Content items of structured reports (PS3.3 C.17.3): a tree of coded names and values. */
import * as make from './make-element.ts';
import type { DicomElement } from './source.ts';

export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

export type Relationship =
  | 'CONTAINS'
  | 'HAS OBS CONTEXT'
  | 'HAS CONCEPT MOD'
  | 'HAS PROPERTIES'
  | 'INFERRED FROM'
  | 'SELECTED FROM';

/** A content item without its relationship to its parent. */
export type ContentItem = readonly DicomElement[];

const RELATIONSHIP = 0x0040a010;
const VALUE_TYPE = 0x0040a040;
const CONCEPT_NAME = 0x0040a043;
const CONTENT = 0x0040a730;

export interface Child {
  readonly relationship: Relationship;
  readonly item: ContentItem;
}

export function child(relationship: Relationship, item: ContentItem): Child {
  return { relationship, item };
}

/** Text in UTF-8, as the report declares; only what the VR cannot hold is cut. */
export function utf8(tag: number, vr: 'LO' | 'UT' | 'SH', value: string): DicomElement {
  const most = { LO: 64, SH: 16, UT: 1024 }[vr];
  const plain = value.replace(vr === 'UT' ? /[\p{Cc}]/gu : /[\p{Cc}\\]/gu, ' ');
  return { tag, vr, value: new TextEncoder().encode([...plain].slice(0, most).join('')) };
}

function contentItem(
  type: string,
  name: Code | undefined,
  own: readonly DicomElement[],
  children: readonly Child[],
): ContentItem {
  const content = children.map(({ relationship, item }) =>
    [make.text(RELATIONSHIP, 'CS', relationship), ...item].sort((a, b) => a.tag - b.tag),
  );
  return [
    make.text(VALUE_TYPE, 'CS', type),
    ...(name === undefined ? [] : [make.code(CONCEPT_NAME, name)]),
    ...own,
    ...(content.length === 0 ? [] : [make.sequence(CONTENT, ...content)]),
  ].sort((a, b) => a.tag - b.tag);
}

/** `template`: identifier of a template of PS3.16. */
export function container(name: Code, children: readonly Child[], template?: string): ContentItem {
  const origin = [make.text(0x00080105, 'CS', 'DCMR'), make.text(0x0040db00, 'CS', template ?? '')];
  const own = [
    make.text(0x0040a050, 'CS', 'SEPARATE'),
    ...(template === undefined ? [] : [make.sequence(0x0040a504, origin)]),
  ];
  return contentItem('CONTAINER', name, own, children);
}

export function codeItem(name: Code, value: Code, children: readonly Child[] = []): ContentItem {
  return contentItem('CODE', name, [make.code(0x0040a168, value)], children);
}

export function textItem(name: Code, value: string): ContentItem {
  return contentItem('TEXT', name, [utf8(0x0040a160, 'UT', value)], []);
}

export function uidItem(name: Code, uid: string): ContentItem {
  return contentItem('UIDREF', name, [make.text(0x0040a124, 'UI', uid)], []);
}

/** A number with its unit; the double beside the decimal string keeps all digits. */
export function numberItem(name: Code, value: number, unit: Code, children: readonly Child[] = []): ContentItem {
  const measured = [make.code(0x004008ea, unit), make.double(0x0040a161, value), make.decimals(0x0040a30a, value)];
  return contentItem('NUM', name, [make.sequence(0x0040a300, measured)], children);
}

export interface ImageReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** From 1; of multi-frame images. */
  readonly frame?: number;
}

export function imageItem({ sopClassUid, sopInstanceUid, frame }: ImageReference): ContentItem {
  const reference = [
    make.text(0x00081150, 'UI', sopClassUid),
    make.text(0x00081155, 'UI', sopInstanceUid),
    ...(frame === undefined ? [] : [make.whole(0x00081160, frame)]),
  ];
  return contentItem('IMAGE', undefined, [make.sequence(0x00081199, reference)], []);
}

export type GraphicType = 'POINT' | 'MULTIPOINT' | 'POLYLINE' | 'CIRCLE' | 'ELLIPSE';

/** (column, row) pairs, the upper left corner of the first pixel at 0 (PS3.3 C.18.6.1.2). */
export function coordinatesItem(
  type: GraphicType,
  points: readonly (readonly [number, number])[],
  image: ImageReference,
  name?: Code,
): ContentItem {
  const data = new Uint8Array(points.length * 8);
  const view = new DataView(data.buffer);
  for (const [i, [column, row]] of points.entries()) {
    view.setFloat32(8 * i, column, true);
    view.setFloat32(8 * i + 4, row, true);
  }
  const own = [{ tag: 0x00700022, vr: 'FL', value: data }, make.text(0x00700023, 'CS', type)];
  return contentItem('SCOORD', name, own, [child('SELECTED FROM', imageItem(image))]);
}
