/** Nodes and edges out of the JSON a solver writes, and where to draw them. */
import { z } from 'zod';

const id = z.union([z.string(), z.number()]).transform(String);
const node = z.union([
  id.transform((name) => ({ id: name, label: name })),
  z
    .looseObject({ id, label: z.string().optional(), title: z.string().optional() })
    .transform(({ id: name, label, title }) => ({ id: name, label: label ?? title ?? name })),
]);
const edge = z.union([
  z
    .tuple([id, id])
    .rest(z.json())
    .transform(([from, to, weight]) => ({ from, to, label: weight === undefined ? '' : String(weight) })),
  z
    .looseObject({ source: id, target: id, label: z.string().optional(), weight: z.number().optional() })
    .transform(({ source, target, label, weight }) => ({
      from: source,
      to: target,
      label: label ?? (weight === undefined ? '' : String(Number(weight.toPrecision(3)))),
    })),
  z
    .looseObject({ from: id, to: id, label: z.string().optional(), weight: z.number().optional() })
    .transform(({ from, to, label, weight }) => ({
      from,
      to,
      label: label ?? (weight === undefined ? '' : String(Number(weight.toPrecision(3)))),
    })),
]);
const graph = z.looseObject({ nodes: z.array(node).default([]), edges: z.array(edge) });

export interface Graph {
  nodes: { id: string; label: string }[];
  edges: { from: string; to: string; label: string }[];
}

/** Undefined when the JSON is of another form. Ends of edges that are no nodes become nodes. */
export function readGraph(json: unknown): Graph | undefined {
  const renamed =
    typeof json === 'object' && json !== null && 'links' in json && !('edges' in json)
      ? { ...json, edges: json.links }
      : json;
  const parsed = graph.safeParse(renamed);
  if (!parsed.success) return undefined;
  const nodes = new Map(parsed.data.nodes.map((one) => [one.id, one]));
  for (const { from, to } of parsed.data.edges)
    for (const end of [from, to]) if (!nodes.has(end)) nodes.set(end, { id: end, label: end });
  return { nodes: [...nodes.values()], edges: parsed.data.edges };
}

export interface PlacedGraph {
  width: number;
  height: number;
  places: ReadonlyMap<string, { x: number; y: number }>;
}

/** Longest way from a node without predecessors; of a cycle, as far as it is found first. */
function layers({ nodes, edges }: Graph): Map<string, number> {
  const depth = new Map(nodes.map(({ id: name }) => [name, 0]));
  for (let round = 0; round < Math.min(nodes.length, 60); round++) {
    let changed = false;
    for (const { from, to } of edges) {
      const next = (depth.get(from) ?? 0) + 1;
      if (from !== to && next < nodes.length && next > (depth.get(to) ?? 0)) {
        depth.set(to, next);
        changed = true;
      }
    }
    if (!changed) return depth;
  }
  // A cycle: a ring says more than layers.
  return new Map();
}

/** Layers from left to right, or a ring where there are cycles. */
export function placeGraph(graph: Graph, nodeWidth = 110, nodeHeight = 44): PlacedGraph {
  const places = new Map<string, { x: number; y: number }>();
  const depth = layers(graph);
  if (depth.size === 0) {
    const radius = Math.max(90, (graph.nodes.length * nodeHeight) / Math.PI);
    graph.nodes.forEach(({ id: name }, k) => {
      const angle = (2 * Math.PI * k) / graph.nodes.length - Math.PI / 2;
      places.set(name, {
        x: radius + nodeWidth / 2 + radius * Math.cos(angle),
        y: radius + nodeHeight / 2 + radius * Math.sin(angle),
      });
    });
    return { width: 2 * radius + nodeWidth, height: 2 * radius + nodeHeight, places };
  }
  const columns = new Map<number, string[]>();
  for (const [name, layer] of depth) columns.set(layer, [...(columns.get(layer) ?? []), name]);
  const tallest = Math.max(1, ...[...columns.values()].map(({ length }) => length));
  for (const [layer, names] of columns)
    names.forEach((name, k) => {
      places.set(name, {
        x: (layer + 0.5) * nodeWidth,
        y: ((k + 0.5) * tallest * nodeHeight) / names.length,
      });
    });
  return { width: columns.size * nodeWidth, height: tallest * nodeHeight, places };
}
