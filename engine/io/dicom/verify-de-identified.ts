/** Reads a de-identified file back: same pixels, same planes, no UID of the original. */
import { check, EngineError } from '../../errors.ts';
import { type Dataset, parseDataset } from './dataset.ts';
import { STANDARD_ROOT } from './de-identify-rules.ts';
import { valueText } from './element-text.ts';
import { carriedElements } from './elements.ts';
import { type FrameHeader, frameHeader } from './frame-header.ts';
import { type DicomFile, frameReader, parseDicomFile } from './read-file.ts';
import type { DicomElement } from './source.ts';

const LARGEST_VALUE = 2 ** 27;

function uidsOf(elements: readonly DicomElement[], into = new Set<string>()): Set<string> {
  for (const element of elements) {
    if (element.vr === 'UI') for (const uid of valueText(element).split('\\')) if (uid !== '') into.add(uid);
    for (const item of element.items ?? []) uidsOf(item, into);
  }
  return into;
}

/** A file this reader decodes, or undefined for colour and for syntaxes it does not know. */
function readable(bytes: Uint8Array): DicomFile | undefined {
  try {
    return parseDicomFile(bytes);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

function planes(dataset: Dataset, frames: number): Omit<FrameHeader, 'volumeKey' | 'rescaleType'>[] {
  return Array.from({ length: frames }, (_, index) => {
    const { volumeKey: _key, rescaleType: _type, ...plane } = frameHeader(dataset.attributes, index);
    return plane;
  });
}

async function comparePixels(before: DicomFile, after: DicomFile): Promise<void> {
  const { rows, columns, frames } = before.pixels;
  check(
    after.pixels.rows === rows && after.pixels.columns === columns && after.pixels.frames === frames,
    () => 'the size of the image changed',
    { code: 'internal' },
  );
  const [readBefore, readAfter] = [await frameReader(before.coding), await frameReader(after.coding)];
  const [a, b] = [new Float32Array(rows * columns), new Float32Array(rows * columns)];
  // Compressed bytes were copied: one frame shows that they can still be read.
  const compared = before.coding === 'native' ? frames : 1;
  for (let frame = 0; frame < compared; frame++) {
    readBefore(before, frame, a);
    readAfter(after, frame, b);
    const different = a.findIndex((value, i) => value !== b[i] && !(Number.isNaN(value) && Number.isNaN(b[i])));
    check(different < 0, () => `pixel ${different} of frame ${frame} changed`, { code: 'internal' });
  }
}

/** Throws `internal` when the written file is not the original without its identity. */
export async function verifyDeIdentified(original: Uint8Array, written: Uint8Array): Promise<void> {
  const [was, is] = [parseDataset(original), parseDataset(written)];
  const forbidden = uidsOf(carriedElements(was, LARGEST_VALUE));
  for (const uid of uidsOf(carriedElements(is, LARGEST_VALUE)))
    check(uid.startsWith(STANDARD_ROOT) || !forbidden.has(uid), () => 'a UID of the original is still there', {
      code: 'internal',
    });
  const [before, after] = [readable(original), readable(written)];
  check((before === undefined) === (after === undefined), () => 'the written file cannot be read', {
    code: 'internal',
  });
  if (before === undefined || after === undefined) return;
  const { frames } = before.pixels;
  check(
    JSON.stringify(planes(was, frames)) === JSON.stringify(planes(is, frames)),
    () => 'position, orientation, spacing or scale of the image changed',
    { code: 'internal' },
  );
  await comparePixels(before, after);
}
