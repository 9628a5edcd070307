/** Triangle meshes as Wavefront OBJ: `v x y z` and `f a b c …`; polygons are split into fans, other lines skipped. */
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { EngineError } from '../../../engine/errors.ts';

export interface Mesh {
  /** float32 [n, 3]. */
  vertices: NdArray<'float32'>;
  /** uint32 [m, 3], from 0. */
  faces: NdArray<'uint32'>;
}

export function parseObj(text: string, path: string): Mesh {
  const points: number[] = [];
  const triangles: number[] = [];
  text.split('\n').forEach((line, at) => {
    const [kind, ...words] = line.trim().split(/\s+/);
    const where = () => `${path}:${at + 1}`;
    if (kind === 'v') {
      const xyz = words.slice(0, 3).map(Number);
      if (xyz.length < 3 || !xyz.every(Number.isFinite))
        throw new EngineError('bad-input', `expected three numbers, found "${words.join(' ')}"`, { path: where() });
      points.push(...xyz);
    } else if (kind === 'f') {
      const count = points.length / 3;
      const corners = words.map((word) => {
        const index = Number(word.split('/')[0]);
        const from0 = index < 0 ? count + index : index - 1;
        if (!Number.isInteger(index) || from0 < 0 || from0 >= count)
          throw new EngineError('bad-input', `face names vertex ${word} of ${count}`, { path: where() });
        return from0;
      });
      if (corners.length < 3) throw new EngineError('bad-input', 'a face has fewer than 3 corners', { path: where() });
      for (let i = 1; i + 1 < corners.length; i++) triangles.push(corners[0], corners[i], corners[i + 1]);
    }
  });
  if (points.length === 0) throw new EngineError('bad-input', 'the mesh has no vertices', { path });
  return {
    vertices: ndarray('float32', [points.length / 3, 3], Float32Array.from(points)),
    faces: ndarray('uint32', [triangles.length / 3, 3], Uint32Array.from(triangles)),
  };
}

export function writeObj({ vertices, faces }: Mesh): string {
  const lines: string[] = [];
  for (let i = 0; i < vertices.data.length; i += 3) lines.push(`v ${vertices.data.subarray(i, i + 3).join(' ')}`);
  for (let i = 0; i < faces.data.length; i += 3)
    lines.push(`f ${[...faces.data.subarray(i, i + 3)].map((v) => v + 1).join(' ')}`);
  return `${lines.join('\n')}\n`;
}
