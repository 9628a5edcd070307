/** Which attributes of a source instance a derived image keeps, and which move into Contributing Equipment. */
import * as make from './make-element.ts';
import type { DicomElement, DicomSource } from './source.ts';

/** Patient, study, acquisition and frame-of-reference modules live here; pixel description is always written anew. */
const KEPT_GROUPS = new Set([0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0032, 0x0038, 0x0040]);

/** The scanner's own module: it describes us in a derived image. */
const EQUIPMENT_TAGS = [
  0x00080070, 0x00080080, 0x00080081, 0x00080082, 0x00081010, 0x00081040, 0x00081041, 0x00081090, 0x00181000,
  0x00181002, 0x00181020, 0x00181200, 0x00181201,
];

/** Belongs to the source image or its series, not to what is made from it. */
const OWN_TAGS = [
  // file and instance: length to end, image type, creation, class, instance, storage places
  0x00080001, 0x00080008, 0x00080012, 0x00080013, 0x00080014, 0x00080016, 0x00080018, 0x00080054, 0x00080056,
  0x00081190,
  // series and content date and time, modality, conversion type, series description
  0x00080021, 0x00080023, 0x00080031, 0x00080033, 0x00080060, 0x00080064, 0x0008103e, 0x0008103f,
  // derivation
  0x00082111, 0x00082112, 0x00089124, 0x00089215,
  // secondary capture device
  0x00181010, 0x00181011, 0x00181012, 0x00181014, 0x00181016, 0x00181018, 0x00181019, 0x0018101a, 0x0018101b,
  // contributing equipment is rebuilt around the source's own items
  0x0018a001,
  // series UID, numbers; retired positions; comments
  0x0020000e, 0x00200011, 0x00200013, 0x00200030, 0x00200035, 0x00200050, 0x00204000,
  // real-world mapping of the source's stored values
  0x00409096,
];

const DROPPED = new Set([...EQUIPMENT_TAGS, ...OWN_TAGS]);

/** Plane of the image: kept only where the grid is the source's. */
const PLANE_TAGS = new Set([0x00180050, 0x00180088, 0x00200032, 0x00200037, 0x00201041]);

/** Acquisition facts that enhanced files hold in functional groups and classic ones at the top level. */
const LIFTED_TAGS = new Set([0x00180080, 0x00180082, 0x00180091, 0x00180050, 0x00180060, 0x00181250, 0x00181314]);
const EFFECTIVE_ECHO_TIME = 0x00189082;
const ECHO_TIME = 0x00180081;

function isKept(tag: number, keepPlane: boolean, multiFrame: boolean): boolean {
  if (!KEPT_GROUPS.has(tag >>> 16) || DROPPED.has(tag)) return false;
  if (PLANE_TAGS.has(tag)) return keepPlane && !multiFrame;
  // Elements from 9000 on describe frames and dimensions of enhanced files.
  if (multiFrame && (tag & 0xffff) >= 0x9000) return false;
  return !(multiFrame && tag >= 0x00181060 && tag <= 0x0018106c);
}

/** Leaf attributes of the functional groups of one frame: shared ones first, per-frame ones over them. */
function liftedFrom(elements: readonly DicomElement[], frame: number): DicomElement[] {
  const found = new Map<number, DicomElement>();
  const groups = [
    elements.find((element) => element.tag === 0x52009229)?.items?.[0],
    elements.find((element) => element.tag === 0x52009230)?.items?.[frame],
  ];
  for (const group of groups)
    for (const element of (group ?? []).flatMap((sequence) => sequence.items?.[0] ?? [])) {
      if (LIFTED_TAGS.has(element.tag)) found.set(element.tag, element);
      if (element.tag === EFFECTIVE_ECHO_TIME && element.value.length >= 8) {
        const { buffer, byteOffset } = element.value;
        found.set(ECHO_TIME, make.decimals(ECHO_TIME, new DataView(buffer, byteOffset).getFloat64(0, true)));
      }
    }
  return [...found.values()];
}

export interface CarriedOver {
  readonly elements: DicomElement[];
  /** Items for Contributing Equipment (0018,A001): what the source named, then the scanner. */
  readonly equipment: (readonly DicomElement[])[];
}

/** Attributes of source slice `index`; `keepPlane` when the derived grid is the source's own. */
export function carriedOver(source: DicomSource, index: number, keepPlane: boolean): CarriedOver {
  const { instance, frame } = source.slices[index];
  const kept = instance.elements.filter((element) => isKept(element.tag, keepPlane, source.multiFrame));
  const lifted = source.multiFrame ? liftedFrom(instance.elements, frame) : [];
  const known = new Set(lifted.map((element) => element.tag));
  const scanner = instance.elements.filter((element) => EQUIPMENT_TAGS.includes(element.tag));
  const purpose = make.code(0x0040a170, { value: '109101', scheme: 'DCM', meaning: 'Acquisition Equipment' });
  const manufacturer = scanner.some((element) => element.tag === 0x00080070) ? [] : [make.text(0x00080070, 'LO')];
  const former = instance.elements.find((element) => element.tag === 0x0018a001)?.items ?? [];
  const item = [...scanner, ...manufacturer, purpose].sort((a, b) => a.tag - b.tag);
  return {
    elements: [...kept.filter((element) => !known.has(element.tag)), ...lifted],
    equipment: [...former, item],
  };
}
