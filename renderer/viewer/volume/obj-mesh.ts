/** Wavefront OBJ as triangles: `v x y z` and `f a b c …`; polygons become fans, everything else is skipped. */
export interface TriangleMesh {
  /** [n, 3]. */
  vertices: Float32Array;
  /** [m, 3], from 0. */
  faces: Uint32Array;
}

/** Throws with the line that cannot be read. */
export function parseObj(text: string): TriangleMesh {
  const points: number[] = [];
  const triangles: number[] = [];
  text.split('\n').forEach((line, at) => {
    const [kind, ...words] = line.trim().split(/\s+/);
    if (kind === 'v') {
      const place = words.slice(0, 3).map(Number);
      if (place.length < 3 || !place.every(Number.isFinite)) throw new Error(`line ${at + 1} of the mesh is no point`);
      points.push(...place);
    } else if (kind === 'f') {
      const corners = words.map((word) => {
        const named = Number.parseInt(word, 10);
        const index = named < 0 ? points.length / 3 + named : named - 1;
        if (!(index >= 0 && index < points.length / 3))
          throw new Error(`line ${at + 1} of the mesh names point ${word}`);
        return index;
      });
      for (let i = 2; i < corners.length; i++) triangles.push(corners[0], corners[i - 1], corners[i]);
    }
  });
  if (points.length === 0) throw new Error('the mesh has no points');
  return { vertices: Float32Array.from(points), faces: Uint32Array.from(triangles) };
}
