/** What a triangle mesh is: connectivity by its edges, area, volume, shape of its triangles. */

export interface TriangleMesh {
  /** [n, 3]. */
  vertices: Float64Array;
  /** [m, 3], counter-clockwise from outside. */
  faces: Uint32Array;
}

export interface MeshMeasures {
  vertices: number;
  faces: number;
  components: number;
  eulerCharacteristic: number;
  /** Every edge joins two triangles that run along it in opposite directions. */
  watertight: boolean;
  /** Edges of more than two triangles, or of two that run along it the same way. */
  nonmanifoldEdges: number;
  boundaryEdges: number;
  area: number;
  /** Signed: positive when the faces look outward. */
  volume: number;
  /** Share of triangles with an angle below 10°. */
  sliverFraction: number;
  /** Share with longest edge over its altitude, × √3/2, above 4. */
  aspectFraction: number;
}

export interface EdgeCounts {
  edges: number;
  boundary: number;
  /** Used by more than two triangles, or by two in one direction. */
  nonmanifold: number;
}

/** Edges by how many triangles use them. */
export function countEdges(faces: Uint32Array, vertexCount: number): EdgeCounts {
  // One number per directed edge: the undirected edge first, its direction in the last bit.
  const keys = new Float64Array(faces.length);
  for (let at = 0; at < faces.length; at++) {
    const [a, b] = [faces[at], faces[at % 3 === 2 ? at - 2 : at + 1]];
    keys[at] = 2 * (Math.min(a, b) * vertexCount + Math.max(a, b)) + (a < b ? 1 : 0);
  }
  keys.sort();
  const counts = { edges: 0, boundary: 0, nonmanifold: 0 };
  for (let at = 0; at < keys.length; ) {
    const edge = Math.floor(keys[at] / 2);
    let end = at;
    let forward = 0;
    for (; end < keys.length && Math.floor(keys[end] / 2) === edge; end++) forward += keys[end] % 2;
    counts.edges++;
    if (end - at === 1) counts.boundary++;
    else if (end - at > 2 || forward !== 1) counts.nonmanifold++;
    at = end;
  }
  return counts;
}

/** Number of the component of each vertex, in order of their smallest vertices, by union of the faces' corners. */
export function componentsOf(faces: Uint32Array, vertexCount: number): { label: Uint32Array; count: number } {
  const parent = Uint32Array.from({ length: vertexCount }, (_, i) => i);
  const root = (i: number) => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]];
    return at;
  };
  for (let at = 0; at < faces.length; at += 3)
    for (let k = 1; k < 3; k++) {
      const [a, b] = [root(faces[at]), root(faces[at + k])];
      if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
    }
  const label = new Uint32Array(vertexCount);
  let count = 0;
  for (let i = 0; i < vertexCount; i++) label[i] = root(i) === i ? count++ : label[root(i)];
  return { label, count };
}

/** Keeps the vertices that faces use, in their order. */
export function compacted({ vertices, faces }: TriangleMesh): TriangleMesh {
  const used = new Uint8Array(vertices.length / 3);
  for (const corner of faces) used[corner] = 1;
  const number = new Uint32Array(used.length);
  let count = 0;
  for (let i = 0; i < used.length; i++) {
    number[i] = count;
    count += used[i];
  }
  if (count === used.length) return { vertices, faces };
  const kept = new Float64Array(3 * count);
  for (let i = 0; i < used.length; i++) if (used[i] === 1) kept.set(vertices.subarray(3 * i, 3 * i + 3), 3 * number[i]);
  return { vertices: kept, faces: faces.map((corner) => number[corner]) };
}

/** Components of at least `minTriangles` triangles, or the one with most of them (the first among equals). */
export function keptComponents(mesh: TriangleMesh, largestOnly: boolean, minTriangles: number): TriangleMesh {
  if (!largestOnly && minTriangles <= 1) return mesh;
  const { label, count } = componentsOf(mesh.faces, mesh.vertices.length / 3);
  const triangles = new Uint32Array(count);
  for (let at = 0; at < mesh.faces.length; at += 3) triangles[label[mesh.faces[at]]]++;
  let largest = 0;
  for (let c = 1; c < count; c++) if (triangles[c] > triangles[largest]) largest = c;
  const keep = (c: number) => triangles[c] >= minTriangles && (!largestOnly || c === largest);
  const faces = mesh.faces.filter((_, at) => keep(label[mesh.faces[at - (at % 3)]]));
  return compacted({ vertices: mesh.vertices, faces });
}

export function measureMesh({ vertices, faces }: TriangleMesh): MeshMeasures {
  const vertexCount = vertices.length / 3;
  const { edges, boundary, nonmanifold } = countEdges(faces, vertexCount);
  let [area, volume, slivers, flat] = [0, 0, 0, 0];
  const edge = (a: number, b: number) => [
    vertices[3 * b] - vertices[3 * a],
    vertices[3 * b + 1] - vertices[3 * a + 1],
    vertices[3 * b + 2] - vertices[3 * a + 2],
  ];
  const smallest = Math.cos((10 * Math.PI) / 180);
  for (let at = 0; at < faces.length; at += 3) {
    const [i, j, k] = [faces[at], faces[at + 1], faces[at + 2]];
    const [p, q, r] = [edge(i, j), edge(j, k), edge(k, i)];
    const normal = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
    const twice = Math.hypot(normal[0], normal[1], normal[2]);
    area += twice / 2;
    volume += (vertices[3 * i] * normal[0] + vertices[3 * i + 1] * normal[1] + vertices[3 * i + 2] * normal[2]) / 6;
    const [a, b, c] = [p, q, r].map((side) => side[0] ** 2 + side[1] ** 2 + side[2] ** 2);
    const longest = Math.max(a, b, c);
    // The smallest angle lies across from the shortest side: cosine law.
    const shortest = Math.min(a, b, c);
    const others = Math.sqrt((a * b * c) / shortest);
    const cosine = (a + b + c - 2 * shortest) / (2 * others);
    if (!(cosine <= smallest)) slivers++;
    if (!((longest / twice) * (Math.sqrt(3) / 2) <= 4)) flat++;
  }
  const count = faces.length / 3;
  return {
    vertices: vertexCount,
    faces: count,
    components: componentsOf(faces, vertexCount).count,
    eulerCharacteristic: vertexCount - edges + count,
    watertight: boundary === 0 && nonmanifold === 0,
    nonmanifoldEdges: nonmanifold,
    boundaryEdges: boundary,
    area,
    volume,
    sliverFraction: count === 0 ? 0 : slivers / count,
    aspectFraction: count === 0 ? 0 : flat / count,
  };
}
