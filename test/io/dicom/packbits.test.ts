import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EngineError } from '../../../engine/errors.ts';
import { decodeRle } from '../../../engine/io/dicom/packbits.ts';

/** PackBits with runs and literals chosen by `runs`, and no-operation bytes between them. */
function packSegment(bytes: number[], runs: boolean): number[] {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let same = 1;
    while (same < 128 && at + same < bytes.length && bytes[at + same] === bytes[at]) same++;
    if (runs && same > 1) {
      out.push(257 - same, bytes[at]);
      at += same;
    } else {
      const n = Math.min(128, bytes.length - at, runs ? 1 : 128);
      out.push(n - 1, ...bytes.slice(at, at + n), 128);
      at += n;
    }
  }
  return out;
}

function frameOf(cells: number[], width: number, runs: boolean): Uint8Array {
  const planes = Array.from({ length: width }, (_, p) =>
    packSegment(
      cells.map((cell) => Math.floor(cell / 256 ** (width - 1 - p)) % 256),
      runs,
    ),
  );
  const header = new Uint32Array(16);
  header[0] = width;
  let at = 64;
  for (const [p, plane] of planes.entries()) {
    header[p + 1] = at;
    at += plane.length;
  }
  return Uint8Array.from([...new Uint8Array(header.buffer), ...planes.flat()]);
}

test('cells of 1, 2 and 4 bytes come back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4).chain((width) =>
        fc.tuple(
          fc.constant(width),
          fc.array(fc.oneof(fc.constant(7), fc.integer({ min: 0, max: 256 ** width - 1 })), {
            minLength: 1,
            maxLength: 600,
          }),
        ),
      ),
      fc.boolean(),
      ([width, cells], runs) => {
        const view = new DataView(decodeRle(frameOf(cells, width, runs), cells.length, width).buffer);
        const read = (i: number): number =>
          width === 1 ? view.getUint8(i) : width === 2 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true);
        expect(cells.map((_, i) => read(i))).toEqual(cells);
      },
    ),
  );
});

test('short, misplaced and missing segments are refused', () => {
  const frame = frameOf([1, 2, 3, 4], 2, true);
  const refused = (bytes: Uint8Array, pixels = 4, width = 2): string => {
    try {
      decodeRle(bytes, pixels, width);
    } catch (error) {
      if (error instanceof EngineError) return error.message;
    }
    return 'accepted';
  };
  expect(refused(frame)).toBe('accepted');
  expect(refused(frame.slice(0, 60))).toContain('needs 64 bytes');
  expect(refused(frame.slice(0, -3))).toContain('gives');
  expect(refused(frame, 5)).toContain('expected 5');
  expect(refused(frame, 4, 1)).toContain('expected 1 RLE segments, found 2');
  expect(refused(frame, 10 ** 9)).toContain('cannot hold');
  const misplaced = frame.slice();
  misplaced[5] = 0xff;
  expect(refused(misplaced)).toContain('lies at');
});
