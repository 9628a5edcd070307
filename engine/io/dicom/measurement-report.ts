/**
 * Measurements → DICOM Comprehensive SR after TID 1500, Measurement Report (PS3.16): one measurement group per drawn
 * shape, its numbers with UCUM units, the shape as spatial coordinates on the image it was drawn on. Marked as research.
 */
import { createHash } from 'node:crypto';
import { check } from '../../errors.ts';
import { derivedUid } from './derived-uid.ts';
import { valueText } from './element-text.ts';
import { encodeDicomFile } from './encode-file.ts';
import * as make from './make-element.ts';
import { DERIVATION, quantityCode, unitCode } from './measurement-codes.ts';
import { drawnShapes } from './measurement-shapes.ts';
import type { DicomElement } from './source.ts';
import * as sr from './sr-content.ts';
import { verifyReport } from './verify-report.ts';

export const measurementKinds = [
  'length',
  'angle',
  'cobb',
  'ellipse',
  'rectangle',
  'circle',
  'freehand',
  'probe',
] as const;

export interface Measurement {
  readonly kind: (typeof measurementKinds)[number];
  readonly label: string;
  /** The image it was drawn on. */
  readonly image: sr.ImageReference & { readonly seriesUid: string };
  /** (column, row), the centre of the first pixel at 0. */
  readonly points: readonly (readonly [number, number])[];
  readonly values: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
}

export interface MeasurementReportOptions {
  measurements: readonly Measurement[];
  studyUid: string;
  modality: 'MR' | 'CT' | 'OT';
  /** Attributes of an image of the study, whose patient and study attributes are kept; empty: nothing is known. */
  patient: readonly DicomElement[];
  /** Sentences that must stand in the report: how the images came about, warnings. No patient text. */
  statements: readonly string[];
  version: string;
  /** Date and time of the report, local. */
  timestamp: Date;
}

const COMPREHENSIVE_SR = '1.2.840.10008.5.1.4.1.1.88.33';
const SERIES_NUMBER = 9900;
/** Study and patient attributes that go with every object of a study. */
const STUDY_TAGS = new Set([0x00080020, 0x00080030, 0x00080050, 0x00080090, 0x00081030, 0x00080201, 0x00200010]);

const dcm = (value: string, meaning: string): sr.Code => ({ value, scheme: 'DCM', meaning });
const PROCEDURES: Readonly<Record<MeasurementReportOptions['modality'], sr.Code>> = {
  MR: { value: '113091000', scheme: 'SCT', meaning: 'Magnetic resonance imaging' },
  CT: { value: '77477000', scheme: 'SCT', meaning: 'Computed tomography' },
  OT: { value: '363679005', scheme: 'SCT', meaning: 'Imaging procedure' },
};

function measurementGroup(
  measurement: Measurement,
  index: number,
  reportUid: string,
  modality: string,
): sr.ContentItem {
  const shapes = drawnShapes(measurement.kind, measurement.points);
  const title = measurement.label.trim() || `${measurement.kind} ${index + 1}`;
  const region = shapes.find(({ closed }) => closed);
  const numbers = measurement.values
    .filter(({ value }) => Number.isFinite(value))
    .map(({ name, value, unit }) => {
      const { name: concept, derivation } = quantityCode(name, unit, modality);
      const drawn = region
        ? []
        : shapes.map(({ type, points }) =>
            sr.child('INFERRED FROM', sr.coordinatesItem(type, points, measurement.image)),
          );
      return sr.numberItem(concept, value, unitCode(unit), [
        ...(derivation === undefined ? [] : [sr.child('HAS CONCEPT MOD', sr.codeItem(DERIVATION, derivation))]),
        ...drawn,
      ]);
    });
  const uid = derivedUid('measurement', reportUid, index);
  return sr.container(
    dcm('125007', 'Measurement Group'),
    [
      sr.child('HAS OBS CONTEXT', sr.textItem(dcm('112039', 'Tracking Identifier'), title)),
      sr.child('HAS OBS CONTEXT', sr.uidItem(dcm('112040', 'Tracking Unique Identifier'), uid)),
      ...(region === undefined
        ? []
        : [
            sr.child(
              'CONTAINS',
              sr.coordinatesItem(region.type, region.points, measurement.image, dcm('111030', 'Image Region')),
            ),
          ]),
      ...numbers.map((item) => sr.child('CONTAINS', item)),
    ],
    region === undefined ? '1501' : '1410',
  );
}

function distinctImages(measurements: readonly Measurement[]): Measurement['image'][] {
  const byUid = new Map(measurements.map(({ image }) => [`${image.sopInstanceUid} ${image.frame ?? ''}`, image]));
  return [...byUid.values()];
}

function contentTree(
  { measurements, modality, statements, version }: MeasurementReportOptions,
  reportUid: string,
): sr.ContentItem {
  const images = distinctImages(measurements).map((image) => sr.child('CONTAINS', sr.imageItem(image)));
  const groups = measurements.map((measurement, index) =>
    sr.child('CONTAINS', measurementGroup(measurement, index, reportUid, modality)),
  );
  const comments = ['[RESEARCH] Not for diagnostic use', ...statements];
  return sr.container(
    dcm('126000', 'Imaging Measurement Report'),
    [
      sr.child(
        'HAS CONCEPT MOD',
        sr.codeItem(dcm('121049', 'Language of Content Item and Descendants'), {
          value: 'en',
          scheme: 'RFC5646',
          meaning: 'English',
        }),
      ),
      sr.child('HAS OBS CONTEXT', sr.codeItem(dcm('121005', 'Observer Type'), dcm('121007', 'Device'))),
      sr.child('HAS OBS CONTEXT', sr.uidItem(dcm('121012', 'Device Observer UID'), derivedUid('device', version))),
      sr.child('HAS OBS CONTEXT', sr.textItem(dcm('121013', 'Device Observer Name'), `Tangent ${version}`)),
      sr.child('HAS CONCEPT MOD', sr.codeItem(dcm('121058', 'Procedure reported'), PROCEDURES[modality])),
      sr.child(
        'CONTAINS',
        sr.container(dcm('111028', 'Image Library'), [
          sr.child('CONTAINS', sr.container(dcm('126200', 'Image Library Group'), images)),
        ]),
      ),
      sr.child('CONTAINS', sr.container(dcm('126010', 'Imaging Measurements'), groups)),
      ...comments.map((comment) => sr.child('CONTAINS', sr.textItem(dcm('121106', 'Comment'), comment))),
    ],
    '1500',
  );
}

/** Instances the report speaks of, by series: Current Requested Procedure Evidence. */
function evidence({ measurements, studyUid }: MeasurementReportOptions): DicomElement {
  const series = new Map<string, Map<string, Measurement['image']>>();
  for (const { image } of measurements) {
    const known = series.get(image.seriesUid) ?? new Map();
    series.set(image.seriesUid, known.set(image.sopInstanceUid, image));
  }
  const items = [...series].map(([uid, instances]) => [
    make.sequence(
      0x00081199,
      ...[...instances.values()].map(({ sopClassUid, sopInstanceUid }) => [
        make.text(0x00081150, 'UI', sopClassUid),
        make.text(0x00081155, 'UI', sopInstanceUid),
      ]),
    ),
    make.text(0x0020000e, 'UI', uid),
  ]);
  return make.sequence(0x0040a375, [make.sequence(0x00081115, ...items), make.text(0x0020000d, 'UI', studyUid)]);
}

function isAscii({ value, items = [] }: DicomElement): boolean {
  return value.every((byte) => byte >= 0x20 && byte < 0x7f) && items.every((item) => item.every(isAscii));
}

/** Patient and study as the images have them. */
function carried(patient: readonly DicomElement[]): DicomElement[] {
  return patient.filter(({ tag }) => tag >>> 16 === 0x0010 || STUDY_TAGS.has(tag));
}

/** Character set of the images, where their text needs it; else UTF-8, for labels in any language. */
function characterSet(patient: readonly DicomElement[]): DicomElement {
  const own = patient.find(({ tag }) => tag === 0x00080005);
  const plain = carried(patient)
    .filter(({ vr }) => vr !== 'UI')
    .every(isAscii);
  return plain || own === undefined ? make.text(0x00080005, 'CS', 'ISO_IR 192') : own;
}

/** Letters without their marks, for a report that has to keep the character set of the images. */
function folded(text: string): string {
  return text
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, '?');
}

function inCharacterSet(options: MeasurementReportOptions): MeasurementReportOptions {
  if (valueText(characterSet(options.patient)) === 'ISO_IR 192') return options;
  const measurements = options.measurements.map((each) => ({ ...each, label: folded(each.label) }));
  return { ...options, measurements, statements: options.statements.map(folded) };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function reportElements(options: MeasurementReportOptions, sopInstanceUid: string): DicomElement[] {
  const { timestamp: t, studyUid, version, patient } = options;
  const date = `${t.getFullYear()}${two(t.getMonth() + 1)}${two(t.getDate())}`;
  const time = `${two(t.getHours())}${two(t.getMinutes())}${two(t.getSeconds())}`;
  const empty = [
    0x00080020, 0x00080030, 0x00080050, 0x00080090, 0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x00200010,
  ];
  const vrs = ['DA', 'TM', 'SH', 'PN', 'PN', 'LO', 'DA', 'CS', 'SH'];
  const byTag = new Map<number, DicomElement>();
  const layers = [
    ...empty.map((tag, i) => make.text(tag, vrs[i])),
    ...carried(patient),
    characterSet(patient),
    make.text(0x00080012, 'DA', date),
    make.text(0x00080013, 'TM', time),
    make.text(0x00080016, 'UI', COMPREHENSIVE_SR),
    make.text(0x00080018, 'UI', sopInstanceUid),
    make.text(0x00080021, 'DA', date),
    make.text(0x00080023, 'DA', date),
    make.text(0x00080031, 'TM', time),
    make.text(0x00080033, 'TM', time),
    make.text(0x00080060, 'CS', 'SR'),
    make.text(0x00080070, 'LO', 'Tangent'),
    make.text(0x0008103e, 'LO', '[RESEARCH] Measurements'),
    make.text(0x00081090, 'LO', 'Tangent'),
    make.sequence(0x00081111),
    make.text(0x00181020, 'LO', version),
    make.text(0x0020000d, 'UI', studyUid),
    make.text(0x0020000e, 'UI', derivedUid('report series', sopInstanceUid)),
    make.whole(0x00200011, SERIES_NUMBER),
    make.whole(0x00200013, 1),
    make.sequence(0x0040a372),
    evidence(options),
    make.text(0x0040a491, 'CS', 'PARTIAL'),
    make.text(0x0040a493, 'CS', 'UNVERIFIED'),
    ...contentTree(inCharacterSet(options), sopInstanceUid),
  ];
  for (const element of layers) byTag.set(element.tag, element);
  return [...byTag.values()].sort((a, b) => a.tag - b.tag);
}

/**
 * One report of all measurements, read back and compared. Its UID depends on the measurements, their images and the
 * time. Throws `bad-usage` without measurements or when a shape has the wrong number of points; `internal` (verification).
 */
export function writeMeasurementReport(options: MeasurementReportOptions): Uint8Array {
  check(options.measurements.length > 0, () => 'there is no measurement to report', {
    code: 'bad-usage',
    hint: 'Draw a length, an angle or a region first.',
  });
  check(options.studyUid !== '', () => 'the study has no UID', { code: 'bad-usage' });
  const digest = createHash('sha256').update(JSON.stringify(options.measurements)).digest('hex');
  const uid = derivedUid('report', options.studyUid, digest, options.timestamp.toISOString());
  const bytes = encodeDicomFile(reportElements(options, uid));
  verifyReport(bytes, options.measurements);
  return bytes;
}
