import { describe, expect, test } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { makeResultJson, readResultJson } from '../../engine/recon/result-json.ts';
import { exampleCommand, exampleResult } from './example-result.ts';

const extra = { version: '1.2.3', command: exampleCommand, files: ['image.npy', 'result.json'], writeSeconds: 0.5 };

describe('result.json', () => {
  test('has the fields of the contract', () => {
    expect(makeResultJson(exampleResult(), extra)).toMatchObject({
      tangent: '1.2.3',
      method: 'dds',
      prior: { name: 'brain-mri', hash: 'ab'.repeat(32) },
      device: 'cpu',
      parameters: { steps: 20, eta: 0.5 },
      seed: 7,
      shape: [2, 6, 5],
      spacing_mm: [5, 1, 0.9],
      nfe: 20,
      seconds: { load: 0.1, calibrate: 0.2, sample: 3, write: 0.5, total: 0.1 + 0.2 + 3 + 0.01 + 0.5 },
      residual: { relative: 0.021, expected: 0.02 },
      measured_fraction: 0.25,
      metrics: { psnr: 34.5, ssim: 0.95, nmse: 0.002 },
      warnings: [{ code: 'acs-small', value: 4 }],
      files: ['image.npy', 'result.json'],
      source: { digest: 'cd'.repeat(32) },
    });
  });

  test('reads back what it wrote', () => {
    const record = makeResultJson(exampleResult(), extra);
    expect(readResultJson(JSON.stringify(record), 'r/result.json')).toEqual(record);
  });

  test('without reference there are no metrics, an infinite PSNR is null', () => {
    expect(makeResultJson(exampleResult({ metrics: undefined }), extra)).not.toHaveProperty('metrics');
    const perfect = exampleResult({ metrics: { psnr: Number.POSITIVE_INFINITY, ssim: 1, nmse: 0 } });
    expect(makeResultJson(perfect, extra).metrics).toEqual({ psnr: null, ssim: 1, nmse: 0 });
  });

  test('the order of parameters does not change the bytes', () => {
    const [a, b] = [
      { steps: 1, eta: 2 },
      { eta: 2, steps: 1 },
    ].map((parameters) => JSON.stringify(makeResultJson(exampleResult({ parameters }), extra)));
    expect(a).toBe(b);
  });

  test.each([
    ['not JSON', '{', /not JSON/],
    ['another schema', '{"schema": 99}', /schema/],
    ['a field too many', JSON.stringify({ ...makeResultJson(exampleResult(), extra), patient: 'x' }), /patient/],
  ])('refuses %s and names the file', (_, text, message) => {
    const failed = (() => {
      try {
        return readResultJson(text, 'r/result.json');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(failed).toBeInstanceOf(EngineError);
    expect(failed).toMatchObject({ code: 'bad-input', path: 'r/result.json', message: expect.stringMatching(message) });
  });

  test('numbers that are not finite never reach a file', () => {
    const broken = exampleResult({ residual: { relative: Number.NaN, expected: null } });
    expect(() => makeResultJson(broken, extra)).toThrow(/residual.relative/);
  });
});
