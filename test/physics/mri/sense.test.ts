import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centreResize } from '../../../engine/arrays/complex.ts';
import { fft2 } from '../../../engine/arrays/fft.ts';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { norm } from '../../../engine/arrays/statistics.ts';
import { adjointError } from '../../../engine/linear/adjoint-test.ts';
import { createSense, type SenseOptions } from '../../../engine/physics/mri/sense.ts';

type MaskKind = 'columns' | 'rows' | 'grid';

/** A random problem with Σ|S|² = 1 and a third of the samples measured, the zero frequency always. */
function problem(coils: number, image: [number, number], kind: MaskKind, seed = 0, grid = image): SenseOptions {
  const random = createRandom(seed, coils);
  const n = image[0] * image[1];
  const maps = Float32Array.from({ length: 2 * coils * n }, () => random.normal());
  for (let i = 0; i < n; i++) {
    let energy = 0;
    for (let c = 0; c < coils; c++) energy += maps[2 * (c * n + i)] ** 2 + maps[2 * (c * n + i) + 1] ** 2;
    for (let c = 0; c < coils; c++) for (const j of [0, 1]) maps[2 * (c * n + i) + j] /= Math.sqrt(energy);
  }
  const [h, w] = grid;
  const pick = (size: number) =>
    Uint8Array.from({ length: size }, (_, i) => Number(random.uniform() < 0.35 || i === size >> 1));
  const pattern = pick(kind === 'columns' ? w : kind === 'rows' ? h : h * w);
  const mask = Uint8Array.from({ length: h * w }, (_, i) =>
    kind === 'columns' ? pattern[i % w] : kind === 'rows' ? pattern[Math.floor(i / w)] : pattern[i],
  );
  return { maps: ndarray('complex64', [coils, ...image], maps), mask: ndarray('uint8', grid, mask) };
}

function randomVector(length: number, seed = 1): Float32Array {
  const random = createRandom(seed, 77);
  return Float32Array.from({ length }, () => random.normal());
}

function relativeError(a: Float32Array, b: Float32Array): number {
  return norm(a.map((v, i) => v - b[i])) / norm(b);
}

function averagesOf({ mask }: SenseOptions, kind: MaskKind): NdArray<'float32'> {
  const [h, w] = mask.shape;
  const count = (i: number) => 1 + ((kind === 'columns' ? i % w : kind === 'rows' ? Math.floor(i / w) : i) % 3);
  return ndarray(
    'float32',
    [h, w],
    Float32Array.from({ length: h * w }, (_, i) => count(i)),
  );
}

const sizes: [number, number][] = [
  [16, 16],
  [15, 21],
  [12, 23],
  [32, 10],
  [1, 8],
];

describe('adjoint (T1)', () => {
  for (const size of sizes) {
    it(`⟨A u, v⟩ = ⟨u, Aᴴ v⟩ at ${size.join('×')}, with padding and with averages`, () => {
      for (const kind of ['columns', 'rows', 'grid'] as const) {
        const plain = problem(3, size, kind);
        const padded = problem(3, size, kind, 1, [size[0] + 5, size[1] + 8]);
        for (const options of [plain, padded]) {
          expect(adjointError(createSense(options))).toBeLessThan(1e-6);
          expect(adjointError(createSense({ ...options, averages: averagesOf(options, kind) }))).toBeLessThan(1e-6);
        }
      }
    });
  }
});

describe('AᴴA by the kernel equals Aᴴ(A x)', () => {
  const cases = fc.record({
    coils: fc.integer({ min: 1, max: 5 }),
    image: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
    extra: fc.constantFrom<[number, number]>([0, 0], [0, 0], [3, 0], [0, 6], [7, 5]),
    kind: fc.constantFrom('columns', 'rows', 'grid'),
    averaged: fc.boolean(),
    seed: fc.integer({ min: 0, max: 100 }),
  });
  it('for any size, mask, padding and averages', () => {
    fc.assert(
      fc.property(cases, ({ coils, image, extra, kind, averaged, seed }) => {
        const options = problem(coils, image, kind, seed, [image[0] + extra[0], image[1] + extra[1]]);
        const averages = averaged ? averagesOf(options, kind) : undefined;
        const a = createSense({ ...options, ...(averages && { averages }) });
        const x = randomVector(a.domain.length, seed);
        const expected = a.adjoint(a.apply(x));
        expect(relativeError(a.normal(x), expected)).toBeLessThan(2e-6);
      }),
      { numRuns: 150 },
    );
  });

  it('takes the cheapest path the mask allows, the plain one for large primes', () => {
    const pathOf = (size: [number, number], kind: MaskKind) => createSense(problem(2, size, kind)).path;
    expect(pathOf([12, 20], 'columns')).toBe('columns');
    expect(pathOf([12, 20], 'rows')).toBe('rows');
    expect(pathOf([12, 20], 'grid')).toBe('grid');
    expect(pathOf([12, 67], 'columns')).toBe('plain');
    expect(pathOf([67, 12], 'columns')).toBe('columns');
    const large = createSense(problem(2, [6, 67], 'columns'));
    const x = randomVector(large.domain.length);
    expect(relativeError(large.normal(x), large.adjoint(large.apply(x)))).toBeLessThan(1e-6);
  });

  it('writes into the caller’s array and repeats to the same bits', () => {
    const a = createSense(problem(4, [24, 30], 'grid'));
    const x = randomVector(a.domain.length);
    const out = a.domain.zeros();
    expect(a.normal(x, out)).toBe(out);
    const first = out.slice();
    a.normal(randomVector(a.domain.length, 9), out);
    expect(a.normal(x, out)).toEqual(first);
  });
});

describe('threads', () => {
  it('give the same bits as one thread, many products in a row', async () => {
    for (const [kind, path] of [
      ['grid', 'grid'],
      ['columns', 'columns'],
      ['rows', 'rows'],
    ] as const) {
      const options = problem(5, [72, 90], kind);
      const one = createSense(options);
      const two = createSense({ ...options, threads: 2 });
      const three = createSense({ ...options, threads: 3 });
      expect(three.path).toBe(path);
      const out = one.domain.zeros();
      for (let i = 0; i < 30; i++) {
        // Let the threads come up meanwhile, so that the later products are shared ones.
        await new Promise((resolve) => setTimeout(resolve, 5));
        const x = randomVector(one.domain.length, i);
        const expected = one.normal(x);
        expect(two.normal(x, out)).toEqual(expected);
        expect(three.normal(x, out)).toEqual(expected);
      }
      two.dispose();
      three.dispose();
      expect(two.path).toBe(path);
    }
  });
});

describe('model', () => {
  it('full mask: AᴴA = I, and ‖A x‖ ≤ ‖x‖ for any mask', () => {
    const options = problem(4, [20, 18], 'grid');
    const x = randomVector(2 * 20 * 18);
    const a = createSense(options);
    expect(norm(a.apply(x))).toBeLessThanOrEqual(norm(x) * (1 + 1e-6));
    const full = createSense({ ...options, mask: ndarray('uint8', [20, 18], new Uint8Array(360).fill(1)) });
    expect(relativeError(full.normal(x), x)).toBeLessThan(1e-6);
  });

  it('A x is the masked transform of the padded coil image, by its formula', () => {
    const options = problem(2, [6, 5], 'grid', 3, [9, 8]);
    const a = createSense(options);
    const x = randomVector(60);
    const y = a.apply(x);
    for (let c = 0; c < 2; c++) {
      const coil = new Float32Array(60);
      const s = options.maps.data.subarray(60 * c, 60 * (c + 1));
      for (let i = 0; i < 60; i += 2) {
        coil[i] = s[i] * x[i] - s[i + 1] * x[i + 1];
        coil[i + 1] = s[i] * x[i + 1] + s[i + 1] * x[i];
      }
      const expected = fft2(centreResize(coil, [6, 5], [9, 8]), [1, 9, 8], 'forward').map(
        (v, i) => v * options.mask.data[i >> 1],
      );
      expect(relativeError(y.slice(144 * c, 144 * (c + 1)), expected)).toBeLessThan(1e-6);
    }
  });

  it('values outside the mask, NaN included, never reach the image', () => {
    const options = problem(2, [8, 8], 'grid');
    const a = createSense(options);
    const y = randomVector(a.range.length);
    const spoiled = y.map((v, i) => (options.mask.data[(i >> 1) % 64] === 1 ? v : Number.NaN));
    expect(a.adjoint(spoiled)).toEqual(a.adjoint(y));
    expect(a.weighted(spoiled).some(Number.isNaN)).toBe(false);
  });

  it('averages weight as the repeated measurements would', () => {
    const options = problem(2, [8, 8], 'grid');
    const averages = averagesOf(options, 'grid');
    const a = createSense({ ...options, averages });
    const once = createSense(options);
    const y = randomVector(a.range.length);
    // Σ over repeats of Aᴴ y = Aᴴ diag(n) y for the mean y of n readings.
    const repeated = y.map((v, i) => v * averages.data[(i >> 1) % 64]);
    expect(relativeError(a.adjoint(a.weighted(y)), once.adjoint(repeated))).toBeLessThan(1e-6);
  });

  it('refuses sizes that do not fit, naming the field', () => {
    const options = problem(2, [8, 8], 'grid');
    const small = ndarray('uint8', [6, 8], new Uint8Array(48));
    expect(() => createSense({ ...options, mask: small })).toThrow(
      expect.objectContaining({ code: 'mismatch', path: 'maps' }),
    );
    const averages = ndarray('float32', [8, 7], new Float32Array(56));
    expect(() => createSense({ ...options, averages })).toThrow(expect.objectContaining({ path: 'averages' }));
    const a = createSense(options);
    expect(() => a.apply(new Float32Array(3))).toThrow(expect.objectContaining({ code: 'mismatch' }));
    expect(() => a.normal(new Float32Array(3))).toThrow(expect.objectContaining({ code: 'mismatch' }));
  });
});
