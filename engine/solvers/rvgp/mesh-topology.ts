/** What a surface needs to know of its triangles: neighbours along edges, normals, and whether indices can be told. */

export interface MeshTopology {
  /** [f, 3], without triangles that name a vertex twice. */
  faces: Uint32Array;
  /** Of each of them its number among those given. */
  faceNumber: Uint32Array;
  /** Neighbours of vertex v along edges: neighbour[start[v]] up to start[v + 1], ascending. */
  start: Uint32Array;
  neighbour: Uint32Array;
  /** [v, 3], the sum of the triangles' normals times twice their areas. */
  normals: Float64Array;
  /** Every edge belongs to one triangle, or to two that run along it in opposite directions. */
  manifold: boolean;
  /** Manifold, and no edge belongs to one triangle alone. */
  closed: boolean;
  /** V − E + F, of the vertices that triangles use. */
  eulerCharacteristic: number;
}

export function meshTopology(vertices: Float64Array, allFaces: Uint32Array): MeshTopology {
  const count = vertices.length / 3;
  const faceNumber = Uint32Array.from({ length: allFaces.length / 3 }, (_, f) => f).filter((f) => {
    const [a, b, c] = allFaces.subarray(3 * f, 3 * f + 3);
    return a !== b && b !== c && c !== a;
  });
  const faces = new Uint32Array(3 * faceNumber.length);
  for (const [at, f] of faceNumber.entries()) faces.set(allFaces.subarray(3 * f, 3 * f + 3), 3 * at);
  // One number per directed edge: the undirected edge first, its direction in the last bit.
  const keys = new Float64Array(faces.length);
  for (let at = 0; at < faces.length; at++) {
    const [a, b] = [faces[at], faces[at % 3 === 2 ? at - 2 : at + 1]];
    keys[at] = 2 * (Math.min(a, b) * count + Math.max(a, b)) + (a < b ? 1 : 0);
  }
  keys.sort();
  const pairs: [number, number][] = [];
  let [manifold, boundary] = [true, 0];
  for (let at = 0; at < keys.length; ) {
    const edge = Math.floor(keys[at] / 2);
    let [end, forward] = [at, 0];
    for (; end < keys.length && Math.floor(keys[end] / 2) === edge; end++) forward += keys[end] % 2;
    if (end - at === 1) boundary++;
    else if (end - at > 2 || forward !== 1) manifold = false;
    pairs.push([Math.floor(edge / count), edge % count]);
    at = end;
  }
  const start = new Uint32Array(count + 1);
  for (const [a, b] of pairs) {
    start[a + 1]++;
    start[b + 1]++;
  }
  for (let v = 0; v < count; v++) start[v + 1] += start[v];
  const neighbour = new Uint32Array(start[count]);
  const filled = start.slice(0, count);
  for (const [a, b] of pairs) {
    neighbour[filled[a]++] = b;
    neighbour[filled[b]++] = a;
  }
  for (let v = 0; v < count; v++) neighbour.subarray(start[v], start[v + 1]).sort();
  let used = 0;
  for (let v = 0; v < count; v++) if (start[v + 1] > start[v]) used++;
  return {
    faces,
    faceNumber,
    start,
    neighbour,
    normals: vertexNormals(vertices, faces),
    manifold,
    closed: manifold && boundary === 0,
    eulerCharacteristic: used - pairs.length + faces.length / 3,
  };
}

function vertexNormals(vertices: Float64Array, faces: Uint32Array): Float64Array {
  const normals = new Float64Array(vertices.length);
  for (let at = 0; at < faces.length; at += 3) {
    const [i, j, k] = [3 * faces[at], 3 * faces[at + 1], 3 * faces[at + 2]];
    const [px, py, pz] = [0, 1, 2].map((c) => vertices[j + c] - vertices[i + c]);
    const [qx, qy, qz] = [0, 1, 2].map((c) => vertices[k + c] - vertices[i + c]);
    const normal = [py * qz - pz * qy, pz * qx - px * qz, px * qy - py * qx];
    for (const corner of [i, j, k]) for (let c = 0; c < 3; c++) normals[corner + c] += normal[c];
  }
  return normals;
}

/**
 * To which node each vertex belongs by the shortest way along edges (Dijkstra from all nodes at once), and which nodes'
 * regions touch. With every vertex a node these are the edges themselves. Vertices that no node reaches get −1.
 */
export function meshRegions(
  vertices: Float64Array,
  { start, neighbour }: Pick<MeshTopology, 'start' | 'neighbour'>,
  nodes: Uint32Array,
): { region: Int32Array; adjacent: readonly (readonly number[])[] } {
  const count = vertices.length / 3;
  const region = new Int32Array(count).fill(-1);
  const distance = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const heap = createHeap();
  for (const [node, v] of nodes.entries()) {
    region[v] = node;
    distance[v] = 0;
    heap.push(0, v);
  }
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const [reached, v] = top;
    if (reached > distance[v]) continue;
    for (let at = start[v]; at < start[v + 1]; at++) {
      const w = neighbour[at];
      const length = Math.hypot(
        vertices[3 * v] - vertices[3 * w],
        vertices[3 * v + 1] - vertices[3 * w + 1],
        vertices[3 * v + 2] - vertices[3 * w + 2],
      );
      if (reached + length >= distance[w]) continue;
      distance[w] = reached + length;
      region[w] = region[v];
      heap.push(distance[w], w);
    }
  }
  const touching = Array.from(nodes, () => new Set<number>());
  for (let v = 0; v < count; v++)
    for (let at = start[v]; at < start[v + 1]; at++) {
      const [a, b] = [region[v], region[neighbour[at]]];
      if (a >= 0 && b >= 0 && a !== b) touching[a].add(b);
    }
  return { region, adjacent: touching.map((set) => [...set].sort((a, b) => a - b)) };
}

/** Least key first; equal keys by value. */
function createHeap() {
  const items: [key: number, value: number][] = [];
  return {
    push(key: number, value: number): void {
      let at = items.push([key, value]) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!before(items[at], items[parent])) break;
        [items[at], items[parent]] = [items[parent], items[at]];
        at = parent;
      }
    },
    pop(): [key: number, value: number] | undefined {
      const [top] = items;
      const last = items.pop();
      if (last === undefined || items.length === 0) return last;
      items[0] = last;
      for (let at = 0; ; ) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < items.length && before(items[child], items[least])) least = child;
        if (least === at) return top;
        [items[at], items[least]] = [items[least], items[at]];
        at = least;
      }
    },
  };
}

const before = (a: readonly [number, number], b: readonly [number, number]) =>
  a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
