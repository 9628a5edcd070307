import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elements, ndarray } from '../../engine/arrays/ndarray.ts';
import { cflToSlices, isCflHeader, parseCflHeader, readCfl, slicesToCfl, writeCfl } from '../../engine/io/cfl.ts';
import { numbered } from './arrays.ts';
import { engineErrorOf } from './engine-error-of.ts';

const text = (s: string): Uint8Array => new TextEncoder().encode(s);

describe('cfl', () => {
  test('slices survive the way to BART and back', () => {
    const size = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(fc.tuple(size, size, size, size), (shape) => {
        const a = numbered(shape);
        const { header, data } = writeCfl(slicesToCfl(a));
        const { array } = cflToSlices(readCfl(header, data));
        expect(array).toEqual(a);
      }),
    );
  });

  test("BART's first dimension is our last axis, coils are dimension 3, slices 13", () => {
    const { dimensions } = slicesToCfl(ndarray('complex64', [2, 3, 4, 5], new Float32Array(240)));
    expect(dimensions).toEqual([5, 4, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1]);
    // Element x of row y of coil c of slice s lies at x + X(y + Y(c + C·s)).
    const data = new Float32Array(2 * 120);
    data[2 * (1 + 5 * (2 + 4 * (1 + 3 * 1)))] = 9;
    const { array } = cflToSlices({ dimensions, data });
    expect(array.data[2 * (((1 * 3 + 1) * 4 + 2) * 5 + 1)]).toBe(9);
  });

  test('further dimensions become outer axes, slowest first', () => {
    const dimensions = [2, 2, 1, 1, 1, 3, 1, 1, 1, 1, 4, 1, 1, 5, 1, 1];
    const { array, outer } = cflToSlices({ dimensions, data: new Float32Array(2 * elements(dimensions)) });
    expect(outer).toEqual([
      { name: 'slice', size: 5 },
      { name: 'time', size: 4 },
      { name: 'TE', size: 3 },
    ]);
    expect(array.shape).toEqual([60, 1, 2, 2]);
  });

  test('the header as BART writes it: other blocks are skipped, missing sizes are 1', () => {
    const header = text('# Command\nphantom -k x \n# Dimensions\n32 32 1 8 \n# Files\n >k\n# Creator\nBART v0.8.00\n');
    expect(parseCflHeader(header)).toEqual([32, 32, 1, 8, ...new Array<number>(12).fill(1)]);
    expect(isCflHeader(header)).toBe(true);
    expect(isCflHeader(text('Dimensions 32 32'))).toBe(false);
  });

  test.each([
    ['no dimensions', '# Command\nx\n'],
    ['no sizes', '# Dimensions\n\n'],
    ['a zero', '# Dimensions\n4 0 1\n'],
    ['a negative size', '# Dimensions\n4 -4 1\n'],
    ['a word', '# Dimensions\n4 four\n'],
    ['17 sizes', `# Dimensions\n${'1 '.repeat(17)}\n`],
    ['an absurd product', '# Dimensions\n1048576 1048576\n'],
    ['sizes that overflow', '# Dimensions\n9999999999999999 9999999999999999 9999999999999999\n'],
  ])('%s is refused', (_, header) => {
    expect(engineErrorOf(() => readCfl(text(header), new Uint8Array(128), 'k.hdr')).code).toBe('bad-input');
  });

  test('a data file of another length names both', () => {
    const error = engineErrorOf(() => readCfl(text('# Dimensions\n4 4\n'), new Uint8Array(127)));
    expect(error.message).toMatch(/128 bytes.*127/);
  });
});
