import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { EngineError } from '../../../engine/errors.ts';
import { parseDicomFile } from '../../../engine/io/dicom/read-file.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import { verifySeries } from '../../../engine/io/dicom/verify-series.ts';
import type { DerivedSeriesOptions } from '../../../engine/io/dicom/write-series.ts';
import { writeDerivedSeries } from '../../../engine/io/dicom/write-series.ts';
import type { SliceGeometry } from '../../../engine/io/scan.ts';
import {
  brain,
  expectClean,
  expectConformant,
  expectSamePixels,
  folderWith,
  fromScan,
  header,
  tag,
  usual,
  worstPosition,
} from './derived-example.ts';
import { folderOf, SHARED_PRESENT, sharedFiles } from './test-folder.ts';

describe('round trip', () => {
  test('an MR series comes back exactly, in the same study, as a new series', async () => {
    const files = writeDerivedSeries(fromScan(brain));
    expect(files.map(({ name }) => name)[0]).toBe('image-0001.dcm');
    const again = await openDicom([folderWith(files)]);
    expectSamePixels(again, brain);
    expect(again.geometry).toEqual(brain.geometry);
    expect(again.spacingMm).toEqual(brain.spacingMm);
    expect(again.dicom?.studyUid).toBe(brain.dicom?.studyUid);
    expect(again.dicom?.frameOfReferenceUid).toBe(brain.dicom?.frameOfReferenceUid);
    expect(again.dicom?.seriesUid).toMatch(/^2\.25\.\d+$/);
    expect(again.dicom?.slices.map(({ instance }) => instance.instanceNumber)).toEqual(
      brain.dicom?.slices.map(({ instance }) => instance.instanceNumber),
    );
    expectClean(files);
  });

  test.skipIf(!SHARED_PRESENT)('CT in every transfer syntax, and an oblique sagittal MR', async () => {
    for (const [name, bytes] of Object.entries(sharedFiles('ct_slice_transfer_syntaxes.zip'))) {
      const scan = await openDicom([folderOf({ [name]: bytes })]);
      const files = writeDerivedSeries(fromScan(scan));
      const again = await openDicom([folderWith(files)]);
      expectSamePixels(again, scan);
      expect(again.geometry).toEqual(scan.geometry);
      expect(header(files[0]).uint16('x00280103')).toBe(1);
      expect(tag(files[0], 'x00281054')).toBe('HU');
      expect(tag(files[0], 'x00080008')).toBe('DERIVED\\SECONDARY\\AXIAL\\DDS');
      expect(tag(files[0], 'x00282110')).toBe(name.includes('4.91') ? '01' : '00');
      expect(tag(files[0], 'x00282112')).toBe(name.includes('4.91') ? '3.80558620289182' : undefined);
      expectClean(files);
    }
    const sagittal = await openDicom([folderOf(sharedFiles('mr_t1_sag_26.zip'))]);
    const files = writeDerivedSeries(fromScan(sagittal));
    const again = await openDicom([folderWith(files)]);
    expectSamePixels(again, sagittal);
    expect(worstPosition(again.geometry ?? [], sagittal.geometry ?? [])).toBeLessThan(1e-3);
    expectClean(files);
  });

  test('float images keep half a step; geometry of any orientation keeps a micrometre', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.boolean(),
        async ([a, b, c], origin, gain, negative) => {
          const [ca, sa, cb, sb, cc, sc] = [
            Math.cos(a),
            Math.sin(a),
            Math.cos(b),
            Math.sin(b),
            Math.cos(c),
            Math.sin(c),
          ];
          const rowCosines: [number, number, number] = [ca * cb, sa * cb, -sb];
          const columnCosines: [number, number, number] = [ca * sb * sc - sa * cc, sa * sb * sc + ca * cc, cb * sc];
          const normal = [ca * sb * cc + sa * sc, sa * sb * cc - ca * sc, cb * cc];
          const geometry = [0, 1].map((k) => ({
            position: origin.map((mm, i) => mm + 3.7 * k * normal[i]) as [number, number, number],
            rowCosines,
            columnCosines,
          }));
          const data = Float32Array.from({ length: 24 }, (_, i) => gain * Math.sin(i) * (negative ? 1 : Math.sin(i)));
          const volume = ndarray('float32', [2, 3, 4], data);
          const options: DerivedSeriesOptions = {
            ...usual,
            volume,
            geometry,
            spacingMm: [3.7, 0.123456789, 1 / 3],
            modality: 'MR',
            kspaceOrigin: true,
          };
          const files = writeDerivedSeries(options);
          const { maxPixelError, maxGeometryErrorMm } = verifySeries(files, options);
          const range = Math.max(...data) - Math.min(0, ...data);
          expect(maxPixelError).toBeLessThanOrEqual((range / 65535) * 0.5001 + range * 1e-6);
          expect(maxGeometryErrorMm).toBeLessThan(1e-6);
          const again = await openDicom([folderWith(files)]);
          expect(worstPosition(again.geometry ?? [], geometry)).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a subset of slices keeps the planes of its own sources', async () => {
    const pixels = 256 * 256;
    const volume = ndarray('float32', [3, 256, 256], new Float32Array(brain.volume.data.slice(5 * pixels, 8 * pixels)));
    const files = writeDerivedSeries(fromScan(brain, { volume, geometry: brain.geometry?.slice(5, 8) ?? [] }));
    const numbers = brain.dicom?.slices.slice(5, 8).map(({ instance }) => String(instance.instanceNumber));
    expect(files.map((file) => tag(file, 'x00200013'))).toEqual(numbers);
    expect(files.map((file) => parseDicomFile(file.bytes).frames[0].geometry)).toEqual(brain.geometry?.slice(5, 8));
  });

  test('another grid gets its own spacing and positions in the same frame of reference', async () => {
    const geometry = brain.geometry?.map((g) => ({
      ...g,
      position: g.position.map((mm) => mm + 0.25) as [number, number, number],
    }));
    const volume = ndarray(
      'float32',
      [20, 2, 2],
      new Float32Array(80).map((_, i) => i),
    );
    const files = writeDerivedSeries(fromScan(brain, { volume, geometry: geometry ?? [], spacingMm: [6, 3, 2] }));
    expect(tag(files[0], 'x00280030')).toBe('3\\2');
    expect(tag(files[0], 'x00180050')).toBe('6');
    expect(tag(files[0], 'x00200052')).toBe(brain.dicom?.frameOfReferenceUid);
    expect(tag(files[0], 'x00201041')).toBeUndefined();
    expectClean(files.slice(0, 2));
  });
});

describe('without a source', () => {
  const volume = ndarray(
    'float32',
    [2, 3, 4],
    Float32Array.from({ length: 24 }, (_, i) => i * 1e-4),
  );
  const kspace = { ...usual, volume, modality: 'MR' as const, kspaceOrigin: true, simulated: false };
  const geometry: SliceGeometry[] = [0, 5].map((z) => ({
    position: [0, 0, z],
    rowCosines: [1, 0, 0],
    columnCosines: [0, 1, 0],
  }));

  test('k-space with geometry becomes MR Image Storage', () => {
    const files = writeDerivedSeries({ ...kspace, geometry, spacingMm: [5, 1, 1], inputDigest: 'aa' });
    expect(tag(files[0], 'x00080016')).toBe('1.2.840.10008.5.1.4.1.1.4');
    expect([tag(files[0], 'x00180020'), tag(files[0], 'x00180021')]).toEqual(['RM', 'NONE']);
    expect(header(files[0]).elements.x00082112).toBeUndefined();
    const scale = header(files[0]).elements.x00409096.items?.[0].dataSet;
    expect(scale?.double('x00409225')).toBeCloseTo(23e-4 / 65535, 12);
    // Two results of one scan share the study.
    const other = writeDerivedSeries({ ...kspace, geometry, spacingMm: [5, 1, 1], inputDigest: 'aa', jobHash: 'ee' });
    expect(tag(other[0], 'x0020000d')).toBe(tag(files[0], 'x0020000d'));
    expect(tag(other[0], 'x0020000e')).not.toBe(tag(files[0], 'x0020000e'));
    expectClean(files);
    expectConformant(files[0]);
  });

  test('k-space without geometry becomes Secondary Capture with a rescale', async () => {
    const files = writeDerivedSeries(kspace);
    expect(tag(files[0], 'x00080016')).toBe('1.2.840.10008.5.1.4.1.1.7');
    expect(tag(files[0], 'x00080064')).toBe('WSD');
    expect(Number(tag(files[0], 'x00281053'))).toBeCloseTo(23e-4 / 65535, 12);
    expect(header(files[0]).elements.x00200032).toBeUndefined();
    const again = await openDicom([folderWith(files)]);
    expect(again.volume.data.every((v, i) => Math.abs(v - volume.data[i]) < 2e-8)).toBe(true);
    expectClean(files);
    expectConformant(files[0]);
  });

  test('contradictions and broken numbers are refused', () => {
    const code = (changes: Partial<DerivedSeriesOptions>): string => {
      try {
        writeDerivedSeries({ ...kspace, ...changes });
      } catch (error) {
        if (error instanceof EngineError) return error.code;
      }
      return 'accepted';
    };
    expect(code({ geometry: geometry.slice(1), spacingMm: [1, 1, 1] })).toBe('mismatch');
    expect(code({ spacingMm: [1, 0, 1] })).toBe('mismatch');
    expect(code({ volume: ndarray('float32', [12, 2], new Float32Array(24)) })).toBe('mismatch');
    expect(code({ volume: ndarray('float32', [1, 1, 2], Float32Array.of(1, Number.NaN)) })).toBe('numerical');
    expect(code({ jobHash: '' })).toBe('bad-usage');
    expect(code({ timestamp: new Date(Number.NaN) })).toBe('bad-usage');
    expect(code({ volume: ndarray('float32', [2, 3, 4], new Float32Array(24)) })).toBe('accepted');
  });
});
