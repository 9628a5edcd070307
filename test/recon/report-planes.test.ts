import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { SliceGeometry } from '../../engine/io/scan.ts';
import { renderReport } from '../../engine/recon/report.ts';
import { planeViews } from '../../engine/recon/report-planes.ts';
import { exampleCommand, exampleResult } from './example-result.ts';

const [slices, rows, columns] = [8, 3, 4];
/** 100 z + 10 y + x */
const image = ndarray(
  'float32',
  [slices, rows, columns],
  Float32Array.from({ length: slices * rows * columns }, (_, i) => {
    return 100 * Math.floor(i / 12) + 10 * (Math.floor(i / 4) % 3) + (i % 4);
  }),
);
const base = { image, sliceIndices: Array.from({ length: slices }, (_, z) => z + 5), spacingMm: [2, 1, 1] } as const;

/** Axial slices going up, in the order of DICOM (left, back) or of RAS. */
function axial(sign: 1 | -1): SliceGeometry[] {
  return Array.from({ length: slices }, (_, z) => ({
    position: [0, 0, 2 * z],
    rowCosines: [sign, 0, 0],
    columnCosines: [0, sign, 0],
  }));
}

describe('planes of a volume', () => {
  test('without geometry: as stored, in the order of the axes', () => {
    const [a, b, c] = planeViews(exampleResult(base));
    expect([a.name, b.name, c.name]).toEqual(['Rows and columns', 'Slices and columns', 'Slices and rows']);
    expect([a.place, b.place, c.place]).toEqual(['slice 9', 'row 1', 'column 2']);
    expect([...a.cut(image).data.subarray(0, 5)]).toEqual([400, 401, 402, 403, 410]);
    expect([...b.cut(image).data.subarray(0, 5)]).toEqual([10, 11, 12, 13, 110]);
    expect([...c.cut(image).data.subarray(0, 4)]).toEqual([2, 12, 22, 102]);
    expect([a.aspect, b.aspect, c.aspect]).toEqual([4 / 3, 4 / 16, 3 / 16]);
  });

  test('with geometry: named, head on top', () => {
    const [a, b, c] = planeViews(exampleResult({ ...base, geometry: axial(1) }));
    expect([a.name, b.name, c.name]).toEqual(['Axial', 'Coronal', 'Sagittal']);
    expect([...a.cut(image).data.subarray(0, 4)]).toEqual([400, 401, 402, 403]);
    expect([...b.cut(image).data.subarray(0, 5)]).toEqual([710, 711, 712, 713, 610]);
  });

  test('stored from right to left and back to front, it is mirrored to be read', () => {
    const [a, , c] = planeViews(exampleResult({ ...base, geometry: axial(-1) }));
    expect([...a.cut(image).data.subarray(0, 5)]).toEqual([423, 422, 421, 420, 413]);
    expect([...c.cut(image).data.subarray(0, 3)]).toEqual([722, 712, 702]);
  });

  test('a few slices are one plane', () => {
    expect(planeViews(exampleResult())).toHaveLength(1);
  });
});

describe('the report of a CT volume', () => {
  const shape = image.shape;
  const hu = ndarray(
    'float32',
    shape,
    image.data.map((value) => value - 400),
  );
  const page = renderReport(
    exampleResult({
      ...base,
      modality: 'CT',
      unit: 'HU',
      image: hu,
      reference: hu,
      evidence: ndarray('float32', shape, new Float32Array(hu.data.length).fill(0.5)),
      std: undefined,
      geometry: axial(1),
      baselines: [],
      beam: {
        ...{ kind: 'parallel', views: 60, measuredViews: 181, arcDeg: 179.1, detectors: 640, curved: false },
        ...{ centre: 295.85, centreFrom: 'data', pixelMm: 1, waterPerMm: 0.0193, photons: null },
        ...{ sourceOriginMm: null, sourceDetectorMm: null },
      },
    }),
    { version: '1', command: exampleCommand },
  );

  test('names the beam, the planes and the windows with their numbers', () => {
    for (const text of [
      '60 views of a parallel beam over 179.1°',
      '60 of 181 measured, over 179.1°',
      'detector 295.9, found from the data',
      'Axial, slice 9',
      'Coronal, row 1',
      'Sagittal, column 2',
      '-1000 to 1500 HU',
      '-160 to 240 HU',
      '500 HU',
      '50 % of this image’s signal',
    ])
      expect(page).toContain(text);
  });

  test('pixels keep their shape in the patient', () => {
    expect(page).toContain('style="aspect-ratio:0.2500"');
  });
});
