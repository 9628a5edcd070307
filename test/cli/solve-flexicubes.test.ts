import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { parseCsv } from '../../main/host/artifacts/csv.ts';
import { parseObj } from '../../main/host/artifacts/obj.ts';
import { bundledSeries } from '../../main/host/bundled-series.ts';
import { jsonOf, tangent } from './tangent-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-flexicubes-'));
  // A ball of radius 8 mm round (13, 14, 20) mm.
  const [nx, ny, nz] = [40, 42, 28];
  const data = Float32Array.from({ length: nx * ny * nz }, (_, i) => {
    const [x, y, z] = [0.7 * (i % nx), 0.7 * (Math.floor(i / nx) % ny), 1.5 * Math.floor(i / (nx * ny))];
    return 1 / (1 + Math.exp(Math.hypot(x - 13, y - 14, z - 20) - 8));
  });
  await writeFile(join(folder, 'v.npy'), writeNpy(ndarray('float32', [nz, ny, nx], data)));
});
afterAll(() => rm(folder, { recursive: true }));

describe('tangent solve flexicubes', () => {
  test('writes the same closed surface in mm as mesh.obj and mesh.stl', async () => {
    const out = join(folder, 'ball');
    const result = await tangent([
      ...['solve', 'flexicubes', '--input', `volume=${join(folder, 'v.npy')}`, '--set', 'iso=0.5'],
      ...['--set', 'spacing=0.7,0.7,1.5', '--set', 'placement=qef', '--set', 'format=both', '--out', out, '--json'],
    ]);
    expect(result.code).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['mesh.obj', 'mesh.png', 'mesh.stl', 'result.json']);
    const record = jsonOf(result) as { metrics: Record<string, number>; artifacts: Record<string, string> };
    expect(record.artifacts).toEqual({ mesh: 'mesh.obj', mesh_stl: 'mesh.stl', mesh_picture: 'mesh.png' });
    const { vertices, faces } = parseObj(await readFile(join(out, 'mesh.obj'), 'utf8'), 'mesh.obj');
    expect(record.metrics).toMatchObject({ faces: faces.shape[0], watertight: 1, euler_characteristic: 2 });
    for (let i = 0; i < vertices.data.length; i += 3) {
      const [x, y, z] = vertices.data.subarray(i, i + 3);
      expect(Math.abs(Math.hypot(x - 13, y - 14, z - 20) - 8)).toBeLessThan(0.08);
    }
    const stl = await readFile(join(out, 'mesh.stl'));
    const count = stl.readUInt32LE(80);
    expect(count).toBe(faces.shape[0]);
    expect(stl.length).toBe(84 + 50 * count);
    for (let k = 0; k < count; k++)
      for (let i = 0; i < 9; i++)
        expect(stl.readFloatLE(84 + 50 * k + 12 + 4 * i)).toBe(
          vertices.data[3 * faces.data[3 * k + Math.floor(i / 3)] + (i % 3)],
        );
  });

  test.each([
    [['--set', 'spacing=1,0,1'], /E_PARAM/],
    [['--set', 'iso=3'], /E_EMPTY_SURFACE/],
    [['--set', 'adaptive=true', '--set', 'placement=fit'], /E_PARAM_CONFLICT/],
  ])('%j is refused by its code, with nothing written', async (words, message) => {
    const out = join(folder, 'refused');
    const input = `volume=${join(folder, 'v.npy')}`;
    const result = await tangent(['solve', 'flexicubes', '--input', input, ...words, '--out', out, '--json']);
    expect(result.code).toBe(2);
    expect((jsonOf(result) as { error: { message: string } }).error.message).toMatch(message);
    expect(await readdir(folder)).not.toContain('refused');
  });

  test('a head from DICOM: one closed surface in patient coordinates, 20 slices of 7 mm high', async () => {
    const out = join(folder, 'head');
    const result = await tangent([
      ...['solve', 'flexicubes', '--input', `volume=${bundledSeries('--input')}`, '--set', 'smooth=1'],
      ...['--set', 'largestComponent=true', '--out', out, '--json'],
    ]);
    expect(result.code).toBe(0);
    const { metrics } = jsonOf(result) as { metrics: Record<string, number> };
    expect(metrics).toMatchObject({ watertight: 1, nonmanifold_edges: 0, components: 1 });
    expect(metrics.volume_ml).toBeGreaterThan(2000);
    expect(metrics.volume_ml).toBeLessThan(3000);
    const { data } = parseObj(await readFile(join(out, 'mesh.obj'), 'utf8'), 'mesh.obj').vertices;
    const low = [0, 1, 2].map((axis) => data.reduce((m, v, i) => (i % 3 === axis ? Math.min(m, v) : m), Infinity));
    const high = [0, 1, 2].map((axis) => data.reduce((m, v, i) => (i % 3 === axis ? Math.max(m, v) : m), -Infinity));
    const extent = high.map((value, axis) => value - low[axis]);
    for (const [axis, expected] of [155, 185, 158].entries())
      expect(Math.abs(extent[axis] - expected)).toBeLessThan(30);
    // The origin of patient coordinates lies near the middle of the head, not at a corner of the volume.
    for (let axis = 0; axis < 3; axis++) expect(low[axis] * high[axis]).toBeLessThan(0);
  });

  test('its experiments reach the bars beside marching cubes, but for edges whose gradients come from samples', async () => {
    const out = join(folder, 'demo');
    const result = await tangent(['solve', 'flexicubes', '--demo', '--out', out, '--json']);
    expect(result.code).toBe(0);
    const table = parseCsv(await readFile(join(out, 'table.csv'), 'utf8'), 'table.csv');
    expect(Object.keys(table)).toEqual(['experiment', 'figure', 'value', 'baseline', 'baseline_value', 'bar', 'met']);
    const missed = table.experiment.filter((_, row) => table.met[row] !== 'yes');
    // docs/solvers/flexicubes.md says why.
    expect(new Set(missed)).toEqual(new Set(['sharp edges, cuboid 32³, qef, gradients of the samples']));
    const value = (experiment: RegExp, figure: RegExp, baseline: RegExp) => {
      const row = table.experiment.findIndex(
        (name, at) =>
          experiment.test(String(name)) &&
          figure.test(String(table.figure[at])) &&
          baseline.test(String(table.baseline[at])),
      );
      return [Number(table.value[row]), Number(table.baseline_value[row])];
    };
    const [edges, without] = value(/manifoldness/, /./, /rule/);
    expect(edges).toBe(0);
    expect(without).toBeGreaterThan(100);
    const [ours, cubes] = value(/fit/, /distance/, /marching/);
    expect(ours).toBeLessThan(0.25 * cubes);
    const [, frozen] = value(/fit/, /distance/, /frozen/);
    expect(ours).toBeLessThan(0.5 * frozen);
    const [slivers, sliversOfCubes] = value(/triangle quality/, /./, /./);
    expect(slivers).toBeLessThan(Math.min(0.01, sliversOfCubes / 5));
    expect(parseObj(await readFile(join(out, 'mesh.obj'), 'utf8'), 'mesh.obj').faces.shape[0]).toBeGreaterThan(500);
  });
});
