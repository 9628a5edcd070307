import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mirrorsOf, plainView, showView, undoView, viewAt } from '../../engine/dds/orientation.ts';

const size = { height: 3, width: 4 };
const pixels = size.height * size.width;
const planesOf = (channels: number) => Float32Array.from({ length: channels * pixels }, (_, i) => i + 1);

describe('views', () => {
  test('undoing gives back every number, for real and complex images', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.constantFrom(1, 2), (k, channels) => {
        const planes = planesOf(channels);
        const seen = new Float32Array(planes.length);
        const back = new Float32Array(planes.length);
        showView(planes, seen, size, viewAt(k));
        undoView(seen, back, size, viewAt(k));
        expect(back).toEqual(planes);
      }),
    );
  });

  test('the first sixteen of a complex image differ, then they repeat', () => {
    const shown = (k: number) => {
      const seen = new Float32Array(2 * pixels);
      showView(planesOf(2), seen, size, viewAt(k));
      return seen.join();
    };
    expect(new Set(Array.from({ length: 16 }, (_, k) => shown(k))).size).toBe(16);
    expect(shown(16)).toBe(shown(0));
    expect(viewAt(0)).toEqual(plainView);
  });

  test('mirror reverses rows and columns, a quarter turn multiplies by i', () => {
    const planes = planesOf(2);
    const seen = new Float32Array(planes.length);
    showView(planes, seen, size, { flipY: false, flipX: true, quarterTurns: 0 });
    expect([...seen.subarray(0, 4)]).toEqual([4, 3, 2, 1]);
    showView(planes, seen, size, { flipY: true, flipX: false, quarterTurns: 0 });
    expect([...seen.subarray(0, 4)]).toEqual([9, 10, 11, 12]);
    showView(planes, seen, size, { flipY: false, flipX: false, quarterTurns: 1 });
    expect([seen[0], seen[pixels]]).toEqual([-planes[pixels], planes[0]]);
  });

  test('a variance keeps its sign: only the mirrors of a view act on it', () => {
    expect(mirrorsOf(viewAt(6))).toEqual({ ...viewAt(6), quarterTurns: 0 });
  });
});
