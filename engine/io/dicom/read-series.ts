/** DICOM files or folders → the largest image series in them, as one volume in rescaled units. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ndarray } from '../../arrays/ndarray.ts';
import { check, EngineError } from '../../errors.ts';
import type { ImageScan } from '../scan.ts';
import { parseDataset } from './dataset.ts';
import { carriedElements } from './elements.ts';
import { findDicomFiles } from './find-files.ts';
import { hasPixels } from './pixel-description.ts';
import type { DicomFile } from './read-file.ts';
import { frameReader, parseDicomFile } from './read-file.ts';
import type { SortableFrame, Stack } from './slice-order.ts';
import { stackSlices } from './slice-order.ts';
import type { DicomSource, SourceInstance } from './source.ts';

export interface OpenDicomOptions {
  signal?: AbortSignal;
  /** Files read of all files, first pass over the headers, then over the pixels. */
  progress?: (fraction: number) => void;
  /** Largest volume to allocate; default 4 GiB. */
  maxVolumeBytes?: number;
}

/** What is kept of a file between the passes: everything but its pixels. */
interface Candidate extends SortableFrame {
  readonly path: string;
  readonly file: Omit<DicomFile, 'data' | 'dataset'>;
  readonly instance: SourceInstance;
  readonly transferSyntax: string;
}

interface Scanned {
  readonly series: Map<string, Candidate[]>;
  readonly withoutImage: number;
  readonly unreadable: EngineError[];
}

function named(error: unknown, path: string): EngineError {
  if (!(error instanceof EngineError))
    return new EngineError('bad-input', 'cannot be read', { path: basename(path), cause: error });
  const field = error.path ? `${basename(path)}: ${error.path}` : basename(path);
  return new EngineError(error.code, error.message, {
    path: field,
    cause: error,
    ...(error.hint && { hint: error.hint }),
  });
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
}

function candidates(path: string, bytes: Uint8Array): Candidate[] | undefined {
  const header = parseDataset(bytes);
  if (!hasPixels(header)) return undefined;
  const { data: _data, dataset, ...file } = parseDicomFile(bytes);
  const instance: SourceInstance = {
    sopClassUid: file.sopClassUid,
    sopInstanceUid: file.sopInstanceUid,
    ...(file.instanceNumber !== undefined && { instanceNumber: file.instanceNumber }),
    elements: carriedElements(dataset),
  };
  const { rows, columns } = file.pixels;
  return file.frames.map((header, frame) => ({
    path,
    file,
    instance,
    rows,
    columns,
    frame,
    header,
    transferSyntax: dataset.syntax.uid,
    sopInstanceUid: file.sopInstanceUid,
    ...(file.instanceNumber !== undefined && { instanceNumber: file.instanceNumber }),
  }));
}

async function scanHeaders(files: readonly string[], options: OpenDicomOptions): Promise<Scanned> {
  const series = new Map<string, Candidate[]>();
  const unreadable: EngineError[] = [];
  let withoutImage = 0;
  for (const [index, path] of files.entries()) {
    stopIfAborted(options.signal);
    try {
      const frames = candidates(path, await readFile(path));
      if (!frames) withoutImage++;
      else {
        const key = frames[0].file.seriesUid;
        const known = series.get(key);
        if (known) known.push(...frames);
        else series.set(key, frames);
      }
    } catch (error) {
      unreadable.push(named(error, path));
    }
    options.progress?.((0.5 * (index + 1)) / files.length);
  }
  return { series, withoutImage, unreadable };
}

async function readPixels(
  stack: Stack<Candidate>,
  options: OpenDicomOptions,
  notes: string[],
): Promise<Pick<ImageScan, 'digest'> & { volume: Float32Array }> {
  const { rows, columns } = stack.frames[0];
  const pixels = rows * columns;
  const bytes = stack.frames.length * pixels * 4;
  const limit = options.maxVolumeBytes ?? 2 ** 32;
  check(
    bytes <= limit,
    () => `volume of ${stack.frames.length} × ${rows} × ${columns} needs ${bytes} bytes, limit ${limit}`,
    {
      code: 'resource',
      hint: 'Open fewer slices at a time.',
    },
  );
  const volume = new Float32Array(stack.frames.length * pixels);
  const hash = createHash('sha256');
  let current: { path: string; file: DicomFile } | undefined;
  let padded = 0;
  for (const [index, candidate] of stack.frames.entries()) {
    stopIfAborted(options.signal);
    try {
      if (current?.path !== candidate.path) {
        const content = await readFile(candidate.path);
        hash.update(content);
        current = { path: candidate.path, file: parseDicomFile(content) };
      }
      const { file } = current;
      check(file.pixels.rows === rows && file.pixels.columns === columns, () => 'file changed while it was read');
      const read = await frameReader(file.coding);
      padded += read(file, candidate.frame, volume.subarray(index * pixels, (index + 1) * pixels));
    } catch (error) {
      throw named(error, candidate.path);
    }
    options.progress?.(0.5 + (0.5 * (index + 1)) / stack.frames.length);
  }
  if (padded > 0) notes.push(`${padded} padding pixels outside the scanned field were replaced`);
  return { volume, digest: hash.digest('hex') };
}

function sourceOf(stack: Stack<Candidate>): DicomSource {
  const first = stack.frames[0];
  const { file } = first;
  const lossy = stack.frames.find((frame) => frame.file.lossy)?.file.lossy;
  const { slope, intercept } = first.header;
  const uniform = stack.frames.every((frame) => frame.header.slope === slope && frame.header.intercept === intercept);
  return {
    slices: stack.frames.map(({ instance, frame }) => ({ instance, frame })),
    studyUid: file.studyUid,
    seriesUid: file.seriesUid,
    sopClassUid: file.sopClassUid,
    multiFrame: stack.frames.some((frame) => frame.file.pixels.frames > 1),
    transferSyntax: first.transferSyntax,
    photometric: file.pixels.photometric,
    rescale: { slope, intercept, uniform },
    grid: [first.rows, first.columns],
    ...(file.frameOfReferenceUid && { frameOfReferenceUid: file.frameOfReferenceUid }),
    ...(lossy && { lossy }),
    ...(first.header.pixelSpacing && { pixelSpacing: first.header.pixelSpacing }),
    ...(file.window && { window: file.window }),
  };
}

function plural(n: number, one: string, many: string): string {
  return n === 1 ? `1 ${one}` : `${n} ${many}`;
}

function scanNotes(scanned: Scanned, skipped: number): string[] {
  const notes: string[] = [];
  const others = scanned.series.size - 1;
  if (others > 0) notes.push(`${plural(others, 'other series was', 'other series were')} found and not read`);
  if (skipped > 0) notes.push(`${plural(skipped, 'file is', 'files are')} not DICOM and skipped`);
  if (scanned.withoutImage > 0)
    notes.push(`${plural(scanned.withoutImage, 'DICOM file holds', 'DICOM files hold')} no image and skipped`);
  if (scanned.unreadable.length > 0)
    notes.push(`${plural(scanned.unreadable.length, 'DICOM file', 'DICOM files')} could not be used and skipped`);
  return notes;
}

/** Anything less dense than fat is air, and a CT image nearly always shows some. */
const AIR_BELOW_HU = -200;

/** CT is taken at its word, unless it states another unit than HU; doubts are noted. */
function imageModality({ file, header }: Candidate, volume: Float32Array, notes: string[]): ImageScan['modality'] {
  if (file.modality !== 'CT') return file.modality;
  const { rescaleType } = header;
  if (rescaleType !== undefined && rescaleType !== '' && rescaleType !== 'HU' && rescaleType !== 'HU_MOD') {
    notes.push('the CT series states that its values are not Hounsfield units; they are taken as they are');
    return 'OT';
  }
  if (!volume.some((value) => value < AIR_BELOW_HU))
    notes.push(`no value lies below ${AIR_BELOW_HU} HU (air): the values may not be Hounsfield units`);
  return 'CT';
}

/**
 * Opens files and folders (walked) and returns the series with most images: float32 volume [slices, y, x] in rescaled
 * units (HU for CT), slices sorted along their normal, spacing from positions, geometry per slice where the files give
 * it, and the source instances for derived DICOM. Everything left out is counted in `notes`, which hold no text from
 * the files. The digest is the sha256 over the bytes of the series' files in slice order.
 * Throws `bad-input` (no usable image; damaged), `unsupported` (colour, transfer syntax), `resource` (too large),
 * `not-found` and `cancelled`.
 */
export async function openDicom(paths: readonly string[], options: OpenDicomOptions = {}): Promise<ImageScan> {
  const { files, skipped } = await findDicomFiles(paths);
  const scanned = await scanHeaders(files, options);
  if (scanned.series.size === 0) {
    if (scanned.unreadable.length > 0) throw scanned.unreadable[0];
    throw new EngineError('bad-input', `no DICOM image found in ${plural(files.length + skipped, 'file', 'files')}`, {
      hint: 'Choose a folder or file that holds an MR or CT series.',
    });
  }
  const largest = [...scanned.series.values()].reduce((best, list) => (list.length > best.length ? list : best));
  const notes = scanNotes(scanned, skipped);
  const stack = stackSlices(largest);
  notes.push(...stack.notes);
  const { volume, digest } = await readPixels(stack, options, notes);
  const first = stack.frames[0];
  const spacing = first.header.pixelSpacing;
  if (!spacing) notes.push('pixel spacing is not given');
  else if (stack.sliceSpacing === undefined) notes.push('slice spacing is not given');
  if (first.file.pixels.photometric === 'MONOCHROME1') notes.push('low values are shown bright (MONOCHROME1)');
  const tilt = Math.max(0, ...stack.frames.map(({ header }) => Math.abs(header.gantryTilt ?? 0)));
  const modality = imageModality(first, volume, notes);
  const geometry = stack.frames.flatMap((frame) => frame.header.geometry ?? []);
  return {
    kind: 'image',
    format: 'dicom',
    volume: ndarray('float32', [stack.frames.length, first.rows, first.columns], volume),
    modality,
    ...(tilt > 0 && { gantryTiltDeg: tilt }),
    ...(spacing &&
      stack.sliceSpacing !== undefined && {
        spacingMm: [stack.sliceSpacing, spacing[0], spacing[1]] as [number, number, number],
      }),
    ...(geometry.length === stack.frames.length && { geometry }),
    digest,
    notes,
    dicom: sourceOf(stack),
  };
}
