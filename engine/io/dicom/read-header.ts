/** The attributes of a DICOM file from as few of its bytes as hold them. */
import { open } from 'node:fs/promises';
import { EngineError } from '../../errors.ts';
import { fileError } from '../file-bytes.ts';
import { readFully } from '../read-fully.ts';
import { type Dataset, looksLikeDicom, parseDataset } from './dataset.ts';
import { hasPixels } from './pixel-description.ts';

/** Headers of most scanners end well before; longer ones are read on. */
const FIRST_BYTES = 1 << 15;
const GROWTH = 8;
const MAX_FILE_BYTES = 2 ** 31 - 1;

export interface DicomHeader {
  readonly dataset: Dataset;
  /** Of the file. */
  readonly size: number;
}

/** First bytes of a regular file, and its size. */
export async function readPrefix(path: string, bytes = FIRST_BYTES): Promise<{ prefix: Uint8Array; size: number }> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(Math.min(bytes, size)), 0, undefined, 0);
      return { prefix: buffer.subarray(0, bytesRead), size };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError(cause, path);
  }
}

function attempt(prefix: Uint8Array): Dataset | undefined {
  try {
    const dataset = parseDataset(prefix);
    return hasPixels(dataset) ? dataset : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Header of the file whose first bytes are given: reads on until the pixel data are reached. Undefined when the file is
 * not DICOM. Throws `bad-input` (damaged, cut off) and `unsupported` (too large).
 */
export async function readDicomHeader(
  path: string,
  { prefix, size }: { prefix: Uint8Array; size: number },
): Promise<DicomHeader | undefined> {
  if (!looksLikeDicom(prefix)) return undefined;
  if (size > MAX_FILE_BYTES)
    throw new EngineError('unsupported', `the file has ${size} bytes, at most ${MAX_FILE_BYTES} are read`);
  let known = prefix;
  while (known.length < size) {
    const dataset = attempt(known);
    if (dataset) return { dataset, size };
    known = await readMore(path, Math.min(size, known.length * GROWTH));
  }
  return { dataset: parseDataset(known), size };
}

async function readMore(path: string, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((cause) => {
    throw fileError(cause, path);
  });
  try {
    return await readFully(file, length, 0, path);
  } finally {
    await file.close();
  }
}
