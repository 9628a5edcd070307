import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { ImageScan, SliceGeometry } from '../../engine/io/scan.ts';
import { attenuationOf, hounsfieldOf, waterPerMm } from '../../engine/recon/hounsfield.ts';
import type { CtSimulationOptions } from '../../engine/recon/result.ts';
import { cropToFrame, simulateCt } from '../../engine/recon/simulate-ct.ts';
import { stackShape } from '../../engine/recon/stack-shape.ts';
import { engineErrorOf } from '../io/engine-error-of.ts';

const [rows, columns, radius, pixel] = [32, 40, 10, 2];

/** Two slices: a disk of water, and of bone (1000 HU), in air. */
function disks(changes: Partial<ImageScan> = {}): ImageScan {
  const data = new Float32Array(2 * rows * columns).fill(-1000);
  for (let z = 0; z < 2; z++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        if (Math.hypot(y - rows / 2, x - columns / 2) <= radius) data[(z * rows + y) * columns + x] = 1000 * z;
  return {
    kind: 'image',
    format: 'dicom',
    digest: 'ab',
    notes: [],
    modality: 'CT',
    volume: ndarray('float32', [2, rows, columns], data),
    spacingMm: [5, pixel, pixel],
    ...changes,
  };
}

function options(changes: Partial<CtSimulationOptions> = {}): CtSimulationOptions {
  return { angles: 6, arc: 180, geometry: 'parallel', curved: false, noise: 0, ...changes };
}

function stack(step: (k: number) => [number, number, number]): SliceGeometry[] {
  return [0, 1].map((k) => ({ position: step(k), rowCosines: [1, 0, 0], columnCosines: [0, 1, 0] }));
}

describe('Hounsfield units', () => {
  test('there and back; below air there is nothing', () => {
    const hu = Float32Array.of(-1000, -500, 0, 40, 1500);
    const back = hounsfieldOf(attenuationOf(hu, waterPerMm), waterPerMm);
    hu.forEach((value, i) => {
      expect(back[i]).toBeCloseTo(value, 2);
    });
    expect(attenuationOf(Float32Array.of(-3024, 0), 0.02)[0]).toBe(0);
  });
});

describe('simulated line integrals', () => {
  test('the middle ray of every beam crosses the whole disk', () => {
    const beams: Partial<CtSimulationOptions>[] = [
      {},
      { geometry: 'fan', arc: 360 },
      { geometry: 'fan', arc: 360, curved: true },
    ];
    for (const beam of beams) {
      const { measured } = simulateCt(disks(), options(beam), 0);
      const [slices, views, detectors] = measured.sinogram.shape;
      expect([slices, views]).toEqual([2, 6]);
      for (let z = 0; z < 2; z++)
        for (let v = 0; v < views; v++) {
          const at = (z * views + v) * detectors + Math.round(measured.detectorCentre ?? 0);
          // 2·radius·μ, up to the staircase of the rim.
          const chord = measured.sinogram.data[at] / (waterPerMm * (z + 1) * pixel);
          expect(Math.abs(chord - 2 * radius)).toBeLessThan(1.5);
        }
    }
  });

  test('a cone beam: views before rows, the slices in the middle of the panel', () => {
    const { measured } = simulateCt(disks(), options({ geometry: 'cone', arc: 360 }), 0);
    const [views, height] = measured.sinogram.shape;
    expect(views).toBe(6);
    expect(measured.cone).toEqual({ rowSpacingMm: 8.75, rowCentre: (height - 1) / 2, slices: 2 });
  });

  test('carries lengths, water, and the truth on a square with air around it', () => {
    const { measured, reference, frame } = simulateCt(disks(), options(), 0);
    expect(measured).toMatchObject({
      pixelSpacingMm: pixel,
      sliceSpacingMm: 5,
      detectorSpacingMm: pixel,
      waterPerMm,
      imageSize: columns,
      spacingMm: [5, pixel, pixel],
    });
    expect(reference.shape).toEqual([2, columns, columns]);
    expect(frame).toEqual({ top: 4, left: 0, height: rows, width: columns });
    const truth = hounsfieldOf(cropToFrame(reference, frame).data, waterPerMm);
    disks().volume.data.forEach((value, i) => {
      expect(truth[i]).toBeCloseTo(value, 2);
    });
  });

  test('photon noise is that of the seed, and on record', () => {
    const noisy = (seed: number) => simulateCt(disks(), options({ photons: 1e4 }), seed).measured;
    expect(noisy(1).photons).toBe(1e4);
    expect(noisy(1).sinogram.data).toEqual(noisy(1).sinogram.data);
    expect(noisy(1).sinogram.data).not.toEqual(noisy(2).sinogram.data);
    const clean = simulateCt(disks(), options(), 0).measured.sinogram.data;
    const { data } = noisy(1).sinogram;
    let chi = 0;
    for (let i = 0; i < data.length; i++) chi += ((data[i] - clean[i]) ** 2 * 1e4) / Math.exp(clean[i]);
    // Mean of n squares of unit variance: 1 ± 5·√(2/n).
    expect(Math.abs(chi / data.length - 1)).toBeLessThan(5 * Math.sqrt(2 / data.length));
  });
});

describe('refused', () => {
  const complex = ndarray('complex64', [2, rows, columns], new Float32Array(4 * rows * columns));
  const lean = stack((k) => [0, k, 5 * k]);
  test.each<[string, Partial<ImageScan>, Partial<CtSimulationOptions>, object]>([
    ['MR', { modality: 'MR' }, {}, { code: 'mismatch' }],
    ['complex images', { volume: complex }, {}, { code: 'mismatch' }],
    ['oblong pixels', { spacingMm: [5, 2, 1] }, {}, { code: 'unsupported', path: 'pixel spacing' }],
    ['a tilted gantry', { gantryTiltDeg: 12 }, {}, { code: 'unsupported', message: expect.stringContaining('12.0°') }],
    ['a sheared stack', { geometry: lean }, {}, { code: 'unsupported', message: expect.stringContaining('11.3°') }],
    ['a fan without lengths', { spacingMm: undefined }, { geometry: 'fan' }, { code: 'bad-input' }],
    ['a curved parallel beam', {}, { curved: true }, { code: 'bad-usage', path: '--curved' }],
    ['a curved cone beam', {}, { geometry: 'cone', curved: true }, { code: 'bad-usage', path: '--curved' }],
    ['too few photons', {}, { photons: 0.01 }, { code: 'bad-usage', path: '--photons' }],
  ])('%s', (_, changes, beam, expected) => {
    const { spacingMm, ...rest } = { ...disks(), ...changes };
    const scan = spacingMm === undefined ? rest : { ...rest, spacingMm };
    expect(engineErrorOf(() => simulateCt(scan as ImageScan, options(beam), 0))).toMatchObject(expected);
  });
});

describe('the shape of a stack', () => {
  const at = (...depths: number[]): SliceGeometry[] =>
    depths.map((z) => ({ position: [1, 2, z], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0] }));

  test('straight and even, or not', () => {
    expect(stackShape(at(0, 3, 6))).toEqual({ shearDeg: 0, stepMm: 3, leastStepMm: 3, largestStepMm: 3 });
    expect(stackShape(at(0, 3, 6, 12))).toMatchObject({ stepMm: 3, largestStepMm: 6 });
    expect(stackShape(at(0))).toBeUndefined();
  });

  test('uneven slices are told of, and too much for a cone beam', () => {
    const volume = ndarray('float32', [4, 8, 8], new Float32Array(256));
    const scan = disks({ volume, geometry: at(0, 3, 6, 12), spacingMm: [3, 2, 2] });
    expect(simulateCt(scan, options(), 0).measured.notes.join()).toContain('3.00 to 6.00 mm');
    expect(engineErrorOf(() => simulateCt(scan, options({ geometry: 'cone' }), 0))).toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('--geometry fan'),
    });
  });
});
