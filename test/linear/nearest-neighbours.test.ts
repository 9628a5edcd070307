import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { NeighbourSearch, nearestNeighbours } from '../../engine/linear/nearest-neighbours.ts';

/** Every pair, sorted by distance and index. */
function everyPair(points: Float64Array, count: number, dimensions: number, place: Float64Array, except: number) {
  const all: [squared: number, index: number][] = [];
  for (let j = 0; j < count; j++) {
    let sum = 0;
    for (let c = 0; c < dimensions; c++) sum += (points[j * dimensions + c] - place[c]) ** 2;
    if (j !== except) all.push([sum, j]);
  }
  return all.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

describe('nearest neighbours', () => {
  it('are those of trying every pair, ties by index, also on grids and among duplicates', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 150 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('normal', 'grid', 'few'),
        fc.nat(1000),
        (count, dimensions, kind, seed) => {
          const random = createRandom(seed);
          const points = Float64Array.from({ length: count * dimensions }, () =>
            kind === 'normal' ? random.normal() : random.integer(kind === 'grid' ? 5 : 2),
          );
          const k = 1 + random.integer(count - 1);
          const { index, distance } = nearestNeighbours(points, count, dimensions, k);
          for (let i = 0; i < count; i++) {
            const place = points.slice(i * dimensions, (i + 1) * dimensions);
            const expected = everyPair(points, count, dimensions, place, i).slice(0, k);
            expect([...index.subarray(i * k, (i + 1) * k)]).toEqual(expected.map(([, j]) => j));
            expect([...distance.subarray(i * k, (i + 1) * k)]).toEqual(expected.map(([squared]) => Math.sqrt(squared)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('within a radius are those of trying every pair', () => {
    const random = createRandom(3);
    const [count, dimensions] = [400, 3];
    const points = Float64Array.from({ length: count * dimensions }, () => random.uniform());
    const search = new NeighbourSearch(points, count, dimensions);
    for (const radius of [0, 0.1, 0.5, 2])
      for (let i = 0; i < count; i += 37) {
        const place = points.slice(i * dimensions, (i + 1) * dimensions);
        const expected = everyPair(points, count, dimensions, place, -1).filter(([squared]) => squared <= radius ** 2);
        expect(search.within(place, radius)).toEqual(expected.map(([, j]) => j).sort((a, b) => a - b));
      }
  });

  it('refuse more neighbours than there are, and a wrong size', () => {
    expect(() => nearestNeighbours(new Float64Array(6), 3, 2, 3)).toThrow(
      /3 neighbours among 3 points: expected 1 to 2/,
    );
    expect(() => nearestNeighbours(new Float64Array(5), 3, 2, 1)).toThrow(/need 6 numbers, found 5/);
  });
});
