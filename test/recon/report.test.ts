import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePng } from '../../engine/recon/preview-png.ts';
import { quantile, robustWindow, toLevels } from '../../engine/recon/preview-window.ts';
import { commandLine } from '../../engine/recon/provenance.ts';
import { renderReport } from '../../engine/recon/report.ts';
import { heatPalette } from '../../engine/recon/report-colours.ts';
import { residualCurve } from '../../engine/recon/report-curve.ts';
import { priorShare } from '../../engine/recon/report-images.ts';
import { exampleCommand, exampleResult } from './example-result.ts';

const options = { version: '1.2.3', command: exampleCommand };

describe('report.html', () => {
  const page = renderReport(exampleResult(), options);

  test('is self-contained: no script, no address outside the page', () => {
    expect(page).not.toMatch(/<script|javascript:|@import|url\((?!data:)|(src|href)="(?!data:)/i);
    expect(page).not.toMatch(/https?:/);
    expect(page).toContain("default-src 'none'; img-src data:");
  });

  test('says what it is not for, names method, prior, seed, and shows the warnings', () => {
    for (const text of [
      'Research use only – not for diagnostic use',
      'Decomposed Diffusion Sampler',
      'brain-mri',
      'Only 4 calibration lines were found',
      'Zero-filled',
      '34.50',
      'Error, ×5',
      'Evidence: measured, or supplied by the prior',
      'Standard deviation',
      'tangent reconstruct INPUT --out DIR --method dds --seed 7 --simulate',
    ])
      expect(page).toContain(text);
  });

  test('has a described picture for each method, the errors, the maps and every slice', () => {
    const pictures = [...page.matchAll(/<img [^>]*>/g)].map(([tag]) => tag);
    // 2 methods + reference, 2 errors, evidence, spread, 2 thumbnails, and the 3 colour bars.
    expect(pictures).toHaveLength(3 + 2 + 1 + 1 + 2 + 3);
    for (const tag of pictures) expect(tag).toMatch(/alt="[^"]+"/);
  });

  test('does not depend on the clock', () => {
    const slow = exampleResult({ seconds: { load: 9, calibrate: 9, sample: 99 } });
    expect(renderReport(slow, options)).toBe(page);
    expect(renderReport(slow, { ...options, times: true })).toContain('99.0');
  });

  test('escapes everything that comes from outside', () => {
    const evil = '<img src=x onerror=alert(1)>"&\'';
    const result = exampleResult({
      methodTitle: evil,
      prior: { name: evil, hash: evil },
      warnings: [{ code: 'x', message: evil }],
      parameters: { [evil]: evil },
      source: { format: evil, kind: 'kspace', digest: evil },
    });
    const written = renderReport(result, { ...options, command: { name: 'reconstruct', options: { method: evil } } });
    expect(written).not.toContain('<img src=x');
    expect(written).not.toContain(evil);
    expect(written).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&amp;&#39;');
  });

  test('names the parts of the data that are not explained', () => {
    const consistency = [
      { part: 'centre', residual: 0.05, expected: 0.02 },
      { part: 'edge', residual: 0.02, expected: 0.02 },
    ];
    const written = renderReport(exampleResult({ consistency }), options);
    expect(written).toContain('More than twice the noise remains in: centre.');
    const bad = exampleResult({ residual: { relative: 0.1, expected: 0.02 } });
    expect(renderReport(bad, options)).toContain('worse than the noise allows');
  });

  test('leaves out what there is not', () => {
    const bare = exampleResult({
      std: undefined,
      evidence: undefined,
      reference: undefined,
      metrics: undefined,
      calibration: undefined,
      prior: undefined,
      warnings: [],
      curve: [],
      baselines: [],
      residual: { relative: 0.1, expected: null },
    });
    const written = renderReport(bare, options);
    for (const text of ['Evidence', 'Standard deviation', 'Error, ×5', 'role="alert"', '<svg', 'Methods compared'])
      expect(written).not.toContain(text);
    expect(written).toContain('The noise level is not known');
  });
});

describe('pictures', () => {
  test('a PNG decodes to its pixels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (width, height, seed) => {
        const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * 31 + seed) % 256);
        const png = Buffer.from(encodePng({ width, height, pixels }));
        expect(png.subarray(1, 4).toString()).toBe('PNG');
        expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([width, height, 8, 0]);
        const length = png.readUInt32BE(33);
        expect(png.subarray(37, 41).toString()).toBe('IDAT');
        const rows = inflateSync(png.subarray(41, 41 + length));
        const decoded = new Uint8Array(width * height);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            decoded[y * width + x] = rows[y * (width + 1) + 1 + x] + (x === 0 ? 0 : decoded[y * width + x - 1]);
        expect(decoded).toEqual(pixels);
      }),
    );
  });

  test('a picture of the wrong size is refused with both numbers', () => {
    expect(() => encodePng({ width: 3, height: 3, pixels: new Uint8Array(8) })).toThrow(/needs 9 pixels, found 8/);
  });

  test('quantiles and windows of known data', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => 999 - i);
    expect(quantile(values, 0.25)).toBe(250);
    expect(robustWindow(values)).toEqual({ low: 0, high: 997 });
    expect(robustWindow(new Float32Array(10))).toEqual({ low: 0, high: 1 });
    expect([...toLevels(Float32Array.of(-1, 0, 0.5, 1, 2, Number.NaN), { low: 0, high: 1 })]).toEqual([
      0, 0, 128, 255, 255, 0,
    ]);
  });

  test('the heat map grows lighter at every step, so it survives a grey print', () => {
    const luminance = (i: number) => {
      const [r, g, b] = heatPalette.subarray(3 * i, 3 * i + 3);
      return 0.2126 * r ** 2.2 + 0.7152 * g ** 2.2 + 0.0722 * b ** 2.2;
    };
    for (let i = 8; i < 256; i += 4) expect(luminance(i)).toBeGreaterThan(luminance(i - 4));
  });

  test('the share of the prior is weighted by the signal', () => {
    const { image, evidence } = exampleResult();
    if (evidence === undefined) throw new Error('the example has an evidence map');
    const one = { ...evidence, data: evidence.data.map(() => 1) };
    expect(priorShare(image, one)).toBe(1);
    const half = { ...evidence, data: evidence.data.map((_, i) => (image.data[i] > 5 ? 1 : 0)) };
    const total = image.data.reduce((a, b) => a + b);
    const large = image.data.filter((v) => v > 5).reduce((a, b) => a + b);
    expect(priorShare(image, half)).toBeCloseTo(large / total, 12);
  });
});

describe('residual curve', () => {
  test('draws a falling line for falling residuals and the noise level', () => {
    const svg = residualCurve(exampleResult().curve, 0.02);
    const path = /class="after" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)/.exec(svg);
    expect(Number(path?.[4])).toBeGreaterThan(Number(path?.[2]));
    expect(svg).toContain('noise level');
    expect(createHash('sha256').update(svg).digest('hex')).toBe(
      createHash('sha256').update(residualCurve(exampleResult().curve, 0.02)).digest('hex'),
    );
  });

  test('is left out when there is nothing to draw', () => {
    expect(residualCurve([], null)).toBe('');
    expect(residualCurve(exampleResult().curve.slice(0, 1), null)).toBe('');
  });
});

describe('command line of a result', () => {
  test('quotes what a shell would split', () => {
    expect(
      commandLine({ name: 'solve', options: { method: "a b'c", set: { rho: 2, list: [1, 2] }, json: false } }),
    ).toBe("tangent solve INPUT --out DIR --method 'a b'\\''c' --set rho=2 --set list=1,2");
  });
});
