import { describe, expect, it } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { quietContext } from '../../../engine/context.ts';
import type { EngineError } from '../../../engine/errors.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { heatGeodesic as solver } from '../../../engine/solvers/heat-geodesic/solver.ts';
import { bentSheet, rowsOf } from './by-hand.ts';

const sheet = bentSheet(40, 3);
const points = rowsOf('points', sheet);
const changed = (row: number, column: number, value: number) =>
  rowsOf(
    'points',
    sheet.map((line, i) => line.map((x, j) => (i === row && j === column ? value : x))),
  );
const ring = (n: number, change: (i: number, j: number, value: number) => number = (_i, _j, value) => value) =>
  rowsOf(
    'matrix',
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => change(i, j, (i + 1) % n === j || (j + 1) % n === i ? 1 : 0)),
    ),
  );
const ones = (type: 'points' | 'volume' | 'image', ...shape: number[]): Artifact => ({
  type,
  array: ndarray('float64', shape, new Float64Array(shape.reduce((a, b) => a * b)).fill(1)),
});
const complex: Artifact = { type: 'points', array: ndarray('complex64', [20, 2], new Float32Array(80)) };

describe('refused with the code of the specification', () => {
  it.each<[string, Record<string, Artifact>, Record<string, unknown>, RegExp]>([
    ['E_INPUT_VALUE', { points: changed(7, 2, Number.NaN) }, {}, /NaN at row 7, column 2/],
    ['E_INPUT_VALUE', { points: changed(0, 5, Infinity) }, {}, /Infinity at row 0, column 5/],
    ['E_INPUT_VALUE', { points: complex }, {}, /complex/],
    ['E_INPUT_VALUE', { affinity: ring(8, (i, j, x) => (i === 2 && j === 3 ? Number.NaN : x)) }, {}, /row 2, column 3/],
    ['E_TOO_FEW_POINTS', { points: rowsOf('points', sheet.slice(0, 11)) }, {}, /11 points for k = 10.*at least 12/],
    ['E_TOO_FEW_POINTS', { points: rowsOf('points', sheet.slice(0, 3)) }, { k: 2 }, /3 points.*at least 4/],
    ['E_TOO_FEW_POINTS', { affinity: ring(3) }, {}, /3 points/],
    ['E_TOO_FEW_POINTS', { image: ones('image', 9, 5) }, {}, /0 points/],
    ['E_ZERO_RANGE', { points: ones('points', 20, 3) }, {}, /all 20 points of points are equal/],
    ['E_ZERO_RANGE', { image: ones('image', 60, 60) }, {}, /equal/],
    ['E_AFFINITY', { affinity: ring(8, (i, j, x) => (i === 2 && j === 3 ? 1 + 1e-7 : x)) }, {}, /row 2, column 3/],
    ['E_AFFINITY', { affinity: ring(8, (i, j, x) => (i * j === 20 ? -0.5 : x)) }, {}, /-0.5 at row 4, column 5/],
    ['E_AFFINITY', { affinity: rowsOf('matrix', sheet) }, {}, /\[40, 6\], expected a square matrix/],
    ['E_ISOLATED', { affinity: ring(8, (i, j, x) => (i === 5 || j === 5 ? (i === j ? 2 : 0) : x)) }, {}, /vertex 5/],
    ['E_SHAPE', { points, geodesic: ring(39) }, {}, /\[39, 39\], expected \[40, 40\]/],
    ['E_SHAPE', { points, labels: rowsOf('points', [[1], [2]]) }, {}, /expected \[40\]/],
    ['E_SHAPE', { points: ones('points', 5, 5, 5) }, {}, /expected \[N, d\]/],
    ['E_SHAPE', { volume: ones('volume', 5, 5) }, {}, /expected \[frames, h, w\]/],
    ['E_SHAPE', { image: ones('image', 3, 20, 20) }, {}, /expected \[h, w\]/],
    [
      'E_TOO_LARGE',
      { points: rowsOf('points', bentSheet(1501, 1)) },
      { kernel: 'exact', tau: 1 },
      /1500 points at most/,
    ],
    ['E_TOO_LARGE', { affinity: ring(60) }, { maxPoints: 50 }, /60 points, maxPoints is 50/],
    ['E_PARAM', { points }, { tau: 0 }, /tau is 0/],
    ['E_PARAM', { points }, { tau: -3 }, /tau is -3/],
    ['E_PARAM', { affinity: ring(6) }, { dim: 6 }, /dim is 6 for 6 points/],
    ['E_PARAM', { points }, { method: 'phate', tau: 1.5 }, /whole steps/],
    ['E_PARAM', { affinity: ring(8) }, { method: 'isomap' }, /needs points/],
    ['E_PARAM', { points }, { method: 'isomap', weights: 'heat' }, /heatgeo/],
    ['E_PARAM', { points }, { nTau: 3, tauMin: 5, tauMax: 5 }, /tauMin below tauMax/],
    ['E_PARAM', { points }, { weights: 'gaussian', weightsArg: 1e-9 }, /vanish/],
    ['E_PARAM', { points }, { kernel: 'chebyshev', tau: 1e8 }, /order above/],
    ['E_INPUT_MISSING', {}, {}, /nothing to embed/],
    ['E_INPUT_AMBIGUOUS', { points, affinity: ring(8) }, {}, /points and affinity/],
  ])('%s', async (code, inputs, settings, message) => {
    const error = await solver.run(inputs, settings, quietContext()).then(
      () => undefined,
      (thrown: EngineError) => thrown,
    );
    expect(error?.message).toMatch(new RegExp(`^${code}: `));
    expect(error?.message).toMatch(message);
  });

  it.each([
    [{ k: 1 }, /2 to 100/],
    [{ kernel: 'fft' }, /euler, chebyshev, exact/],
    [{ volumeTerm: 2.5 }, /0 to 2/],
    [{ patch: 8 }, /odd/],
    [{ taus: 1 }, /tau/],
  ])('%j, naming what is allowed', async (settings, allowed) => {
    const error = await solver.run({ points }, settings, quietContext()).then(
      () => undefined,
      (thrown: EngineError) => thrown,
    );
    expect(error?.code).toBe('bad-usage');
    expect(`${error?.message} ${error?.hint}`).toMatch(allowed);
  });
});
