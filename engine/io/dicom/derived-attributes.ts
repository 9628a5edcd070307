/** Attributes of one derived instance, module by module (PS3.3 A.2, A.4, A.8). */
import type { SliceGeometry } from '../scan.ts';
import type { CarriedOver } from './carried-over.ts';
import type { DerivedClass, DerivedSeriesOptions } from './derived-options.ts';
import { isHounsfield, pixelSpacingOf, SOP_CLASS } from './derived-options.ts';
import { textOf } from './element-text.ts';
import { OWN_SCALE_LABEL } from './frame-header.ts';
import type { IntegerScale } from './integer-scale.ts';
import * as make from './make-element.ts';
import type { DicomElement, DicomSource } from './source.ts';

/** Everything equal for all slices of the series. */
export interface SeriesFacts {
  readonly options: DerivedSeriesOptions;
  readonly kind: DerivedClass;
  readonly scale: IntegerScale;
  /** Window in displayed units, LINEAR: centre and width as written. */
  readonly window: { readonly center: number; readonly width: number };
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReferenceUid: string | undefined;
  readonly seriesNumber: number;
  /** "YYYYMMDD", "HHMMSS". */
  readonly date: string;
  readonly time: string;
}

export interface SliceFacts {
  readonly sopInstanceUid: string;
  readonly instanceNumber: number;
  readonly stored: Uint16Array;
  readonly geometry: SliceGeometry | undefined;
  /** The source's own plane attributes are in `carried` and stay. */
  readonly keepPlane: boolean;
  readonly carried: CarriedOver | undefined;
}

function derivationText({ description: d, jobHash, part }: DerivedSeriesOptions): string {
  const parts = [
    `Method ${d.method}`,
    part !== undefined && part.title !== 'reconstruction' && `map of ${part.title}`,
    d.acceleration !== undefined && `acceleration ${d.acceleration}`,
    d.views !== undefined && `${d.views} views`,
    d.steps !== undefined && `${d.steps} steps`,
    d.gamma !== undefined && `gamma ${d.gamma}`,
    d.seed !== undefined && `seed ${d.seed}`,
    d.modelId !== undefined && `model ${d.modelId}`,
    d.modelHash !== undefined && `model hash ${d.modelHash}`,
    `Tangent ${d.version}`,
    `job ${jobHash}`,
  ];
  return parts.filter((part) => part !== false).join('; ');
}

function commentText({ simulated, modelGenerated, modality, part, warnings = [] }: DerivedSeriesOptions): string {
  const parts = ['[RESEARCH] Not for diagnostic use'];
  if (part !== undefined && part.title !== 'reconstruction') parts.push(`map of ${part.title}`);
  if (simulated) parts.push(modality === 'CT' ? 'simulated X-ray measurement' : 'simulated k-space');
  if (modelGenerated) parts.push('contains model-generated detail');
  // "; " parts the comment, so it cannot stand inside a sentence.
  for (const { code, message } of warnings) parts.push(`warning ${code}: ${message.replaceAll(';', ',')}`);
  return parts.join('; ');
}

function derivationCodes({ combination, description }: DerivedSeriesOptions): DicomElement {
  const entries = [
    {
      value: make.codeString(description.method),
      scheme: '99TANGENT',
      meaning: `Reconstruction by ${description.method}`,
    },
  ];
  if (combination === 'difference')
    entries.unshift({ value: '113062', scheme: 'DCM', meaning: 'Pixel by pixel subtraction' });
  if (combination === 'mean') entries.unshift({ value: '113049', scheme: 'DCM', meaning: 'Pixel by pixel mean' });
  return make.code(0x00089215, ...entries);
}

function sourceImages(source: DicomSource): DicomElement {
  const instances = new Map(source.slices.map(({ instance }) => [instance.sopInstanceUid, instance]));
  const purpose = { value: '121322', scheme: 'DCM', meaning: 'Source image for image processing operation' };
  const items = [...instances.values()].map((instance) => [
    make.text(0x00081150, 'UI', instance.sopClassUid),
    make.text(0x00081155, 'UI', instance.sopInstanceUid),
    make.code(0x0040a170, purpose),
  ]);
  return make.sequence(0x00082112, ...items);
}

function equipment({ options, date, time }: SeriesFacts, carried: CarriedOver | undefined): DicomElement {
  const ours = [
    make.text(0x00080070, 'LO', 'Tangent'),
    make.text(0x00081090, 'LO', 'Tangent'),
    make.text(0x00181020, 'LO', options.description.version),
    make.text(0x0018a002, 'DT', `${date}${time}`),
    make.text(0x0018a003, 'ST', `Image reconstruction, job ${options.jobHash}`),
    make.code(0x0040a170, { value: '109102', scheme: 'DCM', meaning: 'Processing Equipment' }),
  ];
  return make.sequence(0x0018a001, ...(carried?.equipment ?? []), ours);
}

/** Type 2 attributes: present, empty when nothing is known. */
function required(kind: DerivedClass): DicomElement[] {
  const everywhere = [
    make.text(0x00080020, 'DA'),
    make.text(0x00080030, 'TM'),
    make.text(0x00080050, 'SH'),
    make.text(0x00080090, 'PN'),
    make.text(0x00100010, 'PN'),
    make.text(0x00100020, 'LO'),
    make.text(0x00100030, 'DA'),
    make.text(0x00100040, 'CS'),
    make.text(0x00200010, 'SH'),
  ];
  if (kind === 'secondary') return [...everywhere, make.text(0x00200020, 'CS')];
  const plane = [make.text(0x00180050, 'DS'), make.text(0x00185100, 'CS'), make.text(0x00201040, 'LO')];
  if (kind === 'ct') return [...everywhere, ...plane, make.text(0x00180060, 'DS'), make.text(0x00200012, 'IS')];
  return [
    ...everywhere,
    ...plane,
    make.text(0x00180020, 'CS', 'RM'),
    make.text(0x00180021, 'CS', 'NONE'),
    make.text(0x00180022, 'CS'),
    make.text(0x00180023, 'CS'),
    make.text(0x00180080, 'DS'),
    make.text(0x00180081, 'DS'),
    make.text(0x00180091, 'IS'),
  ];
}

function planeAttributes({ options, kind, frameOfReferenceUid }: SeriesFacts, slice: SliceFacts): DicomElement[] {
  const elements: DicomElement[] = [];
  const spacing = pixelSpacingOf(options);
  if (spacing) elements.push(make.decimals(0x00280030, ...spacing));
  if (frameOfReferenceUid) elements.push(make.text(0x00200052, 'UI', frameOfReferenceUid));
  if (kind === 'secondary' || slice.keepPlane || !slice.geometry) return elements;
  const { position, rowCosines, columnCosines } = slice.geometry;
  const depth = options.spacingMm?.[0];
  return [
    ...elements,
    ...(depth === undefined ? [] : [make.decimals(0x00180050, depth), make.decimals(0x00180088, depth)]),
    make.decimals(0x00200032, ...position),
    make.decimals(0x00200037, ...rowCosines, ...columnCosines),
  ];
}

function scaleAttributes({ options, kind, scale }: SeriesFacts): DicomElement[] {
  const rescale = (type: string): DicomElement[] => [
    make.decimals(0x00281052, scale.intercept),
    make.decimals(0x00281053, scale.slope),
    make.text(0x00281054, 'LO', type),
  ];
  if (kind !== 'mr') return rescale(isHounsfield(options) ? 'HU' : 'US');
  // MR Image Storage has no modality LUT: stored values are shown, and the factor is on record.
  const item = [
    make.text(0x00283003, 'LO', 'Image values in the units of the reconstruction'),
    make.code(0x004008ea, { value: '1', scheme: 'UCUM', meaning: 'no units' }),
    make.text(0x00409210, 'SH', OWN_SCALE_LABEL),
    make.shorts(0x00409211, 'US', 65535),
    make.shorts(0x00409216, 'US', 0),
    make.double(0x00409224, scale.intercept),
    make.double(0x00409225, scale.slope),
  ];
  return [make.sequence(0x00409096, item)];
}

/** Text burned into the source is still to be read in what was computed from it; nothing is drawn here. */
function hasDrawnText(source: DicomSource | undefined): boolean {
  return source?.slices.some(({ instance }) => textOf(instance.elements, 0x00280301) === 'YES') ?? false;
}

function pixelAttributes(facts: SeriesFacts, slice: SliceFacts): DicomElement[] {
  const { options, scale, window } = facts;
  const [, rows, columns] = options.volume.shape;
  const lossy = options.kspaceOrigin ? undefined : options.source?.lossy;
  const { buffer, byteOffset, byteLength } = slice.stored;
  return [
    make.shorts(0x00280002, 'US', 1),
    make.text(0x00280004, 'CS', options.source?.photometric ?? 'MONOCHROME2'),
    make.shorts(0x00280010, 'US', rows),
    make.shorts(0x00280011, 'US', columns),
    make.shorts(0x00280100, 'US', 16),
    make.shorts(0x00280101, 'US', 16),
    make.shorts(0x00280102, 'US', 15),
    make.shorts(0x00280103, 'US', scale.signed ? 1 : 0),
    make.text(0x00280301, 'CS', hasDrawnText(options.source) ? 'YES' : 'NO'),
    make.decimals(0x00281050, window.center),
    make.decimals(0x00281051, window.width),
    ...scaleAttributes(facts),
    make.text(0x00282110, 'CS', lossy ? '01' : '00'),
    ...(lossy?.ratio ? [make.text(0x00282112, 'DS', ...lossy.ratio.split('\\'))] : []),
    ...(lossy?.method ? [make.text(0x00282114, 'CS', ...lossy.method.split('\\'))] : []),
    { tag: 0x7fe00010, vr: 'OW', value: new Uint8Array(buffer, byteOffset, byteLength) },
  ];
}

function instanceAttributes(facts: SeriesFacts, slice: SliceFacts): DicomElement[] {
  const { options, kind, date, time } = facts;
  const { method, version } = options.description;
  const view = kind === 'ct' ? 'AXIAL' : 'OTHER';
  const derived = options.source && !options.kspaceOrigin ? [sourceImages(options.source)] : [];
  return [
    make.text(0x00080008, 'CS', 'DERIVED', 'SECONDARY', view, make.codeString(method)),
    make.text(0x00080012, 'DA', date),
    make.text(0x00080013, 'TM', time),
    make.text(0x00080016, 'UI', SOP_CLASS[kind]),
    make.text(0x00080018, 'UI', slice.sopInstanceUid),
    make.text(0x00080021, 'DA', date),
    make.text(0x00080023, 'DA', date),
    make.text(0x00080031, 'TM', time),
    make.text(0x00080033, 'TM', time),
    make.text(0x00080060, 'CS', options.modality),
    ...(kind === 'secondary' ? [make.text(0x00080064, 'CS', 'WSD')] : []),
    make.text(0x00080070, 'LO', 'Tangent'),
    make.text(0x0008103e, 'LO', `[RESEARCH] ${method} ${options.part?.title ?? 'reconstruction'}`),
    make.text(0x00081090, 'LO', 'Tangent'),
    make.text(0x00082111, 'ST', derivationText(options)),
    ...derived,
    derivationCodes(options),
    make.text(0x00181020, 'LO', version),
    equipment(facts, slice.carried),
    make.text(0x0020000d, 'UI', facts.studyUid),
    make.text(0x0020000e, 'UI', facts.seriesUid),
    make.whole(0x00200011, facts.seriesNumber),
    make.whole(0x00200013, slice.instanceNumber),
    make.text(0x00204000, 'LT', commentText(options)),
  ];
}

/** All elements of one instance, sorted: required ones, over them the source's, over them ours. */
export function derivedAttributes(facts: SeriesFacts, slice: SliceFacts): DicomElement[] {
  const byTag = new Map<number, DicomElement>();
  const layers = [
    required(facts.kind),
    slice.carried?.elements ?? [],
    instanceAttributes(facts, slice),
    planeAttributes(facts, slice),
    pixelAttributes(facts, slice),
  ];
  for (const element of layers.flat()) byTag.set(element.tag, element);
  // Type 2C: empty only where nobody said which part of the body this is.
  if (!byTag.has(0x00180015) && !byTag.has(0x00200060)) byTag.set(0x00200060, make.text(0x00200060, 'CS'));
  return [...byTag.values()].sort((a, b) => a.tag - b.tag);
}
