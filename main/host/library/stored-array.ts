/** A .npy array of slices on disk, float32 or complex64 [slices, rows, columns], read slice by slice. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { readFileRange } from '../../../engine/io/file-bytes.ts';
import { parseNpyHeader } from '../../../engine/io/npy-header.ts';
import { readFully } from '../../../engine/io/read-fully.ts';
import { claimedBytes } from '../../../engine/io/size-limit.ts';

export interface StoredArray {
  readonly shape: readonly [number, number, number];
  readonly complex: boolean;
  /** Real values, or interleaved re, im. */
  slice(index: number): Promise<Float32Array>;
}

const HEADER_BYTES = 1 << 16;

/** Undefined when there is no such file. Throws `bad-input` for anything but a whole float32 or complex64 stack. */
export async function openStoredArray(path: string): Promise<StoredArray | undefined> {
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) return undefined;
  const name = basename(path);
  const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(await readFileRange(path, 0, HEADER_BYTES), name);
  const complex = descr === '<c8';
  if ((!complex && descr !== '<f4') || fortranOrder || shape.length !== 3)
    throw new EngineError(
      'bad-input',
      `array of type ${descr} and shape [${shape}], expected <f4 or <c8 [slices, y, x]`,
      {
        path: name,
      },
    );
  const itemBytes = complex ? 8 : 4;
  if (dataOffset + claimedBytes(shape, itemBytes, { path: name }) > size)
    throw new EngineError('bad-input', 'the array is cut off', { path: name });
  const [slices, rows, columns] = shape;
  const sliceBytes = rows * columns * itemBytes;
  return {
    shape: [slices, rows, columns],
    complex,
    slice: async (index) => {
      const file = await open(path, 'r');
      try {
        const bytes = await readFully(file, sliceBytes, dataOffset + index * sliceBytes, name);
        return new Float32Array(bytes.buffer);
      } finally {
        await file.close();
      }
    },
  };
}
