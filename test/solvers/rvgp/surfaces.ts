/** Surfaces of tests, away from those of the experiments. */
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';

export const matrix = (rows: number, columns: number, data: Float64Array): Artifact => ({
  type: 'matrix',
  array: ndarray('float64', [rows, columns], data),
});

export const arrayOf = (artifact: Artifact | undefined): NdArray => {
  if (artifact === undefined || !('array' in artifact)) throw new Error('not an array');
  return artifact.array;
};

export const columnOf = (artifact: Artifact | undefined, name: string): number[] => {
  if (artifact?.type !== 'table') throw new Error('not a table');
  return artifact.columns[name].map(Number);
};

/** Random points of a bumpy closed surface, [n, 3]. */
export function bumpyPoints(n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const data = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const direction = [random.normal(), random.normal(), random.normal()];
    const length = Math.hypot(...direction);
    const [x, y, z] = direction.map((value) => value / length);
    const radius = 30 + 6 * x * y - 5 * z * z + 4 * Math.sin(3 * x);
    data.set([radius * x, radius * y, 0.7 * radius * z], 3 * i);
  }
  return data;
}

/** A smooth vector of each point, not tangent to anything. */
export const swirl = (points: Float64Array): Float64Array =>
  points.map((_, at) => {
    const [x, y, z] = points.subarray(at - (at % 3), at - (at % 3) + 3);
    return [2 - 0.1 * y + 0.05 * z, 0.1 * x + 0.3, 0.02 * x * y * 0.1 - 1][at % 3];
  });

/** `field` with NaN in all rows but every `step`-th. */
export const every = (field: Float64Array, step: number, dimensions = 3): Float64Array =>
  field.map((value, at) => (Math.floor(at / dimensions) % step === 0 ? value : Number.NaN));

/** Octahedron split `depth` times, moved onto `shape` of the unit sphere; outward, closed. */
export function ballMesh(depth: number, shape: (unit: readonly number[]) => readonly number[]) {
  let units: number[][] = [
    [1, 0, 0],
    [-1, 0, 0],
    [0, 1, 0],
    [0, -1, 0],
    [0, 0, 1],
    [0, 0, -1],
  ];
  let faces: number[][] = [0, 1].flatMap((a) =>
    [2, 3].flatMap((b) => [4, 5].map((c) => ((a + b + c) % 2 === 0 ? [a, b, c] : [a, c, b]))),
  );
  for (let level = 0; level < depth; level++) {
    const middle = new Map<string, number>();
    const between = (a: number, b: number) => {
      const key = `${Math.min(a, b)},${Math.max(a, b)}`;
      const found = middle.get(key);
      if (found !== undefined) return found;
      const sum = units[a].map((value, c) => value + units[b][c]);
      const length = Math.hypot(...sum);
      units = [...units, sum.map((value) => value / length)];
      middle.set(key, units.length - 1);
      return units.length - 1;
    };
    faces = faces.flatMap(([a, b, c]) => {
      const [ab, bc, ca] = [between(a, b), between(b, c), between(c, a)];
      return [
        [a, ab, ca],
        [ab, b, bc],
        [ca, bc, c],
        [ab, bc, ca],
      ];
    });
  }
  return {
    vertices: Float64Array.from(units.flatMap((unit) => [...shape(unit)])),
    faces: Uint32Array.from(faces.flat()),
  };
}

export const meshOf = ({ vertices, faces }: { vertices: Float64Array; faces: Uint32Array }): Artifact => ({
  type: 'mesh',
  vertices: ndarray('float32', [vertices.length / 3, 3], Float32Array.from(vertices)),
  faces: ndarray('uint32', [faces.length / 3, 3], faces),
});

export const organ = (depth: number) =>
  ballMesh(depth, ([x, y, z]) => [50 * x + 6 * y * z, 35 * y + 4 * x * x, 28 * z + 5 * x * y]);
