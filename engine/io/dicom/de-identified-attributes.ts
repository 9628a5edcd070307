/** What a de-identified object says of itself: required modules, the method, the equipment, labels known to be safe. */
import { type Cleaner, personName } from './clean-elements.ts';
import { textOf } from './element-text.ts';
import { safeText } from './known-safe.ts';
import * as make from './make-element.ts';
import type { DicomElement } from './source.ts';

const CONTRIBUTING_EQUIPMENT = 0x0018a001;
const PURPOSE = 0x0040a170;

/** Our own record in a derived file, written anew from the parts that are known to be safe. */
function ownEquipment(item: readonly DicomElement[], { identity }: Cleaner): DicomElement[] | undefined {
  const purpose = item.find(({ tag }) => tag === PURPOSE)?.items?.[0] ?? [];
  if (textOf(item, 0x00080070) !== 'Tangent' || textOf(purpose, 0x00080100) !== '109102') return undefined;
  const version = textOf(item, 0x00181020);
  const description = safeText(0x0018a003, textOf(item, 0x0018a003));
  if (identity.occursIn(`${version} ${description ?? ''}`)) return undefined;
  return [
    make.text(0x00080070, 'LO', 'Tangent'),
    make.text(0x00081090, 'LO', 'Tangent'),
    ...(/^[0-9A-Za-z.-]{1,24}$/.test(version) ? [make.text(0x00181020, 'LO', version)] : []),
    ...(description === undefined ? [] : [make.text(0x0018a003, 'ST', description)]),
    make.code(PURPOSE, { value: '109102', scheme: 'DCM', meaning: 'Processing Equipment' }),
  ];
}

function equipment(original: readonly DicomElement[], cleaner: Cleaner, version: string): DicomElement {
  const former = original.find(({ tag }) => tag === CONTRIBUTING_EQUIPMENT)?.items ?? [];
  const ours = [
    make.text(0x00080070, 'LO', 'Tangent'),
    make.text(0x00081090, 'LO', 'Tangent'),
    make.text(0x00181020, 'LO', version),
    make.text(0x0018a003, 'ST', 'De-identification'),
    make.code(PURPOSE, { value: '109104', scheme: 'DCM', meaning: 'De-identifying Equipment' }),
  ];
  return make.sequence(
    CONTRIBUTING_EQUIPMENT,
    ...former.flatMap((item) => [ownEquipment(item, cleaner) ?? []]).filter((item) => item.length > 0),
    ours,
  );
}

function methodCodes(shifted: boolean): DicomElement {
  const codes = [
    { value: '113100', scheme: 'DCM', meaning: 'Basic Application Confidentiality Profile' },
    { value: '113105', scheme: 'DCM', meaning: 'Clean Descriptors Option' },
    { value: '113107', scheme: 'DCM', meaning: 'Retain Longitudinal Temporal Information Modified Dates Option' },
  ];
  return make.code(0x00120064, ...codes.slice(0, shifted ? 3 : 2));
}

/** Type 2 of the patient, study and equipment modules: present, empty. */
const REQUIRED = [
  make.text(0x00080020, 'DA'),
  make.text(0x00080030, 'TM'),
  make.text(0x00080050, 'SH'),
  make.text(0x00080070, 'LO'),
  make.text(0x00080090, 'PN'),
  make.text(0x00100030, 'DA'),
  make.text(0x00100040, 'CS'),
  make.text(0x00200010, 'SH'),
];

export interface Statement {
  readonly version: string;
  readonly head: boolean;
  /** A person has looked at the pixels and found no text. */
  readonly reviewed: boolean;
}

/** All elements of the de-identified object but its pixels, sorted: required ones, over them the cleaned, over them ours. */
export function deIdentifiedAttributes(
  original: readonly DicomElement[],
  cleaned: readonly DicomElement[],
  cleaner: Cleaner,
  statement: Statement,
): DicomElement[] {
  const shifted = cleaner.dayOffset !== undefined;
  const modality = textOf(cleaned, 0x00080060).replace(/[^A-Z]/g, '');
  const byTag = new Map<number, DicomElement>();
  const ours = [
    make.text(0x00100010, 'PN', personName(cleaner.patient)),
    make.text(0x00100020, 'LO', cleaner.patient),
    make.text(0x00120062, 'CS', 'YES'),
    make.text(0x00120063, 'LO', `Tangent ${statement.version}`, 'PS3.15 2024e Basic Profile and no free text'),
    methodCodes(shifted),
    equipment(original, cleaner, statement.version),
    make.text(0x00280303, 'CS', shifted ? 'MODIFIED' : 'REMOVED'),
    ...(statement.head ? [make.text(0x00280302, 'CS', 'YES')] : []),
    ...(statement.reviewed ? [make.text(0x00280301, 'CS', 'NO')] : []),
  ];
  for (const element of [
    ...REQUIRED,
    make.text(0x0008103e, 'LO', `De-identified ${modality}`.trim()),
    ...cleaned,
    ...ours,
  ])
    byTag.set(element.tag, element);
  return [...byTag.values()].sort((a, b) => a.tag - b.tag);
}
