import { describe, expect, test } from 'vitest';
import { curveSvg } from '../../../engine/prior/training/curve.ts';
import { denoisingPsnr, type LogRow, logCsv, meanLoss } from '../../../engine/prior/training/log.ts';

const levels = [0.01, 0.5, 1, 3];
const rows: LogRow[] = [
  { step: 0, seconds: 0.2, loss: null, lr: null, validation: 1, psnr: [39.994, 11.589, 10.68, 10.38] },
  { step: 250, seconds: 382.6, loss: 0.3752, lr: 5e-4, validation: 0.4, psnr: [41.2, 21.59, 19.18, 16.02] },
];

test('log.csv has the form of the PyTorch recipe’s, character by character', () => {
  expect(logCsv(levels, rows)).toBe(
    [
      'step,seconds,loss,lr,psnr_0.01,psnr_0.5,psnr_1.0,psnr_3.0',
      '0,0,,,39.99,11.59,10.68,10.38',
      '250,383,0.37520,5.00e-04,41.20,21.59,19.18,16.02',
      '',
    ].join('\r\n'),
  );
});

test.each([
  [1.5e-12, '1.50e-12'],
  [0, '0.00e+00'],
  [1, '1.00e+00'],
])('learning rate %f is written %s', (lr, text) => {
  const [, line] = logCsv([1], [{ ...rows[1], lr, psnr: [0] }]).split('\r\n');
  expect(line.split(',')[3]).toBe(text);
});

test('PSNR is that of the summed channels', () => {
  expect(denoisingPsnr(0.01, 1)).toBeCloseTo(20, 12);
  // Two channels of error 0.005 each are a complex error of 0.01.
  expect(denoisingPsnr(0.005, 2)).toBeCloseTo(20, 12);
});

test('the mean loss weighs every level alike', () => {
  const level = { level: { t: 0, alphaBar: 0.5 }, sigma: 1, mse: 0 };
  expect(
    meanLoss([
      { ...level, loss: 1 },
      { ...level, loss: 4 },
    ]),
  ).toBe(2.5);
});

describe('curve.svg', () => {
  test('has one line per level that ends at its last value', () => {
    const svg = curveSvg(levels, rows);
    expect(svg.match(/<polyline /g)).toHaveLength(4);
    for (const label of ['σ = 0.01: 41.2', 'σ = 3: 16.0']) expect(svg).toContain(label);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test.each([
    [[]],
    [[rows[0]]],
    [[{ ...rows[0], psnr: [Number.NaN, 1, 1, Number.POSITIVE_INFINITY] }]],
  ])('is a picture for any rows', (given) => {
    const svg = curveSvg(levels, given);
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
