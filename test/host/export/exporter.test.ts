import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { parseDataset } from '../../../engine/io/dicom/dataset.ts';
import { textOf } from '../../../engine/io/dicom/element-text.ts';
import { carriedElements } from '../../../engine/io/dicom/elements.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import { readNifti } from '../../../engine/io/nifti.ts';
import { readNpy, writeNpy } from '../../../engine/io/npy.ts';
import type { ImageScan } from '../../../engine/io/scan.ts';
import { resultJson } from '../../../engine/recon/result-json.ts';
import { buildDicom, sliceElements } from '../../io/dicom/build-dicom.ts';
import { brain, worstPosition } from '../../io/dicom/derived-example.ts';
import { below, type Example, example, exported, SLICES } from './export-example.ts';

let it: Example;
beforeAll(async () => {
  it = await example();
}, 60_000);
afterAll(() => it?.dispose());

const elementsOf = (path: string) => carriedElements(parseDataset(new Uint8Array(readFileSync(path))));
const dcmtk = spawnSync('dcmdump', ['--version']).status === 0;
if (!dcmtk) console.log('skipped: dcmtk is not installed');

function expectReadable(folder: string, files: readonly string[]): void {
  if (!dcmtk) return;
  const dump = spawnSync('dcmdump', ['--verbose', '-M', ...files.map((name) => join(folder, name))]);
  expect([dump.status, dump.stderr.toString().match(/^[WE]:.*/gm)]).toEqual([0, null]);
}

const image = (scan: ImageScan) => Float32Array.from(scan.volume.data);

describe('DICOM of a result', () => {
  test('made without DICOM, its source is found again: geometry to 1e-3 mm, labels, new UIDs, study and patient kept', async () => {
    const { at, files, progress } = await exported(it, it.result, 'dicom');
    expect(files).toEqual(['dicom-image/image-0001.dcm', 'dicom-image/image-0002.dcm', 'dicom-image/image-0003.dcm']);
    expect(below(at)).toEqual(files);
    expect(progress.at(-1)).toBe(1);
    expect(progress.every((value, i) => i === 0 || value >= progress[i - 1])).toBe(true);
    const back = await openDicom([at]);
    const source = brain.dicom?.slices.slice(SLICES.from, SLICES.to) ?? [];
    const geometry = brain.geometry?.slice(SLICES.from, SLICES.to) ?? [];
    expect(worstPosition(back.geometry ?? [], geometry)).toBeLessThan(1e-3);
    expect(back.dicom?.pixelSpacing).toEqual(brain.dicom?.pixelSpacing);
    const [derived, original] = [elementsOf(join(at, files[0])), source[0].instance.elements];
    for (const tag of [0x0020000d, 0x00100010, 0x00100020, 0x00080020, 0x00200052])
      expect([tag, textOf(derived, tag)]).toEqual([tag, textOf(original, tag)]);
    for (const tag of [0x00080018, 0x0020000e]) {
      expect(textOf(derived, tag)).toMatch(/^2\.25\./);
      expect(textOf(derived, tag)).not.toBe(textOf(original, tag));
    }
    expect(textOf(derived, 0x0008103e)).toBe('[RESEARCH] zero-filled reconstruction');
    expect(textOf(derived, 0x00204000)).toMatch(/^\[RESEARCH\] Not for diagnostic use; simulated k-space/);
    const wanted = await it.library.volume(it.result, 'image');
    const worst = image(back).reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);
    // Half a step of the source's own scale, in which it is written; values are whole numbers there.
    expect(worst).toBeLessThanOrEqual(0.5);
    expectReadable(at, files);
  });

  test('the same export twice gives the same bytes, under another name in the same folder', async () => {
    const first = await exported(it, it.result, 'dicom');
    const second = await exported(it, it.result, 'dicom');
    for (const name of first.files)
      expect(readFileSync(join(first.at, name)).equals(readFileSync(join(second.at, name)))).toBe(true);
  });

  test('a series is refused with a hint; a result whose source is closed says what is missing', async () => {
    await expect(exported(it, it.series, 'dicom')).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('DICOM already'),
    });
    const alone = await example();
    try {
      alone.library.close(alone.series);
      await expect(exported(alone, alone.result, 'dicom')).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('is not open'),
        hint: expect.stringContaining('Open that series'),
      });
      // Without the source nobody can tell whether text is drawn into its pictures.
      await expect(exported(alone, alone.result, 'dicom-deidentified')).rejects.toMatchObject({ code: 'untrusted' });
      const { at, files } = await exported(alone, alone.result, 'dicom-deidentified', { pixelsReviewed: true });
      const elements = elementsOf(join(at, files[0]));
      expect(textOf(elements, 0x0008103e)).toBe('[RESEARCH] zero-filled reconstruction');
      // Where it lies stands in result.json.
      const geometry = brain.geometry?.slice(SLICES.from, SLICES.to) ?? [];
      expect(worstPosition((await openDicom([at])).geometry ?? [], geometry)).toBeLessThan(1e-3);
    } finally {
      await alone.dispose();
    }
  }, 60_000);

  test('made with DICOM and closed, the series beside the result is handed out', async () => {
    const alone = await example(['npy', 'dicom']);
    try {
      alone.library.close(alone.series);
      const { at, files } = await exported(alone, alone.result, 'dicom');
      expect(files).toHaveLength(3);
      const [copied, written] = [join(at, files[1]), join(alone.folder, 'results/made/dicom/image-0002.dcm')];
      expect(readFileSync(copied).equals(readFileSync(written))).toBe(true);
      // And equals what is written again when the source is there: one job, one series.
      const again = await exported(it, it.result, 'dicom');
      expect(textOf(elementsOf(join(again.at, again.files[1])), 0x00080018)).toBe(
        textOf(elementsOf(copied), 0x00080018),
      );
    } finally {
      await alone.dispose();
    }
  }, 60_000);
});

describe('maps of a result', () => {
  test('spread, prior share, difference and reference are series of their own, of the parent class, in the same study', async () => {
    const mapped = await example();
    try {
      const made = join(mapped.folder, 'results/made');
      const shape = [3, 256, 256];
      const map = (scale: number) => Float32Array.from({ length: 3 * 65_536 }, (_, i) => scale * Math.abs(Math.sin(i)));
      writeFileSync(join(made, 'std.npy'), writeNpy(ndarray('float32', shape, map(0.02))));
      writeFileSync(join(made, 'evidence.npy'), writeNpy(ndarray('float32', shape, map(1))));
      const result = await mapped.library.addResult(made);
      const titles: Record<string, string> = {
        image: 'zero-filled reconstruction',
        std: 'zero-filled spread',
        evidence: 'zero-filled prior share',
        difference: 'zero-filled difference',
        reference: 'reference reconstruction',
      };
      const seen = new Set<string>();
      for (const [component, title] of Object.entries(titles)) {
        const { at, files } = await exported(mapped, result, 'dicom', { component });
        expectReadable(at, files);
        const elements = elementsOf(join(at, files[1]));
        expect(textOf(elements, 0x0008103e)).toBe(`[RESEARCH] ${title}`);
        expect(textOf(elements, 0x00080016)).toBe('1.2.840.10008.5.1.4.1.1.4');
        expect(textOf(elements, 0x0020000d)).toBe(brain.dicom?.studyUid);
        seen.add(`${textOf(elements, 0x0020000e)} ${textOf(elements, 0x00200011)} ${textOf(elements, 0x00080018)}`);
        const back = image(await openDicom([at]));
        const wanted = component === 'difference' ? undefined : await mapped.library.volume(result, component);
        const top = wanted?.reduce((most, value) => Math.max(most, value), 0) ?? 0;
        const worst = wanted?.reduce((most, value, i) => Math.max(most, Math.abs(value - back[i])), 0) ?? 0;
        expect(worst).toBeLessThanOrEqual(component === 'image' || component === 'reference' ? 0.5 : top / 65_535);
      }
      expect(seen.size).toBe(5);
      await expect(exported(mapped, result, 'dicom', { component: 'phase' })).rejects.toMatchObject({
        code: 'unsupported',
      });
    } finally {
      await mapped.dispose();
    }
  }, 60_000);
});

describe('DICOM without identity', () => {
  test('of a series: pixels as they were, no UID of it', async () => {
    const { at, files, warnings } = await exported(it, it.series, 'dicom-deidentified', { shiftDates: true });
    expect(files).toHaveLength(20);
    expect(warnings).toEqual(['face-recognisable', 'dates-shifted']);
    const back = await openDicom([at]);
    expect(Buffer.from(image(back).buffer).equals(Buffer.from(image(brain).buffer))).toBe(true);
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(at, name))));
    for (const { instance } of brain.dicom?.slices ?? []) expect(bytes.includes(instance.sopInstanceUid)).toBe(false);
    expectReadable(at, files);
  });

  test('of a result: labels stay, patient and study go', async () => {
    const { at, files, warnings } = await exported(it, it.result, 'dicom-deidentified');
    expect(warnings).toContain('face-recognisable');
    const elements = elementsOf(join(at, files[0]));
    expect(textOf(elements, 0x0008103e)).toBe('[RESEARCH] zero-filled reconstruction');
    expect(textOf(elements, 0x0020000d)).not.toBe(brain.dicom?.studyUid);
    expect(textOf(elements, 0x00120062)).toBe('YES');
    expectReadable(at, files);
  });
});

describe('measurements', () => {
  const row = {
    kind: 'length',
    label: 'a',
    slice: 1,
    component: 'image',
    points: [
      [1, 1],
      [9, 9],
    ],
    values: [{ name: 'Length', value: 9.7, unit: 'mm' }],
  };

  test('of a result: the report stands in the study and points at the series beside it', async () => {
    const { at, files } = await exported(it, it.result, 'dicom-sr', { measurements: [row] });
    expect(files).toEqual([
      'measurements.dcm',
      'dicom-image/image-0001.dcm',
      'dicom-image/image-0002.dcm',
      'dicom-image/image-0003.dcm',
    ]);
    const report = readFileSync(join(at, 'measurements.dcm'));
    expect(report.includes(textOf(elementsOf(join(at, files[2])), 0x00080018))).toBe(true);
    expect(report.includes(brain.dicom?.studyUid ?? '?')).toBe(true);
    expect(report.includes('[RESEARCH]')).toBe(true);
    expectReadable(at, files);
  });

  test('of a series: it points at the image of that slice on the screen', async () => {
    const { planes } = await it.library.describe(it.series);
    const { at, files } = await exported(it, it.series, 'dicom-sr', { measurements: [{ ...row, slice: 4 }] });
    expect(files).toEqual(['measurements.dcm']);
    const place =
      brain.geometry?.findIndex(({ position }) =>
        position.every((mm, k) => Math.abs(mm - planes[4].position[k]) < 1e-6),
      ) ?? -1;
    const uid = brain.dicom?.slices[place].instance.sopInstanceUid ?? '?';
    expect(readFileSync(join(at, files[0])).includes(uid)).toBe(true);
  });

  test('none: refused; of a slice that is not there: refused', async () => {
    await expect(exported(it, it.series, 'dicom-sr')).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(exported(it, it.series, 'dicom-sr', { measurements: [{ ...row, slice: 99 }] })).rejects.toMatchObject({
      code: 'mismatch',
    });
  });
});

describe('arrays and pictures', () => {
  test('NIfTI has values, place and label; the sidecar has the warnings', async () => {
    const { at, files } = await exported(it, it.result, 'nifti');
    expect(files).toEqual(['volume-image.nii.gz', 'volume-image.json']);
    const volume = readNifti(new Uint8Array(readFileSync(join(at, files[0]))));
    expect(
      Buffer.from(volume.volume.data.buffer).equals(Buffer.from((await it.library.volume(it.result, 'image')).buffer)),
    ).toBe(true);
    // One affine for all slices: those of this series are up to 0.1 mm from evenly spaced.
    const geometry = brain.geometry?.slice(SLICES.from, SLICES.to) ?? [];
    expect(worstPosition(volume.geometry ?? [], geometry)).toBeLessThan(0.1);
    const sidecar = JSON.parse(readFileSync(join(at, files[1]), 'utf8'));
    expect(sidecar.notice).toContain('not for diagnostic use');
    const record = resultJson.parse((await it.library.describe(it.result)).result);
    expect(sidecar.warnings).toEqual(record.warnings.map(({ code, message }) => ({ code, message })));
    const { gunzipSync } = await import('node:zlib');
    expect(gunzipSync(readFileSync(join(at, files[0]))).includes('RESEARCH USE ONLY')).toBe(true);
  });

  test('NumPy, and a second export beside the first', async () => {
    const { at, files } = await exported(it, it.series, 'npy');
    expect(files).toEqual(['image.npy', 'image.json']);
    const array = readNpy(new Uint8Array(readFileSync(join(at, 'image.npy'))));
    expect(array.shape).toEqual([20, 256, 256]);
  });

  test('PNG of a slice through a window carries its labels as text and nothing of the patient', async () => {
    const picture = { slice: 2, centre: 100, width: 200 };
    const { at, files } = await exported(it, it.result, 'png', { picture });
    expect(files).toEqual(['slice-image-003.png', 'slice-image-003.json']);
    const png = readFileSync(join(at, files[0]));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([256, 256]);
    expect(png.includes('Research use only - not for diagnostic use')).toBe(true);
    expect(png.includes('simulated k-space')).toBe(true);
    await expect(exported(it, it.result, 'png', { picture: { ...picture, slice: 3 } })).rejects.toMatchObject({
      code: 'bad-usage',
    });
    expect((await exported(it, it.result, 'png')).files).toEqual(['slices-image.png', 'slices-image.json']);
  });

  test('the report, as it is', async () => {
    const { at, files } = await exported(it, it.result, 'report');
    expect(files).toEqual(['report.html']);
    expect(
      readFileSync(join(at, 'report.html')).equals(readFileSync(join(it.folder, 'results/made/report.html'))),
    ).toBe(true);
    await expect(exported(it, it.series, 'report')).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('unknown components are named, with those there are', async () => {
    await expect(exported(it, it.result, 'npy', { component: 'std' })).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('image'),
    });
  });
});

describe('downloads', () => {
  test('many files become one archive, and nothing else is left', async () => {
    const { at, files } = await exported(it, it.series, 'dicom-deidentified', { to: undefined });
    expect(files).toEqual(['dicom-deidentified-image.zip']);
    expect(below(at)).toEqual(files);
    const inside = unzipSync(new Uint8Array(readFileSync(join(at, files[0]))));
    expect(Object.keys(inside)).toHaveLength(20);
    expect(Object.keys(inside)[0]).toBe('deidentified/image-0001.dcm');
  });
});

describe('text burned in', () => {
  test('no format lets pixels out until somebody has looked', async () => {
    const folder = join(it.folder, 'burned');
    mkdirSync(folder);
    for (const instance of [1, 2]) {
      const extra = [{ tag: 0x00280301, vr: 'CS', value: 'YES' }];
      const slice = buildDicom(sliceElements({ rows: 8, columns: 8, instance, extra }));
      writeFileSync(join(folder, `${instance}.dcm`), slice);
    }
    const [series] = await it.open(folder);
    for (const format of ['dicom-deidentified', 'nifti', 'npy', 'png']) {
      await expect(exported(it, series, format)).rejects.toMatchObject({
        code: 'untrusted',
        hint: expect.stringContaining('Look at'),
      });
      expect((await exported(it, series, format, { pixelsReviewed: true })).files.length).toBeGreaterThan(0);
    }
  });
});
