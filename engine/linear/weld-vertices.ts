/** Vertices of a mesh that lie in one place, as exporters leave them along seams, made one. */

export interface Welded {
  /** [w, 3], of each place the first vertex in it. */
  vertices: Float64Array;
  /** Of each vertex of the input its number among the welded. */
  number: Uint32Array;
}

/**
 * vertices [n, 3]. Each vertex joins the earliest kept one within `tolerance` (the nearest, then the first, of several), or is
 * kept itself. Looks into the 27 cells of edge `tolerance` round each vertex; O(n).
 */
export function weldVertices(vertices: Float64Array, tolerance: number): Welded {
  const count = vertices.length / 3;
  const number = new Uint32Array(count);
  const kept: number[] = [];
  const cells = new Map<string, number[]>();
  const edge = tolerance > 0 ? tolerance : Number.MIN_VALUE;
  const cell = (value: number) => (tolerance > 0 ? Math.floor(value / edge) : value + 0);
  const reach = tolerance > 0 ? [-1, 0, 1] : [0];
  for (let v = 0; v < count; v++) {
    const at = [0, 1, 2].map((c) => vertices[3 * v + c]);
    const home = at.map(cell);
    let joined = -1;
    let least = tolerance;
    for (const dx of reach)
      for (const dy of reach)
        for (const dz of reach)
          for (const w of cells.get(`${home[0] + dx},${home[1] + dy},${home[2] + dz}`) ?? []) {
            const u = 3 * kept[w];
            const d = Math.hypot(at[0] - vertices[u], at[1] - vertices[u + 1], at[2] - vertices[u + 2]);
            if (d < least || (d === least && (joined < 0 || w < joined))) {
              least = d;
              joined = w;
            }
          }
    if (joined < 0) {
      joined = kept.push(v) - 1;
      const key = home.join(',');
      const cellmates = cells.get(key);
      if (cellmates === undefined) cells.set(key, [joined]);
      else cellmates.push(joined);
    }
    number[v] = joined;
  }
  const welded = new Float64Array(3 * kept.length);
  for (const [w, v] of kept.entries()) welded.set(vertices.subarray(3 * v, 3 * v + 3), 3 * w);
  return { vertices: welded, number };
}
