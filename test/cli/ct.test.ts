/** CT from the command line: simulate, reconstruct, derived series, and what is refused. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { readNpy } from '../../engine/io/npy.ts';
import { readNpz, writeNpz } from '../../engine/io/npz.ts';
import { buildDicom, type RawElement, sliceElements } from '../io/dicom/build-dicom.ts';
import { jsonOf, tangent } from './tangent-process.ts';

const [slices, rows, columns, pixel] = [2, 24, 30, 4];
const patient = 'Secret^Patient';

let folder: string;
let series: string;
let sinogram: string;

/** Water with a bone and an air hole, in air; HU, different in each slice. */
function hounsfield(z: number): Int16Array {
  const plane = new Int16Array(rows * columns).fill(-1000);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [u, v] = [x - columns / 2, y - rows / 2];
      if (Math.hypot(u / 12, v / 10) < 1) plane[y * columns + x] = 0;
      if (Math.hypot(u - 4, v - z) < 3) plane[y * columns + x] = 800;
      if (Math.hypot(u + 5, v) < 3) plane[y * columns + x] = -1000;
    }
  return plane;
}

async function writeSeries(where: string, extra: RawElement[] = []): Promise<string> {
  await mkdir(where);
  for (let z = 0; z < slices; z++) {
    const elements = sliceElements({
      ...{ rows, columns, spacing: `${pixel}\\${pixel}`, position: [-60, -48, 5 * z], instance: z + 1, signed: true },
      pixels: new Uint8Array(hounsfield(z).map((value) => value + 24).buffer),
      extra: [
        { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.2' },
        { tag: 0x00080060, vr: 'CS', value: 'CT' },
        { tag: 0x00281052, vr: 'DS', value: '-24' },
        { tag: 0x00281053, vr: 'DS', value: '1' },
        ...extra,
      ],
    });
    await writeFile(join(where, `${z}.dcm`), buildDicom(elements));
  }
  return where;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-ct-'));
  series = await writeSeries(join(folder, 'series'));
  sinogram = join(folder, 'sinogram.npz');
  const done = await tangent(['simulate', series, '--out', sinogram, '--angles', '40', '--photons', '1e6']);
  expect(done).toMatchObject({ code: 0 });
});
afterAll(() => rm(folder, { recursive: true }));

interface Result {
  unit: string;
  geometry: Record<string, unknown>;
  metrics: { psnr: number };
  residual: { relative: number; expected: number };
  spacing_mm: number[];
  shape: number[];
  files: string[];
  prior: { name: string } | null;
  simulated: boolean;
}

describe('simulated CT', () => {
  test('the file holds everything a reconstruction needs', async () => {
    const arrays = readNpz(await readFile(sinogram));
    const number = (name: string) => arrays.get(name)?.data[0];
    expect(arrays.get('sinogram')?.shape).toEqual([slices, 40, 43]);
    expect(arrays.get('reference')?.shape).toEqual([slices, columns, columns]);
    expect(Object.fromEntries(['pixel_spacing_mm', 'slice_spacing_mm', 'photons'].map((n) => [n, number(n)]))).toEqual({
      pixel_spacing_mm: pixel,
      slice_spacing_mm: 5,
      photons: 1e6,
    });
    expect(number('water_per_mm')).toBe(0.0193);
    expect(number('detector_centre')).toBe(21);
  });

  test.each(['fbp', 'tv', 'dds'])('%s comes back in Hounsfield units near the truth', async (method) => {
    const out = join(folder, method);
    const extra = method === 'dds' ? ['--steps', '4'] : [];
    const done = await tangent(['reconstruct', sinogram, '--method', method, '--out', out, '--json', ...extra]);
    expect(done).toMatchObject({ code: 0 });
    const result = jsonOf(done) as Result;
    expect(result).toMatchObject({
      unit: 'HU',
      geometry: { kind: 'parallel', views: 40, measured_views: 40, arc_deg: 180, centre: 21, centre_from: 'file' },
      spacing_mm: [5, pixel, pixel],
      shape: [slices, columns, columns],
    });
    expect(result.prior === null).toBe(method !== 'dds');
    expect(result.files.includes('evidence.npy')).toBe(method === 'dds');
    expect(result.metrics.psnr).toBeGreaterThan(18);
    const image = readNpy(await readFile(join(out, 'image.npy')));
    // The middle of the water, and the corner of the square.
    expect(Math.abs(image.data[15 * columns + 14] - 0)).toBeLessThan(150);
    expect(Math.abs(image.data[0] + 1000)).toBeLessThan(150);
  });

  test('some of the views, another centre, another size', async () => {
    const words = ['reconstruct', sinogram, '--method', 'fbp', '--out', join(folder, 'some'), '--json'];
    const done = await tangent([...words, '--views', '0:40:2', '--centre', '21.5', '--image-size', '30']);
    expect(jsonOf(done)).toMatchObject({ geometry: { views: 20, centre: 21.5, centre_from: 'option' } });
  });

  test('in one go: derived CT on the geometry of the source, patient text nowhere else', async () => {
    const out = join(folder, 'direct');
    const words = ['reconstruct', series, '--angles', '40', '--noise', '0', '--method', 'tv', '--out', out, '--json'];
    const done = await tangent([...words, '--format', 'dicom,nifti,npy,png', '--compare', 'fbp', '--verbose']);
    expect(done).toMatchObject({ code: 0 });
    expect(jsonOf(done)).toMatchObject({ unit: 'HU', simulated: true, shape: [slices, rows, columns] });
    const info = async (path: string) => jsonOf(await tangent(['info', path, '--json']));
    const original = (await info(series)) as { orientation: string; spacing_mm: number[] };
    expect(await info(join(out, 'dicom'))).toMatchObject({
      ...{ modality: 'CT', matrix: [rows, columns], slices, notes: [] },
      ...{ orientation: original.orientation, spacing_mm: original.spacing_mm },
    });
    const dicom = (await readFile(join(out, 'dicom', 'image-0001.dcm'))).toString('latin1');
    for (const text of [patient, '-60\\-48\\0', 'simulated X-ray measurement', '40 views'])
      expect(dicom).toContain(text);
    const names = (await readdir(out, { recursive: true })).join();
    for (const name of ['result.json', 'report.html', 'volume.nii.gz', 'image.npy'])
      expect((await readFile(join(out, name))).includes(patient)).toBe(false);
    expect([done.stdout, done.stderr, names].join().includes(patient)).toBe(false);
  });
});

describe('refused, with 2 and nothing written', () => {
  test.each([
    [['--method', 'cg-sense'], /"cg-sense" is for MRI, the input is CT \(--method\)\. Choose one of dds, fbp/],
    [['--method', 'fbp', '--compare', 'cg-sense'], /--compare/],
    [['--method', 'fbp', '--centre', '43'], /not on the detector, 0 to 42 \(--centre\)/],
    [['--method', 'fbp', '--centre', 'left'], /auto or a detector index/],
    [['--method', 'fbp', '--views', '0:41'], /views 0:41 are not inside 0:40/],
    [['--method', 'fbp', '--views', '5'], /A:B:STEP/],
    [['--method', 'fbp', '--views', '0:9', '--view-step', '2'], /exclude each other/],
    [['--method', 'fbp', '--angles', '30'], /needs no simulation/],
    [['--method', 'fbp', '--modality', 'ct'], /--modality/],
    [['--method', 'fbp', '--image-size', '99999'], /--image-size/],
  ])('reconstruct a sinogram %j', async (words, message) => {
    const out = join(folder, 'refused');
    const done = await tangent(['reconstruct', sinogram, '--out', out, ...words]);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    expect(await readdir(folder)).not.toContain('refused');
  });

  test.each([
    [['--angles', '30', '--photons', '0'], /--photons/],
    [['--angles', '30', '--photons', '1e4', '--noise', '0.1'], /exclude each other/],
    [['--angles', '30', '--coils', '4'], /the option is for MRI, --angles is for CT \(--coils\)/],
    [['--photons', '1e4'], /needs --angles/],
    [['--angles', '30', '--curved'], /no curved detector/],
    [['--angles', '30', '--modality', 'mr'], /MR series; X-rays/],
  ])('simulate a series %j', async (words, message) => {
    const out = join(folder, 'refused.npz');
    const done = await tangent(['simulate', series, '--out', out, ...words]);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    expect(await readdir(folder)).not.toContain('refused.npz');
  });

  test('a tilted gantry', async () => {
    const tilted = await writeSeries(join(folder, 'tilted'), [{ tag: 0x00181120, vr: 'DS', value: '15' }]);
    const done = await tangent([
      'reconstruct',
      tilted,
      '--angles',
      '30',
      '--method',
      'fbp',
      '--out',
      join(folder, 't'),
    ]);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('gantry tilted by 15.0°') });
  });

  const plane = ndarray('float32', [6, 9], new Float32Array(54).fill(1));
  const scalar = (value: number) => ndarray('float64', [], Float64Array.of(value));
  const angles = (count: number) =>
    ndarray(
      'float64',
      [count],
      new Float64Array(count).map((_, v) => v * 20),
    );
  test.each([
    ['angles of another number', { angles_deg: angles(5) }, /angles_deg has shape \[5\], expected \[6\]/],
    ['a negative spacing', { angles_deg: angles(6), pixel_spacing_mm: scalar(-1) }, /pixel_spacing_mm is -1/],
    ['a centre off the detector', { angles_deg: angles(6), detector_centre: scalar(9) }, /from 0 to 8/],
    [
      'a source inside the object',
      {
        ...{ angles_deg: angles(6), detector_spacing_mm: scalar(1), image_size: scalar(64) },
        source_origin_mm: scalar(2),
        source_detector_mm: scalar(4),
      },
      /source/,
    ],
  ])('%s', async (_, fields, message) => {
    const file = join(folder, 'bad.npz');
    await writeFile(file, writeNpz({ sinogram: plane, ...fields }));
    const done = await tangent(['reconstruct', file, '--method', 'fbp', '--out', join(folder, 'refused'), '--json']);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    expect(jsonOf(done)).toMatchObject({ error: { path: expect.stringContaining('bad.npz') } });
    expect(await readdir(folder)).not.toContain('refused');
  });
});
