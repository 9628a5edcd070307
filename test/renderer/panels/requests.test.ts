/** What a click sends: defaults, simulation, references, and the settings of a batch. */
import { describe, expect, it } from 'vitest';
import { jobRequest } from '../../../main/host/api/job.ts';
import { batchRequest, drySummary, useBatch } from '../../../renderer/batch/batch-draft.ts';
import { buildRequest, defaultDraft, isCt, type MethodList } from '../../../renderer/reconstruct/draft.ts';
import { scanSummary } from '../../../renderer/reconstruct/scan-summary.ts';
import { describe as describeFake, items } from '../shell-page/fake-items.ts';

const parameters = {
  type: 'object',
  properties: {
    preset: { default: 'none', type: 'string', enum: ['none', 'fast'] },
    steps: { default: 50, type: 'integer', minimum: 1, maximum: 1000 },
    samples: { default: 1, type: 'integer' },
  },
};
const methods: MethodList = {
  methods: [
    {
      ...{ id: 'dds', title: 'DDS', summary: '', parameters, usesPrior: true },
      presets: [{ id: 'fast', title: 'Fast', summary: '' }],
    },
    { id: 'cg-sense', title: 'CG-SENSE', summary: '', parameters, usesPrior: false, presets: [] },
  ],
  priors: ['brain-mri'],
  defaultMethod: 'dds',
  defaultPrior: 'brain-mri',
  defaultCompare: ['zero-filled', 'cg-sense'],
  needsSimulation: false,
  masks: ['full', 'uniform1d'],
};
const [series, , scan] = items.map(describeFake);
const options = { device: 'auto' as const, reference: null };

describe('a request', () => {
  it('needs no choice: defaults pass the schema of the host', () => {
    const request = buildRequest(scan, defaultDraft(methods), methods, options);
    expect(request).toEqual({
      ...{ kind: 'reconstruct', item: scan.id, method: 'dds', prior: 'brain-mri', seed: 0, device: 'auto' },
      ...{ compare: ['zero-filled', 'cg-sense'], parameters: {} },
    });
    expect(jobRequest.safeParse(request).success).toBe(true);
  });
  it('simulates a scan where the item is an image, by its modality', () => {
    const needs = { ...methods, needsSimulation: true };
    const mr = buildRequest(series, defaultDraft(needs), needs, options);
    expect(mr.simulate).toEqual({ coils: 8, mask: 'uniform1d', accel: 4, acs: 0.08, noise: 0.01 });
    const ct = buildRequest({ ...series, modality: 'CT' }, defaultDraft(needs), needs, options);
    expect(ct.simulate).toBeUndefined();
    expect(ct.simulateCt).toEqual({ angles: 60, arc: 180, geometry: 'parallel', curved: false, noise: 0.01 });
    expect(jobRequest.safeParse(ct).success).toBe(true);
  });
  it('leaves the prior and samples out for a method that takes none', () => {
    const draft = { ...defaultDraft(methods), method: 'cg-sense', samples: 4 };
    const request = buildRequest(scan, draft, methods, options);
    expect(request).not.toHaveProperty('prior');
    expect(request).not.toHaveProperty('samples');
    expect(request.compare).toEqual(['zero-filled']);
  });
  it('sends preset, samples and given parameters, also those equal to a default the preset may change', () => {
    const draft = { ...defaultDraft(methods), preset: 'fast', samples: 8, parameters: { dds: { steps: 50 } } };
    expect(buildRequest(scan, draft, methods, options)).toMatchObject({
      samples: 8,
      parameters: { preset: 'fast', steps: 50 },
    });
  });
  it('takes a reference only of another item, and only without simulation', () => {
    const draft = defaultDraft(methods);
    const given = { ...options, reference: series.id };
    expect(buildRequest(scan, draft, methods, given).reference).toBe(series.id);
    expect(buildRequest(series, draft, methods, given)).not.toHaveProperty('reference');
    expect(buildRequest(scan, draft, { ...methods, needsSimulation: true }, given)).not.toHaveProperty('reference');
  });
});

describe('a batch', () => {
  const batch = {
    ...useBatch.getState(),
    folder: { handle: 'hfolder0001', name: 'scans' },
    draft: defaultDraft(methods),
  };
  it('waits for its folder, then passes the schema of the host', () => {
    expect(batchRequest({ ...batch, folder: null }, methods, 'cpu')).toBeNull();
    const request = batchRequest(batch, methods, 'cpu');
    expect(jobRequest.safeParse(request).success).toBe(true);
    expect(request?.settings).not.toHaveProperty('simulate');
    expect(batchRequest({ ...batch, simulate: true }, methods, 'cpu')?.settings).toHaveProperty('simulate.accel', 4);
  });
  it('says beforehand what it will do', () => {
    const text = drySummary({ ...batch, watch: true, concurrency: 2 }, { files: 1, folders: 2 });
    expect(text).toContain('“scans” with 1 file and 2 folders at its top');
    expect(text).toContain('2 at a time into the library');
    expect(text).toContain('waits for new scans');
  });
});

describe('the summary of a scan', () => {
  it('says of an image that a scan is simulated first', () => {
    expect(scanSummary(series).sentence).toMatch(/^An MR image series of 30 slices\..*simulated/);
    expect(isCt({ ...series, modality: 'CT' })).toBe(true);
  });
  it('says of k-space how much was measured, with coils and spacing', () => {
    const measured = {
      ...scan,
      scan: {
        ...{ format: 'fastmri', kind: 'kspace', matrix: [64, 64], slices: 1, coils: 4, acceleration: 3.9 },
        mask: { kind: 'columns', measured_fraction: 0.256, acs_lines: 6 },
      },
    };
    const { sentence, facts } = scanSummary(measured);
    expect(sentence).toBe('Undersampled 3.9-fold MRI measurement of 1 slice with 4 coils (fastmri).');
    expect(facts).toContainEqual({ name: 'Sampling', value: '25.6 %, whole columns, 6 lines in the centre' });
    expect(facts).toContainEqual({ name: 'Coils', value: '4 coils, maps will be estimated' });
    expect(facts).toContainEqual({ name: 'Spacing', value: '0.9 mm pixels, slices 5 mm apart' });
  });
  it('knows a sinogram from k-space', () => {
    const sinogram = { ...scan, scan: { kind: 'sinogram', angles: { count: 60, first_deg: 0, last_deg: 177 } } };
    expect(isCt(sinogram)).toBe(true);
    expect(scanSummary(sinogram).facts).toContainEqual({ name: 'Views', value: '60, 0° to 177°' });
  });
});
