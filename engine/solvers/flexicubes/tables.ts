/**
 * The 256 cases of a cube from first principles. A case has bit i set when corner i is inside. Crossed edges are linked
 * over the cube's faces: every run of inside corners around a face joins the two crossed edges at its ends, so that on an
 * ambiguous face (inside corners on a diagonal) the inside corners stay apart. The classes of linked edges are the patches.
 *
 * A case is flagged when all four edges of an ambiguous face lie in one patch. Where two flagged cubes meet at that face
 * the surface would touch itself along an edge used four times; both cases are then replaced by 255 − case, whose pairing
 * on that face is the other one. T. Shen et al., "Flexible Isosurface Extraction for Gradient-Based Mesh Optimization",
 * 2023, after Nielson's Dual Marching Cubes (2004); flags and replacement derived here.
 */
import { EngineError } from '../../errors.ts';
import { edgeCorners, faceCorners, faceEdges } from './cube.ts';

export interface CubeTables {
  /** [256, 12]: patch of each edge, numbered by smallest edge; −1 where the surface does not cross. */
  patch: Int8Array;
  /** [256]. */
  patchCount: Uint8Array;
  /** [256]: the ambiguous face of a flagged case, else −1. */
  flaggedFace: Int8Array;
  /** [256]: closed loops of crossed edges, one per patch, counter-clockwise seen from outside the surface. */
  loops: readonly (readonly (readonly number[])[])[];
}

/** successor[e] = the crossed edge after e around its patch, −1 elsewhere; inside lies to the left along each link's face. */
function linkEdges(code: number): Int8Array {
  const successor = new Int8Array(12).fill(-1);
  const inside = (corner: number) => ((code >> corner) & 1) === 1;
  for (let face = 0; face < 6; face++) {
    const corners = faceCorners[face];
    for (let k = 0; k < 4; k++) {
      // The run of inside corners that starts at corner k.
      if (!inside(corners[k]) || inside(corners[(k + 3) % 4])) continue;
      let last = k;
      while (inside(corners[(last + 1) % 4])) last++;
      successor[faceEdges[face][(k + 3) % 4]] = faceEdges[face][last % 4];
    }
  }
  return successor;
}

function loopsOf(code: number): number[][] {
  const successor = linkEdges(code);
  const seen = new Set<number>();
  const loops: number[][] = [];
  for (let edge = 0; edge < 12; edge++) {
    if (successor[edge] < 0 || seen.has(edge)) continue;
    const loop: number[] = [];
    for (let at = edge; !seen.has(at); at = successor[at]) {
      seen.add(at);
      loop.push(at);
    }
    loops.push(loop);
  }
  return loops;
}

function flaggedFaceOf(patch: Int8Array): number {
  return faceEdges.findIndex((edges) => edges.every((edge) => patch[edge] >= 0 && patch[edge] === patch[edges[0]]));
}

function generate(): CubeTables {
  const patch = new Int8Array(256 * 12).fill(-1);
  const patchCount = new Uint8Array(256);
  const flaggedFace = new Int8Array(256);
  const loops = Array.from({ length: 256 }, (_, code) => loopsOf(code));
  for (const [code, ofCase] of loops.entries()) {
    patchCount[code] = ofCase.length;
    for (const [number, loop] of ofCase.entries()) for (const edge of loop) patch[12 * code + edge] = number;
    flaggedFace[code] = flaggedFaceOf(patch.subarray(12 * code, 12 * code + 12));
  }
  return { patch, patchCount, flaggedFace, loops };
}

export interface TableFigures {
  /** Cases with 0, 1, 2, 3, 4 patches. */
  byPatches: number[];
  largestPatch: number;
  flagged: number;
}

export function tableFigures({ patchCount, flaggedFace, loops }: CubeTables): TableFigures {
  const byPatches = [0, 0, 0, 0, 0];
  for (const count of patchCount) byPatches[count]++;
  return {
    byPatches,
    largestPatch: Math.max(...loops.flat().map((loop) => loop.length)),
    flagged: flaggedFace.filter((face) => face >= 0).length,
  };
}

/** Known counts of the published table; throws `internal` where they differ. */
function selfTest(tables: CubeTables): CubeTables {
  const { byPatches, largestPatch, flagged } = tableFigures(tables);
  const crossed = tables.patch.every(
    (number, at) =>
      number >= 0 === (new Set(edgeCorners[at % 12].map((corner) => (Math.floor(at / 12) >> corner) & 1)).size === 2),
  );
  if (byPatches.join() === '2,162,82,8,2' && largestPatch === 7 && flagged === 36 && crossed) return tables;
  throw new EngineError('internal', `the cube tables came out wrong: ${byPatches}; ${largestPatch}; ${flagged}`);
}

export const cubeTables: CubeTables = selfTest(generate());
