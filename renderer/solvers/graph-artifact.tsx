/** A graph as a drawing, and the same as a list. */
import { useId, useMemo } from 'react';
import { Disclosure } from '../components/disclosure.tsx';
import { Table } from '../components/table.tsx';
import { type Graph, placeGraph } from './graph-model.ts';

/** More nodes than that are listed only. */
const mostDrawn = 200;

const cut = (label: string) => (label.length > 16 ? `${label.slice(0, 15)}…` : label);

function Drawing({ label, graph }: { label: string; graph: Graph }) {
  const arrow = useId();
  const { width, height, places } = useMemo(() => placeGraph(graph), [graph]);
  return (
    <svg
      className="graph-drawing"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${label}: ${graph.nodes.length} nodes and ${graph.edges.length} edges, listed below`}
    >
      <defs>
        <marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0L8 4L0 8Z" className="graph-arrow" />
        </marker>
      </defs>
      {graph.edges.map(({ from, to, label: weight }, index) => {
        const a = places.get(from);
        const b = places.get(to);
        if (a === undefined || b === undefined || from === to) return null;
        const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
        const gap = Math.min(40, length / 3);
        const [dx, dy] = [((b.x - a.x) / length) * gap, ((b.y - a.y) / length) * gap];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two nodes may be joined more than once
          <g key={index}>
            <line
              x1={a.x + dx}
              y1={a.y + dy}
              x2={b.x - dx}
              y2={b.y - dy}
              className="graph-edge"
              markerEnd={`url(#${arrow})`}
            />
            {weight !== '' && (
              <text x={(a.x + b.x) / 2} y={(a.y + b.y) / 2 - 4} className="graph-weight">
                {cut(weight)}
              </text>
            )}
          </g>
        );
      })}
      {graph.nodes.map(({ id, label: name }) => {
        const place = places.get(id);
        if (place === undefined) return null;
        return (
          <g key={id}>
            <rect x={place.x - 38} y={place.y - 13} width={76} height={26} rx={6} className="graph-node" />
            <text x={place.x} y={place.y + 4} className="graph-label">
              {cut(name).slice(0, 11)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

export function GraphArtifact({ label, graph }: { label: string; graph: Graph }) {
  const names = new Map(graph.nodes.map(({ id, label: name }) => [id, name]));
  const drawn = graph.nodes.length <= mostDrawn;
  return (
    <>
      {drawn ? <Drawing label={label} graph={graph} /> : <p>{`${graph.nodes.length} nodes: too many to draw.`}</p>}
      <Disclosure title="As a list" detail={`${graph.edges.length} edges`} defaultOpen={!drawn}>
        <Table
          label={`${label}, edges`}
          columns={[
            { id: 'from', title: 'From' },
            { id: 'to', title: 'To' },
            { id: 'label', title: 'Label' },
          ]}
          rows={graph.edges.slice(0, 500).map(({ from, to, label: weight }, index) => ({
            id: String(index),
            cells: { from: names.get(from) ?? from, to: names.get(to) ?? to, label: weight },
          }))}
          empty="There are no edges."
        />
      </Disclosure>
    </>
  );
}
