import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJpegLossless } from '../../../engine/io/dicom/jpeg-lossless.ts';

interface Picture {
  rows: number;
  columns: number;
  precision: number;
  predictor: number;
  point: number;
  restartRows: number;
  samples: number[];
}

/**
 * Writes lossless JPEG after ITU-T T.81 Annex H with a table that gives all 17 categories codes of five bits. Straight
 * from the formulas, without any of the decoder's structure.
 */
function encode(picture: Picture): Uint8Array {
  const { rows, columns, precision, predictor, point, restartRows } = picture;
  const x = picture.samples.map((sample) => sample >> point);
  const out: number[] = [0xff, 0xd8];
  const segment = (marker: number, body: number[]) => out.push(0xff, marker, 0, body.length + 2, ...body);
  segment(0xc4, [0x00, 0, 0, 0, 0, 17, ...new Array(11).fill(0), ...Array.from({ length: 17 }, (_, i) => i)]);
  segment(0xc3, [precision, rows >> 8, rows & 255, columns >> 8, columns & 255, 1, 1, 0x11, 0]);
  if (restartRows > 0) segment(0xdd, [(restartRows * columns) >> 8, (restartRows * columns) & 255]);
  segment(0xda, [1, 1, 0x00, predictor, 0, point]);
  let bits = '';
  const flush = () => {
    while (bits.length % 8 !== 0) bits += '1';
    for (let i = 0; i < bits.length; i += 8) {
      const byte = Number.parseInt(bits.slice(i, i + 8), 2);
      out.push(byte);
      if (byte === 0xff) out.push(0);
    }
    bits = '';
  };
  for (let r = 0; r < rows; r++) {
    const restart = restartRows > 0 && r % restartRows === 0;
    if (restart && r > 0) {
      flush();
      out.push(0xff, 0xd0 + ((r / restartRows - 1) % 8));
    }
    for (let c = 0; c < columns; c++) {
      const a = x[r * columns + c - 1];
      const b = x[(r - 1) * columns + c];
      const d = x[(r - 1) * columns + c - 1];
      const formulas = [0, a, b, d, a + b - d, a + ((b - d) >> 1), b + ((a - d) >> 1), (a + b) >> 1];
      const alone = r === 0 || restart;
      const prediction = alone ? (c === 0 ? 2 ** (precision - point - 1) : a) : c === 0 ? b : formulas[predictor];
      let difference = (x[r * columns + c] - prediction) & 0xffff;
      if (difference > 32768) difference -= 65536;
      const category =
        difference === 32768 ? 16 : difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
      bits += category.toString(2).padStart(5, '0');
      const extra = difference < 0 ? difference + 2 ** category - 1 : difference;
      if (category > 0 && category < 16) bits += extra.toString(2).padStart(category, '0');
    }
  }
  flush();
  return Uint8Array.from([...out, 0xff, 0xd9]);
}

const pictures = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
    precision: fc.integer({ min: 2, max: 16 }),
    predictor: fc.integer({ min: 1, max: 7 }),
    point: fc.integer({ min: 0, max: 1 }),
    restartRows: fc.integer({ min: 0, max: 3 }),
  })
  .chain((head) =>
    fc
      .array(fc.integer({ min: 0, max: 2 ** head.precision - 1 }), {
        minLength: head.rows * head.columns,
        maxLength: head.rows * head.columns,
      })
      .map((samples) => ({ ...head, samples })),
  );

test('every predictor, precision, point transform and restart interval', () => {
  fc.assert(
    fc.property(pictures, (picture) => {
      const kept = picture.samples.map((sample) => (sample >> picture.point) << picture.point);
      expect([...decodeJpegLossless(encode(picture))]).toEqual(kept);
    }),
    { numRuns: 500 },
  );
});

test('cut-off data are an error, not zeros', () => {
  const samples = Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
  const whole = encode({ rows: 8, columns: 8, precision: 8, predictor: 4, point: 0, restartRows: 0, samples });
  expect([...decodeJpegLossless(whole)]).toEqual(samples);
  for (const length of [10, 40, 60, whole.length - 20])
    expect(() => decodeJpegLossless(whole.slice(0, length))).toThrow();
});
