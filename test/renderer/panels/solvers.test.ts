/** Which solver takes what, and how what comes out is read. */
import { describe, expect, it } from 'vitest';
import type { SolverForm } from '../../../main/host/api/catalogue.ts';
import { csvColumns, sortedRows } from '../../../renderer/solvers/csv-columns.ts';
import { curveData, usesLogarithm } from '../../../renderer/solvers/curve-data.ts';
import { placeGraph, readGraph } from '../../../renderer/solvers/graph-model.ts';
import { acceptingSolvers, accepts, partsOf, ranksOf } from '../../../renderer/solvers/item-parts.ts';
import { groupSolvers } from '../../../renderer/solvers/solver-groups.ts';
import { describe as describeFake, items } from '../shell-page/fake-items.ts';

const [series, , scan] = items.map(describeFake);
const solver = (id: string, group: string, types: string[], shape?: string): SolverForm => ({
  ...{ id, group, title: id, summary: `does ${id}`, citation: '', outputs: [], parameters: {}, unavailable: null },
  inputs: [{ name: 'x', types, required: true, description: '', ...(shape === undefined ? {} : { shape }) }],
});
const solvers = [
  solver('volumes', 'A', ['image', 'volume'], '[h, w], [slices, h, w]'),
  solver('planes', 'A', ['image'], '[h, w]'),
  solver('kspace', 'B', ['kspace']),
];

describe('send to solver', () => {
  const ids = (item: Parameters<typeof acceptingSolvers>[0]) => acceptingSolvers(item, solvers).map(({ id }) => id);
  it('offers what accepts the types and the number of axes', () => {
    expect(ids(series)).toEqual(['volumes']);
    expect(ids({ ...scan, components: [], scan: { kind: 'kspace' } })).toEqual(['kspace']);
    expect(ids({ ...scan, components: [], scan: { kind: 'sinogram' } })).toEqual([]);
  });
  it('leaves out what cannot be run', () => {
    expect(acceptingSolvers(series, [{ ...solvers[0], unavailable: 'no device' }])).toEqual([]);
  });
  it('takes artifacts by their declared type, a curve also as a table', () => {
    const artifacts = [{ name: 'convergence', type: 'curve', file: 'convergence.csv' }];
    const [part] = partsOf({ ...series, kind: 'solution', components: [], artifacts });
    expect(accepts({ types: ['table'] }, part)).toBe(true);
    expect(accepts({ types: ['mesh'] }, part)).toBe(false);
  });
  it('reads shapes of manifests', () => {
    expect(ranksOf('[H, W], [C, H, W]')).toEqual([2, 3]);
    expect(ranksOf('[], [H, W]')).toEqual([0, 2]);
    expect(ranksOf('shape of the image')).toEqual([]);
  });
});

it('groups solvers and finds them by every word', () => {
  expect(groupSolvers(solvers, '').map(({ group }) => group)).toEqual(['A', 'B']);
  expect(groupSolvers(solvers, 'does PLANES')).toEqual([{ group: 'A', solvers: [solvers[1]] }]);
  expect(groupSolvers(solvers, 'planes kspace')).toEqual([]);
});

describe('tables', () => {
  const columns = csvColumns('name,value\r\n"a, ""b""",2\nc,\n"line\nbreak",10\n');
  it('reads quotes, breaks inside them, and empty cells', () => {
    expect(columns).toEqual([
      { title: 'name', numeric: false, values: ['a, "b"', 'c', 'line\nbreak'] },
      { title: 'value', numeric: true, values: [2, null, 10] },
    ]);
    expect(csvColumns('')).toEqual([]);
    expect(csvColumns('a,b\n1,2')).toMatchObject([{ values: [1] }, { values: [2] }]);
  });
  it('sorts by number, with what is empty last either way', () => {
    expect(sortedRows(columns, 1, false)).toEqual([0, 2, 1]);
    expect(sortedRows(columns, 1, true)).toEqual([2, 0, 1]);
    expect(sortedRows(columns, -1, false)).toEqual([0, 1, 2]);
  });
});

it('orders a curve by its abscissa and leaves gaps for what is not finite', () => {
  expect(curveData([2, null, 1], [{ title: 'y', values: [20, 5, Number.POSITIVE_INFINITY] }])).toEqual([
    [1, 2],
    [null, 20],
  ]);
  expect(usesLogarithm([{ title: 'y', values: [1e-6, 1] }])).toBe(true);
  expect(usesLogarithm([{ title: 'y', values: [0, 1e6] }])).toBe(false);
});

describe('graphs', () => {
  it('reads nodes and edges in the usual forms', () => {
    const graph = readGraph({
      nodes: ['a', { id: 1, label: 'one' }],
      links: [{ source: 'a', target: 1, weight: 0.5 }, ['a', 'z']],
    });
    expect(graph?.nodes.map(({ label }) => label)).toEqual(['a', 'one', 'z']);
    expect(graph?.edges[0]).toEqual({ from: 'a', to: '1', label: '0.5' });
    expect(readGraph({ series: [] })).toBeUndefined();
  });
  it('lays chains in layers and cycles in a ring, every node inside the drawing', () => {
    for (const edges of [
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
    ]) {
      const graph = readGraph({ edges });
      expect(graph).toBeDefined();
      if (graph === undefined) return;
      const { width, height, places } = placeGraph(graph);
      for (const { x, y } of places.values()) {
        expect(x).toBeGreaterThan(0);
        expect(x).toBeLessThan(width);
        expect(y).toBeGreaterThan(0);
        expect(y).toBeLessThan(height);
      }
      expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(graph.nodes.length);
    }
  });
});
