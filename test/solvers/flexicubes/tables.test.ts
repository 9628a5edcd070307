import { describe, expect, it } from 'vitest';
import { edgeCorners, faceCorners, faceEdges } from '../../../engine/solvers/flexicubes/cube.ts';
import { cubeTables, tableFigures } from '../../../engine/solvers/flexicubes/tables.ts';

const edgesOf = (code: number) => [...cubeTables.patch.subarray(12 * code, 12 * code + 12)];

describe('the cube', () => {
  it('numbers its edges along x, then y, then z', () => {
    expect(edgeCorners).toEqual([
      ...[
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
      ...[
        [0, 2],
        [1, 3],
        [4, 6],
        [5, 7],
      ],
      ...[
        [0, 4],
        [1, 5],
        [2, 6],
        [3, 7],
      ],
    ]);
  });

  it('walks each face around its own four edges, every edge once in each direction', () => {
    const walked = faceCorners.flatMap((corners) => corners.map((corner, k) => `${corner}-${corners[(k + 1) % 4]}`));
    expect(new Set(walked).size).toBe(24);
    for (const [face, corners] of faceCorners.entries())
      for (const [k, corner] of corners.entries())
        expect(edgeCorners[faceEdges[face][k]]).toEqual([corner, corners[(k + 1) % 4]].sort());
  });
});

describe('the 256 cases', () => {
  it('have the published numbers of patches, and 36 flagged cases of one ambiguous face and one patch', () => {
    expect(tableFigures(cubeTables)).toEqual({ byPatches: [2, 162, 82, 8, 2], largestPatch: 7, flagged: 36 });
    const ambiguous = (code: number) =>
      faceCorners.filter((corners) => {
        const inside = corners.map((corner) => (code >> corner) & 1);
        return inside[0] === inside[2] && inside[1] === inside[3] && inside[0] !== inside[1];
      });
    for (let code = 0; code < 256; code++) {
      if (cubeTables.flaggedFace[code] < 0) continue;
      expect(ambiguous(code)).toEqual([faceCorners[cubeTables.flaggedFace[code]]]);
      expect(cubeTables.patchCount[code]).toBe(1);
      expect(cubeTables.patchCount[255 - code]).toBe(2);
      expect(edgesOf(code).map((patch) => patch < 0)).toEqual(edgesOf(255 - code).map((patch) => patch < 0));
    }
  });

  it('number patches by smallest edge and give every patch one loop through its edges', () => {
    for (let code = 0; code < 256; code++) {
      const firsts = cubeTables.loops[code].map((loop) => Math.min(...loop));
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
      for (const [number, loop] of cubeTables.loops[code].entries())
        expect([...loop].sort((a, b) => a - b)).toEqual(
          edgesOf(code).flatMap((patch, edge) => (patch === number ? [edge] : [])),
        );
    }
  });

  it('keep inside corners on the diagonal of a face apart', () => {
    // Corners 0 and 3 of the lower face alone: two triangles.
    expect(cubeTables.loops[0b1001].map((loop) => [...loop].sort((a, b) => a - b))).toEqual([
      [0, 4, 8],
      [1, 5, 11],
    ]);
  });
});
