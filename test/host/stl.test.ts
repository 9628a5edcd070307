import { expect, it } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeStl } from '../../main/host/artifacts/stl.ts';

it('writes binary STL: count, unit normals by the right hand, corners', () => {
  const bytes = writeStl({
    vertices: ndarray('float32', [4, 3], Float32Array.of(0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0)),
    faces: ndarray('uint32', [2, 3], Uint32Array.of(0, 1, 2, 0, 3, 1)),
  });
  const view = new DataView(bytes.buffer);
  const triangle = (k: number) => Array.from({ length: 12 }, (_, i) => view.getFloat32(84 + 50 * k + 4 * i, true));
  expect(bytes.length).toBe(84 + 100);
  expect(new TextDecoder().decode(bytes.subarray(0, 5))).not.toBe('solid');
  expect(view.getUint32(80, true)).toBe(2);
  expect(triangle(0)).toEqual([0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0]);
  // A triangle without area has no normal.
  expect(triangle(1).slice(0, 3)).toEqual([0, 0, 0]);
});
