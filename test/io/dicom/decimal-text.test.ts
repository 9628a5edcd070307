import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalText } from '../../../engine/io/dicom/make-element.ts';

test('every finite number fits a decimal string and comes back to the digits that fit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = decimalText(value);
      expect(text.length).toBeLessThanOrEqual(16);
      expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(1e-8 * Math.abs(value));
    }),
    { numRuns: 2000 },
  );
});

test('whole numbers too long to be written out keep their size', () => {
  expect(decimalText(1e16)).toBe('1e+16');
  expect(Number(decimalText(-1234567890 * 2 ** 30))).toBeCloseTo(-1234567890 * 2 ** 30, -11);
  expect(decimalText(0.1)).toBe('0.1');
});
