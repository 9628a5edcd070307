/**
 * DICOM images without identity: PS3.15 Annex E, Basic Application Level Confidentiality Profile, with the options Clean
 * Descriptors (what this program wrote stays, no other text does) and, if asked, Modified Dates. Stricter than the
 * profile where the table is silent (de-identify-rules.ts). Pixels keep their bytes and transfer syntax; uncompressed
 * data sets come out in Explicit VR Little Endian. Every file is read back and compared.
 */
import { check, EngineError } from '../../errors.ts';
import { type Cleaner, cleanElements } from './clean-elements.ts';
import { type Dataset, parseDataset } from './dataset.ts';
import { deIdentifiedAttributes } from './de-identified-attributes.ts';
import { STANDARD_ROOT } from './de-identify-rules.ts';
import { textOf } from './element-text.ts';
import { carriedElements } from './elements.ts';
import { encodeDicomFile } from './encode-file.ts';
import { type IdentityWords, identityWords } from './identity-words.ts';
import { hasPixels } from './pixel-description.ts';
import { type Pseudonyms, pseudonyms } from './pseudonyms.ts';
import { rawPixels } from './raw-pixels.ts';
import { reviewPixels } from './review-pixels.ts';
import { shiftedDate } from './shift-date.ts';
import type { DicomElement } from './source.ts';
import { EXPLICIT_LITTLE } from './transfer-syntax.ts';
import { verifyDeIdentified } from './verify-de-identified.ts';

export interface DeIdentifyOptions {
  /** Program version, for the record of the equipment. */
  version: string;
  /** Keep dates, moved by one offset per patient, instead of removing them. Times of day stay. */
  shiftDates?: boolean;
  /** A person has looked at the pixels and found no text burned in. */
  pixelsReviewed?: boolean;
  /** Secret of the substitutes; default: random, forgotten afterwards. Equal keys give equal substitutes. */
  key?: Uint8Array;
  signal?: AbortSignal;
  progress?: (fraction: number) => void;
}

export interface DeIdentifiedFile {
  /** "image-0001.dcm", or "series-01/image-0001.dcm" when there are several series. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface DeIdentifySummary {
  files: number;
  /** DICOM objects that are no images (reports, plans) and were left out. */
  skipped: number;
  warnings: { code: string; message: string }[];
}

/** Reads one file; called twice. */
export type DicomInput = () => Promise<Uint8Array>;

const LARGEST_VALUE = 2 ** 27;
const MOST_ATTEMPTS = 1000;
/** Enhanced and other multi-frame objects have required attributes that the profile would remove. */
const CLASSIC = new Set(
  ['1', '1.1', '2', '4', '7', '20', '128', '481.1'].map((end) => `${STANDARD_ROOT}5.1.4.1.1.${end}`),
);

interface Surveyed {
  readonly input: DicomInput;
  readonly series: string;
  readonly instance: number;
}

interface Survey {
  readonly images: Surveyed[];
  readonly identity: IdentityWords;
  skipped: number;
  heads: number;
  unknownRegion: number;
  reviewed: number;
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
}

function refuseUnsafe(
  elements: readonly DicomElement[],
  options: DeIdentifyOptions,
): { head: boolean | undefined; reviewed: boolean } {
  const storageClass = textOf(elements, 0x00080016);
  check(
    storageClass.startsWith(STANDARD_ROOT),
    () => 'the object is of a private class, in which identity may stand anywhere',
    {
      code: 'untrusted',
      path: 'SOP Class UID (0008,0016)',
      hint: 'Export the images as MR or CT images from the scanner or archive.',
    },
  );
  const { burnedIn, head } = reviewPixels(elements);
  if (burnedIn !== undefined && options.pixelsReviewed !== true)
    throw new EngineError('untrusted', `${burnedIn}, which no program removes for sure`, {
      path: 'Pixel Data (7fe0,0010)',
      hint: 'Look at every picture; if none shows a name, a date or a number of the patient, say so: in the export panel, or with --pixels-reviewed.',
    });
  return { head, reviewed: burnedIn !== undefined };
}

/** First pass over all files: what to refuse, and every name, date and UID. */
async function survey(inputs: readonly DicomInput[], options: DeIdentifyOptions): Promise<Survey> {
  const found: Survey = { images: [], identity: identityWords(), skipped: 0, heads: 0, unknownRegion: 0, reviewed: 0 };
  for (const [index, input] of inputs.entries()) {
    stopIfAborted(options.signal);
    const dataset = parseDataset(await input());
    if (!hasPixels(dataset)) found.skipped++;
    else {
      const elements = carriedElements(dataset, LARGEST_VALUE);
      const { head, reviewed } = refuseUnsafe(elements, options);
      if (head) found.heads++;
      if (head === undefined) found.unknownRegion++;
      if (reviewed) found.reviewed++;
      found.identity.add(elements);
      const instance = Number.parseInt(textOf(elements, 0x00200013), 10);
      found.images.push({
        input,
        series: textOf(elements, 0x0020000e),
        instance: Number.isFinite(instance) ? instance : 0,
      });
    }
    options.progress?.((0.3 * (index + 1)) / inputs.length);
  }
  check(found.images.length > 0, () => 'no DICOM image to de-identify', {
    hint: 'Choose a folder or file that holds an image series.',
  });
  return found;
}

/** An offset that takes no date of the files to another date of the files, or a removed birthday could stand there. */
function offsetFor(patient: string, names: Pseudonyms, dates: ReadonlySet<string>): number {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const days = names.dayOffset(patient, attempt);
    if ([...dates].every((date) => !dates.has(shiftedDate(date, days) ?? ''))) return days;
  }
  throw new EngineError('unsupported', 'the files hold too many dates to move them all', {
    hint: 'De-identify without keeping dates, or one study at a time.',
  });
}

function positive(file: Dataset, key: string, fallback: number): number {
  return file.attributes.uint16(key) || fallback;
}

function pixelFacts(file: Dataset): Parameters<typeof rawPixels>[1] {
  const { attributes } = file;
  const float = attributes.elements.x7fe00008 ? 32 : attributes.elements.x7fe00009 ? 64 : undefined;
  const bitsAllocated = float ?? positive(file, 'x00280100', 16);
  const bitsStored = float ?? positive(file, 'x00280101', bitsAllocated);
  const frames = Number.parseInt(attributes.string('x00280008') ?? '1', 10) || 1;
  const halved = /^YBR_(FULL|PARTIAL)_422/.test(attributes.string('x00280004') ?? '');
  const samples = halved ? 2 : positive(file, 'x00280002', 1);
  const pixels = positive(file, 'x00280010', 0) * positive(file, 'x00280011', 0) * frames * samples;
  return {
    needed: Math.ceil((pixels * bitsAllocated) / 8),
    bitsAllocated,
    bitsStored,
    highBit: float === undefined ? positive(file, 'x00280102', bitsStored - 1) : bitsAllocated - 1,
  };
}

function cleanFile(
  bytes: Uint8Array,
  found: Survey,
  names: Pseudonyms,
  options: DeIdentifyOptions,
  offsets: Map<string, number>,
): Uint8Array {
  const dataset = parseDataset(bytes);
  const original = carriedElements(dataset, LARGEST_VALUE);
  const { head, reviewed } = refuseUnsafe(original, options);
  const person = textOf(original, 0x00100020) || textOf(original, 0x00100010);
  if (options.shiftDates === true && !offsets.has(person))
    offsets.set(person, offsetFor(person, names, found.identity.dates));
  const cleaner: Cleaner = {
    pseudonyms: names,
    identity: found.identity,
    patient: names.patient(person),
    dayOffset: offsets.get(person),
    enhanced: !CLASSIC.has(textOf(original, 0x00080016)),
  };
  const cleaned = cleanElements(original, cleaner);
  const attributes = deIdentifiedAttributes(original, cleaned, cleaner, {
    version: options.version,
    head: head === true,
    reviewed,
  });
  const pixels = rawPixels(dataset, pixelFacts(dataset));
  const encapsulated = pixels.some((element) => element.encapsulated);
  return encodeDicomFile([...attributes, ...pixels], encapsulated ? dataset.syntax.uid : EXPLICIT_LITTLE);
}

function ordered(images: readonly Surveyed[]): { input: DicomInput; name: string }[] {
  const series = [...new Set(images.map((image) => image.series))];
  return series.flatMap((uid, index) => {
    const own = images.filter((image) => image.series === uid).sort((a, b) => a.instance - b.instance);
    const folder = series.length === 1 ? '' : `series-${String(index + 1).padStart(2, '0')}/`;
    const digits = Math.max(4, String(own.length).length);
    return own.map(({ input }, i) => ({ input, name: `${folder}image-${String(i + 1).padStart(digits, '0')}.dcm` }));
  });
}

function warningsOf(found: Survey, options: DeIdentifyOptions): DeIdentifySummary['warnings'] {
  const warnings: DeIdentifySummary['warnings'] = [];
  if (found.heads > 0)
    warnings.push({
      code: 'face-recognisable',
      message:
        'These are slices of a head: a face can be computed from them and recognised. The pixels were not changed; the files say so.',
    });
  else if (found.unknownRegion > 0)
    warnings.push({
      code: 'body-part-unknown',
      message:
        'Nothing in the files says which part of the body they show. From slices of a head a face can be computed and recognised.',
    });
  if (found.reviewed > 0)
    warnings.push({
      code: 'pixels-reviewed-by-user',
      message: 'That no text is burned into these pictures was said by the user, not found by the program.',
    });
  if (options.shiftDates === true)
    warnings.push({
      code: 'dates-shifted',
      message: 'Dates were moved by one offset per patient; times of day and the days in between are true.',
    });
  if (found.skipped > 0)
    warnings.push({
      code: 'not-an-image',
      message: `${found.skipped} DICOM objects that are no images were left out.`,
    });
  return warnings;
}

/**
 * De-identifies the images among `inputs` and hands each file to `put`, sorted by series and instance number. Names,
 * ids, dates and UIDs of all files are known before the first is written. Throws `untrusted` (text may be burned in and
 * nobody has looked; private storage class), `bad-input` (damaged, no image), `cancelled`, `internal` (verification).
 */
export async function deIdentify(
  inputs: readonly DicomInput[],
  options: DeIdentifyOptions,
  put: (file: DeIdentifiedFile) => Promise<void>,
): Promise<DeIdentifySummary> {
  const found = await survey(inputs, options);
  const names = pseudonyms(options.key);
  const offsets = new Map<string, number>();
  const order = ordered(found.images);
  for (const [index, { input, name }] of order.entries()) {
    stopIfAborted(options.signal);
    const original = await input();
    const bytes = cleanFile(original, found, names, options, offsets);
    await verifyDeIdentified(original, bytes);
    await put({ name, bytes });
    options.progress?.(0.3 + (0.7 * (index + 1)) / order.length);
  }
  return { files: order.length, skipped: found.skipped, warnings: warningsOf(found, options) };
}
