import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { createRandom } from '../../engine/arrays/random.ts';
import type { SliceGeometry } from '../../engine/io/scan.ts';
import { fitModel } from '../../engine/prior/fit/fit-model.ts';
import { renderReport } from '../../engine/recon/report.ts';
import { fitWarnings, resultFit } from '../../engine/recon/result-fit.ts';
import { makeResultJson, readResultJson } from '../../engine/recon/result-json.ts';
import { face, grid } from '../prior/fit/drawn-images.ts';
import { exampleCommand, exampleResult } from './example-result.ts';

const random = createRandom(2);
const model = fitModel(
  Array.from({ length: 40 }, (_, i) => face(random, String(i % 8))),
  { copies: 1 },
);
const imageOf = ({ data, height, width }: { data: Float32Array; height: number; width: number }) =>
  ndarray('float32', [1, height, width], data);
const nifti: SliceGeometry = { position: [0, 0, 0], rowCosines: [-1, 0, 0], columnCosines: [0, -1, 0] };
const good = resultFit('faces', { model }, imageOf(face(random)), undefined, 1.01);
const bad = resultFit('faces', { model }, imageOf(grid(random)), [nifti]);
const extra = { version: '1.0.0', command: exampleCommand, files: [], writeSeconds: 0 };

describe('the fit of a result', () => {
  test('a face fits without a warning, a grid is warned about with the number', () => {
    expect(good).toMatchObject({ prior: 'faces', verdict: 'typical', parts: { noisePower: 1.01 } });
    expect(fitWarnings(good)).toEqual([]);
    const [warning] = fitWarnings(bad);
    expect(warning).toMatchObject({ code: 'fit-unlike', value: 100 });
    expect(warning.message).toContain('may be wrong anatomy');
    expect(bad.orientation.expected).toBe('upside-down');
  });
  test('without a fit model nothing is known, and nothing is warned about', () => {
    const unknown = resultFit('other', undefined, imageOf(face(random)), undefined);
    expect(unknown).toMatchObject({ score: null, percentile: null, verdict: 'unknown' });
    expect(unknown.message).toContain('no fit model');
    expect(fitWarnings(unknown)).toEqual([]);
  });
  test('goes through result.json unchanged; null for methods without a prior; absent in older results', () => {
    const record = makeResultJson(exampleResult({ fit: bad }), extra);
    expect(readResultJson(JSON.stringify(record), 'result.json').fit).toEqual(bad);
    const plain = makeResultJson(exampleResult(), extra);
    expect(plain.fit).toBeNull();
    const { fit: _, ...older } = plain;
    expect(readResultJson(JSON.stringify(older), 'result.json').fit).toBeUndefined();
  });
  test('is a row of the report', () => {
    const options = { version: '1.0.0', command: exampleCommand };
    expect(renderReport(exampleResult({ fit: bad }), options)).toMatch(
      /Fit to the prior<\/dt><dd>unlike, percentile 100/,
    );
    expect(renderReport(exampleResult(), options)).not.toContain('Fit to the prior');
  });
});
