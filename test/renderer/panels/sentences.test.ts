/** What figures are said to mean, and what a report of a failure holds. */
import { describe, expect, it } from 'vitest';
import { durationText } from '../../../renderer/jobs/duration-text.ts';
import { failureReport, stageText } from '../../../renderer/jobs/job-words.ts';
import { methodRows } from '../../../renderer/reconstruct/method-rows.ts';
import { addShare } from '../../../renderer/reconstruct/prior-share.ts';
import { readRecord } from '../../../renderer/reconstruct/result-record.ts';
import {
  calibrationSentence,
  consistencySentence,
  dataFitSentence,
  evidenceSentence,
  figure,
  replaySentence,
  samplesOf,
  uncertaintySentence,
} from '../../../renderer/reconstruct/result-sentences.ts';
import { job } from '../shell-page/fake-items.ts';

const dataFit = (relative: number, expected: number | null) => dataFitSentence({ residual: { relative, expected } });

describe('data fit', () => {
  it('tells agreement, misfit and overfit by the noise', () => {
    expect(dataFit(0.05, 0.05)).toMatch(/as well as the noise allows/);
    expect(dataFit(0.11, 0.05)).toMatch(/more than the noise allows/);
    expect(dataFit(0.02, 0.05)).toMatch(/part of the noise was fitted/);
    expect(dataFit(0.05, null)).toMatch(/noise level of the data is not known/);
  });
  it('names the parts that stick out', () => {
    const rows = [
      { part: 'centre', residual: 0.3, expected: 0.1 },
      { part: 'edge', residual: 0.1, expected: 0.1 },
    ];
    expect(consistencySentence({ consistency: rows })).toBe('More than twice the noise remains in: centre.');
    expect(consistencySentence({ consistency: rows.slice(1) })).toMatch(/^Every part/);
    expect(consistencySentence({ consistency: [{ part: 'all', residual: 1, expected: null }] })).toMatch(/^Without/);
  });
});

it('weighs the share of the prior by the signal, from air where the unit is HU', () => {
  const sums = { weighted: 0, total: 0 };
  addShare(sums, Float32Array.of(1, 3, Number.NaN), Float32Array.of(1, 0, 1), 0);
  expect(sums).toEqual({ weighted: 1, total: 4 });
  const hu = { weighted: 0, total: 0 };
  addShare(hu, Float32Array.of(-1000, 0), Float32Array.of(1, 0.5), 1000);
  expect(hu).toEqual({ weighted: 500, total: 1000 });
  expect(evidenceSentence(0.25, 'brain-mri')).toMatch(/^75 % .*25 % .*prior brain-mri/);
});

it('calls uncertainty indicative below eight samples, and judges it by the reference', () => {
  expect(uncertaintySentence(4)).toMatch(/indicative/);
  expect(uncertaintySentence(8)).not.toMatch(/indicative/);
  expect(samplesOf({ parameters: { samples: 5 } })).toBe(5);
  expect(samplesOf({ parameters: {} })).toBe(1);
  expect(calibrationSentence(undefined)).toMatch(/^Without a reference/);
  expect(calibrationSentence([{ nominal: 0.68, observed: 0.4 }])).toMatch(/too narrow/);
  expect(calibrationSentence([{ nominal: 0.68, observed: 0.9 }])).toMatch(/wider/);
  expect(calibrationSentence([{ nominal: 0.68, observed: 0.7 }])).toMatch(/agrees/);
});

it('says whether the bytes of a replay agree', () => {
  const files = [{ name: 'image.npy', equal: false }];
  expect(replaySentence({ equal: true, sameInput: true, files })).toMatch(/hashes agree/);
  expect(replaySentence({ equal: false, sameInput: false, files })).toMatch(/do not agree.*image\.npy.*input is not/);
});

it('marks the best figure of every column, of a perfect image too', () => {
  const record = readRecord({
    ...{ tangent: '0', method: 'dds', prior: null, device: 'cpu', threads: 1, modality: 'MR', parameters: {} },
    ...{ seed: 0, nfe: 1, seconds: { sample: 1, total: 1 }, measured_fraction: 1, simulated: false },
    ...{ residual: { relative: 0.1, expected: null }, consistency: [], curve: [], warnings: [], notice: '' },
    ...{ source: { format: '', digest: '' }, metrics: { psnr: null, ssim: 0.9, nmse: 0.01 } },
    baselines: { 'zero-filled': { metrics: { psnr: 20, ssim: 0.95, nmse: 0.02 }, residual: null, nfe: 0 } },
  });
  expect(record).toBeDefined();
  if (record === undefined) return;
  const [main, other] = methodRows(record);
  expect(main).toMatchObject({ main: true, psnr: '∞', best: ['psnr', 'nmse'] });
  expect(other).toMatchObject({ title: 'Zero-filled', best: ['ssim'], residual: '–' });
});

it('writes durations and figures without needless digits', () => {
  expect([0.25, 8.4, 59.7, 125, 3600, 4320, -1].map(durationText)).toEqual([
    '0.3 s',
    '8 s',
    '1 min',
    '2 min 5 s',
    '1 h',
    '1 h 12 min',
    '–',
  ]);
  expect([0, 0.00369184, 123456, 0.00001].map(figure)).toEqual(['0', '0.003692', '1.23e+5', '1.00e-5']);
});

describe('a failure', () => {
  const failed = job({
    state: 'failed',
    title: 'DDS of Jane Doe',
    error: {
      code: 'bad-input',
      message: '/home/user/Doe^Jane/scan.h5: the mask is empty',
      hint: 'Look at C:\\scans\\Doe\\scan.h5 again.',
      path: '/home/user/Doe^Jane/scan.h5',
    },
  });
  it('is reported with code and hint, without titles and paths', () => {
    const report = failureReport(failed, '0.1.0');
    expect(report).toContain('code: bad-input');
    expect(report).toContain('message: FILE: the mask is empty');
    expect(report).not.toMatch(/Doe|home|scans/);
  });
  it('has a stage in words', () => {
    expect(stageText(job({}))).toBe('Sampling, step 21 of 50');
    expect(stageText(job({ state: 'queued' }))).toBe('Waiting for its turn');
  });
});
