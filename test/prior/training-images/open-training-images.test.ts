import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import { writeNifti } from '../../../engine/io/nifti.ts';
import { writeNpy } from '../../../engine/io/npy.ts';
import { openTrainingImages } from '../../../engine/prior/training/images/open-training-images.ts';
import type { TrainingImages } from '../../../engine/prior/training/training-images.ts';
import { buildDicom, sliceElements } from '../../io/dicom/build-dicom.ts';
import { engineErrorFrom } from '../../io/engine-error-of.ts';
import { temporaryFolder } from '../../io/temporary-folder.ts';
import { disk, magnitudeOf, makeConfig, makeVolume } from './make-config.ts';

/** Values survive exactly: real, cropped, unscaled. */
const exact = { size: 32, complex: false, augment: 'none', fit: 'crop', image: { rule: 'none' } };

/** A ball-like volume whose slice k shows `value(k)` on a disk. */
function slices(count: number, value: (k: number) => number, side = 40) {
  return makeVolume([count, side, side], (k, y, x) => value(k) * Math.round(disk(y, x, 19.5, 19.5, 14)));
}

function nifti(count: number, value: (k: number) => number): Uint8Array {
  const geometry = Array.from({ length: count }, (_, k) => ({
    position: [0, 0, k] as [number, number, number],
    rowCosines: [1, 0, 0] as [number, number, number],
    columnCosines: [0, 1, 0] as [number, number, number],
  }));
  return writeNifti({ volume: slices(count, value), spacingMm: [1, 1, 1], geometry });
}

function npy(count: number, value: (k: number) => number): Uint8Array {
  return writeNpy(slices(count, value));
}

function dicom(series: string, value: (k: number) => number, modality = 'MR'): Record<string, Uint8Array> {
  return Object.fromEntries(
    Array.from({ length: 4 }, (_, k) => {
      const pixels = new Uint8Array(new Int16Array(slices(1, () => value(k)).data).buffer);
      const elements = sliceElements({
        ...{ rows: 40, columns: 40, series: `1.2.8.${series}`, instance: k + 1, spacing: '1\\1', pixels, signed: true },
        extra: [
          { tag: 0x00080018, vr: 'UI', value: `1.2.3.${series}.${k}` },
          { tag: 0x00080060, vr: 'CS', value: modality },
          { tag: 0x0020000d, vr: 'UI', value: `1.2.9.${series}` },
        ],
      });
      return [`Secret^Name/${series}/${k}`, buildDicom(elements)];
    }),
  );
}

/** The largest values of `count` draws: which slices were drawn. */
function drawnValues(images: TrainingImages, count: number): Set<number> {
  const random = createRandom(9);
  const out = new Float32Array(images.channels * images.size ** 2);
  return new Set(Array.from({ length: count }, () => Math.max(...images.draw(random, out))));
}

const validationValues = (images: TrainingImages) => new Set(images.validation.map((image) => Math.max(...image)));

describe('a folder of all three formats', () => {
  const files = () => ({
    'a/brain.nii.gz': gzipSync(nifti(20, (k) => 100 + k)),
    'b.npy': npy(3, (k) => 200 + k),
    'one.npy': writeNpy(ndarray('float32', [40, 40], slices(1, () => 300).data)),
    ...dicom('1', (k) => 400 + k),
    'notes.txt': 'not an image',
    '.hidden.npy': npy(1, () => 900),
  });

  test('is read by content, listed without names of people, and drawn from', async () => {
    const config = makeConfig({ ...exact, validation: { files: ['one.npy'] } });
    const images = await openTrainingImages(temporaryFolder(files()), config, quietContext());
    expect(images).toMatchObject({ channels: 1, size: 32 });
    expect(images.heldOut).toEqual([{ name: 'one.npy', slices: 1 }]);
    const names = images.sources.map((s) => s.name).sort();
    expect(names).toEqual(['DICOM series 1', 'a/brain.nii.gz', 'b.npy']);
    expect(JSON.stringify([images.sources, images.notes])).not.toMatch(/Secret/);
    expect(images.sources.find((s) => s.name === 'b.npy')?.slices).toBe(3);
    expect(images.count).toBe(images.sources.reduce((sum, s) => sum + s.slices, 0));
    expect(images.notes.join()).toMatch(/1 file of other kinds skipped/);
    const drawn = drawnValues(images, 800);
    for (const v of [100 + 10, 200, 201, 202, 400, 403]) expect(drawn).toContain(v);
    for (const v of [300, 900]) expect(drawn).not.toContain(v);
    expect([...validationValues(images)]).toEqual([300]);
  });

  test('files the configuration excludes are not read', async () => {
    const config = makeConfig({
      ...exact,
      exclude: ['a/', 'b.npy', 'Secret^Name/'],
      validation: { files: ['one.npy'] },
    });
    const error = await engineErrorFrom(() => openTrainingImages(temporaryFolder(files()), config, quietContext()));
    expect(error.message).toMatch(/all 1 files or studies are held out/);
  });
});

describe('complex images', () => {
  const stored = ndarray(
    'complex64',
    [2, 40, 40],
    Float32Array.from({ length: 6400 }, (_, i) => slices(2, () => 5).data[i >> 1] * (i % 2 === 0 ? 0.6 : 0.8)),
  );

  test('are read from .npy with their phase, or as magnitudes', async () => {
    const folder = temporaryFolder({ 'c.npy': writeNpy(stored), 'd.npy': writeNpy(stored) });
    const config = { ...exact, complex: true };
    const images = await openTrainingImages(folder, makeConfig(config), quietContext());
    const image = images.draw(createRandom(1));
    expect(image.length).toBe(2 * 32 * 32);
    const inside = 16 * 32 + 16;
    expect(magnitudeOf(image, 2)[inside]).toBeCloseTo(5, 5);
    const real = await openTrainingImages(folder, makeConfig(exact), quietContext());
    expect(real.draw(createRandom(1))[inside]).toBeCloseTo(5, 5);
  });
});

describe('hold-out', () => {
  const folder = () =>
    temporaryFolder(
      Object.fromEntries(Array.from({ length: 12 }, (_, f) => [`f${f}.npy`, npy(3, (k) => 10 * f + k + 1)])),
    );

  test('whole files by seed: never drawn, the rest all drawn, the same for the same seed', async () => {
    const path = folder();
    const choices = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const config = makeConfig({ ...exact, seed, validation: { share: 0.2 } });
      const images = await openTrainingImages(path, config, quietContext());
      expect(images.heldOut.length).toBe(2);
      const held = new Set(
        images.heldOut.flatMap(({ name }) => [1, 2, 3].map((k) => 10 * Number(name.slice(1, -4)) + k)),
      );
      const drawn = drawnValues(images, 600);
      expect(drawn.size).toBe(30);
      for (const v of drawn) expect(held).not.toContain(v);
      expect(validationValues(images)).toEqual(held);
      const again = await openTrainingImages(path, config, quietContext());
      expect(again.validation).toEqual(images.validation);
      choices.add(images.heldOut.map((s) => s.name).join());
    }
    expect(choices.size).toBeGreaterThan(1);
  });

  test('one file: neighbouring slices, a gap on either side, and it is said', async () => {
    const path = temporaryFolder({ 'only.npy': npy(40, (k) => k + 1) });
    const images = await openTrainingImages(path, makeConfig(exact), quietContext());
    const held = [...validationValues(images)].sort((a, b) => a - b);
    expect(held.length).toBe(4);
    expect(held[3] - held[0]).toBe(3);
    const drawn = drawnValues(images, 800);
    expect(drawn.size).toBe(images.count);
    for (const v of drawn) expect(v < held[0] - 2 || v > held[3] + 2).toBe(true);
    expect(images.notes.join()).toMatch(/there is one file: 4 neighbouring slices \(axial\) of it are held out/);
  });

  test('one volume: only one plane is drawn from, since others would cross what is held out', async () => {
    const path = temporaryFolder({ 'only.nii': nifti(30, (k) => k + 1) });
    const images = await openTrainingImages(path, makeConfig(exact), quietContext());
    for (const image of Array.from({ length: 50 }, (_, i) => images.draw(createRandom(i)))) {
      const values = new Set(image.filter((v) => v !== 0));
      // An axial slice shows one value, any other plane many.
      expect(values.size).toBe(1);
    }
  });

  test('one slice in all: used for both, and it is said', async () => {
    const path = temporaryFolder({ 'only.npy': npy(1, () => 7) });
    const images = await openTrainingImages(path, makeConfig(exact), quietContext());
    expect([images.count, images.validation.length]).toEqual([1, 1]);
    expect(images.notes.join()).toMatch(/measures nothing/);
  });

  test('series of one study are held out together', async () => {
    const files = { ...dicom('1', () => 50), ...dicom('2', () => 60), 'x.npy': npy(2, () => 70) };
    const config = makeConfig({ ...exact, validation: { files: ['DICOM series 2'] } });
    const apart = await openTrainingImages(temporaryFolder(files), config, quietContext());
    expect(apart.heldOut.map((s) => s.name)).toEqual(['DICOM series 2']);
    const study = [...'1.2.9.2'];
    // The second series again, now of the first one's study.
    const same = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => {
        if (!name.includes('/2/')) return [name, bytes];
        const text = Buffer.from(bytes).toString('latin1').replace(study.join(''), '1.2.9.1');
        return [name, new Uint8Array(Buffer.from(text, 'latin1'))];
      }),
    );
    const together = await openTrainingImages(temporaryFolder(same), config, quietContext());
    expect(together.heldOut.map((s) => s.name)).toEqual(['DICOM series 1', 'DICOM series 2']);
  });

  test('a name that is none of the files is refused with those there are', async () => {
    const config = makeConfig({ ...exact, validation: { files: ['g.npy'] } });
    const error = await engineErrorFrom(() => openTrainingImages(folder(), config, quietContext()));
    expect(error.path).toBe('validation.files');
    expect(error.message).toMatch(/"g.npy" is none of the images read, which are f0.npy, f1.npy, .*…/);
  });
});

describe('bad input', () => {
  const good = () => ({ 'a.npy': npy(2, () => 5), 'b.npy': npy(2, () => 6) });

  test('damaged files are named, counted and skipped', async () => {
    const whole = nifti(20, (k) => 100 + k);
    const warnings: string[] = [];
    const context = quietContext({ log: (level, message) => level === 'warn' && warnings.push(message) });
    const nan = slices(1, () => 4);
    nan.data[77] = Number.NaN;
    const files = {
      ...good(),
      'cut.nii': whole.slice(0, whole.length - 1000),
      'cut.nii.gz': gzipSync(whole).slice(0, 300),
      'cut.npy': npy(2, () => 8).slice(0, 500),
      'nan.npy': writeNpy(nan),
      'cube.npy': writeNpy(ndarray('float32', [2, 2, 2, 2], new Float32Array(16))),
      'empty.npy': new Uint8Array(0),
      'series.dcm': buildDicom(sliceElements({ rows: 400, columns: 400, pixels: new Uint8Array(12) })),
    };
    const images = await openTrainingImages(temporaryFolder(files), makeConfig(exact), context);
    const said = warnings.join();
    expect(said).toMatch(/6 image files skipped/);
    for (const name of ['cut.nii (', 'cut.nii.gz (', 'cut.npy (', 'nan.npy (', 'cube.npy (', 'series.dcm ('])
      expect(said).toContain(name);
    expect(said).toMatch(/nan\.npy \(image holds NaN at/);
    expect(said).toMatch(/expected \[y, x\] or \[n, y, x\]/);
    expect(images.count).toBe(2);
  });

  test('headers that claim absurd sizes are refused before anything is allocated', async () => {
    const huge = nifti(4, () => 1).slice();
    for (const at of [42, 44, 46]) new DataView(huge.buffer).setInt16(at, 32_767, true);
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 512, 512), }";
    const header = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(118, 0)}${text.padEnd(117)}\n`, 'latin1');
    for (const [name, bytes] of [
      ['h.nii', huge],
      ['h.npy', new Uint8Array(header)],
    ] as const) {
      const alone = temporaryFolder({ [name]: bytes });
      const error = await engineErrorFrom(() => openTrainingImages(alone, makeConfig(exact), quietContext()));
      expect(error.code).toBe('bad-input');
      expect(error.message).toMatch(new RegExp(`none of 1 image file can be used; ${name}: .*claims \\d.* bytes`));
      const images = await openTrainingImages(
        temporaryFolder({ ...good(), [name]: bytes }),
        makeConfig(exact),
        quietContext(),
      );
      expect(images.notes.join()).toContain(name);
    }
  });

  test('more than the configured memory is refused before any volume is read', async () => {
    const files = Object.fromEntries(
      [0, 1, 2, 3].map((i) => [`${i}.npy`, writeNpy(makeVolume([1200, 32, 32], () => 1))]),
    );
    const config = makeConfig({ ...exact, memoryMiB: 16 });
    const error = await engineErrorFrom(() => openTrainingImages(temporaryFolder(files), config, quietContext()));
    expect(error.code).toBe('resource');
    expect(error.message).toMatch(/need up to 19 MiB of memory, at most 16 are allowed/);
  });

  test.each([
    [{}, /0 files, none of them a DICOM, NIfTI or .npy image/],
    [{ 'readme.md': 'hello', 'table.csv': 'a,b' }, /2 files, none of them/],
    [{ 'dark.npy': npy(2, () => 0) }, /dark.npy: no slice of a wished plane has head or body on more than 15 %/],
  ])('a folder with nothing to train on says why', async (files, message) => {
    const path = temporaryFolder(files as Record<string, Uint8Array | string>);
    const error = await engineErrorFrom(() => openTrainingImages(path, makeConfig(exact), quietContext()));
    expect(error.message).toMatch(message);
    expect(error.path).toBe(path);
  });

  test('a file, or nothing, in place of a folder', async () => {
    const path = temporaryFolder(good());
    const open = (name: string) => openTrainingImages(join(path, name), makeConfig(exact), quietContext());
    expect((await engineErrorFrom(() => open('a.npy'))).message).toMatch(/expected a folder of images, found a file/);
    expect((await engineErrorFrom(() => open('absent'))).code).toBe('not-found');
  });

  test('links lead nowhere', async () => {
    const outside = temporaryFolder({ 'secret.npy': npy(2, () => 99) });
    const path = temporaryFolder(good());
    symlinkSync(outside, join(path, 'folder'));
    symlinkSync(join(outside, 'secret.npy'), join(path, 'file.npy'));
    const images = await openTrainingImages(path, makeConfig(exact), quietContext());
    expect([...images.sources, ...images.heldOut].map((s) => s.name).sort()).toEqual(['a.npy', 'b.npy']);
  });

  test('folders nested too deep are refused', async () => {
    const path = temporaryFolder({ 'a/b/c/d/e/f/g/h/i/j.npy': npy(1, () => 1) });
    const error = await engineErrorFrom(() => openTrainingImages(path, makeConfig(exact), quietContext()));
    expect(error.message).toMatch(/nested deeper than 8/);
  });

  test('the wrong modality is skipped by name: HU for mri, magnitudes or MR for ct', async () => {
    const mri = temporaryFolder({ ...good(), 'ct.npy': npy(2, () => -900), ...dicom('1', () => 30, 'CT') });
    const images = await openTrainingImages(mri, makeConfig(exact), quietContext());
    expect(images.notes.join()).toMatch(/ct\.npy \(values reach down to -900, expected magnitudes/);
    expect(images.notes.join()).toMatch(/DICOM series 1 \(the series is CT, expected mri\)/);
    const ct = temporaryFolder({ 'a.npy': npy(2, () => 500), ...dicom('1', () => 30) });
    const error = await engineErrorFrom(() => openTrainingImages(ct, makeConfig({ modality: 'ct' }), quietContext()));
    expect(error.message).toMatch(/none of 2 image files can be used/);
  });

  test('cancelling stops it', async () => {
    const signal = AbortSignal.abort();
    const error = await engineErrorFrom(() =>
      openTrainingImages(temporaryFolder(good()), makeConfig(exact), quietContext({ signal })),
    );
    expect(error.code).toBe('cancelled');
  });
});

test('repeats of a 4D file are volumes of their own', async () => {
  const volume = slices(40, (k) => k + 1);
  const bytes = writeNifti({ volume, spacingMm: [1, 1, 1] });
  const view = new DataView(bytes.buffer);
  // [x, y, z, t] = [40, 40, 20, 2].
  view.setInt16(40, 4, true);
  view.setInt16(46, 20, true);
  view.setInt16(48, 2, true);
  const config = makeConfig({ ...exact, size: 64, planes: { axial: 0, coronal: 1, sagittal: 0 } });
  const images = await openTrainingImages(temporaryFolder({ 'a.nii': bytes, 'b.nii': bytes }), config, quietContext());
  for (let i = 0; i < 20; i++) {
    const values = [...new Set(images.draw(createRandom(i)).filter((v) => v > 0))];
    // A coronal slice shows the slices of one repeat: 1 to 20 or 21 to 40.
    expect(Math.max(...values) - Math.min(...values)).toBe(19);
  }
});

test('a wrong output length is refused', async () => {
  const images = await openTrainingImages(
    temporaryFolder({ 'a.npy': npy(3, () => 5) }),
    makeConfig(exact),
    quietContext(),
  );
  expect(() => images.draw(createRandom(1), new Float32Array(5))).toThrow(/an image has 1024 numbers, the output 5/);
});
