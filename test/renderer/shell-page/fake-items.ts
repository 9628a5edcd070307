/** Items, jobs, priors and solvers of the pretended host. */
import type { ItemDescription, ItemSummary, TagNode } from '../../../main/host/api/item.ts';
import type { JobRecord } from '../../../main/host/api/job.ts';

const patient = { name: 'Doe^Jane', id: '4711', birthDate: '1960-01-01', sex: 'F' };
const study = { date: '2026-03-01', description: 'Brain', institution: 'General Hospital' };

const base = {
  group: 'study1',
  groupTitle: 'Doe, Jane · Brain · 2026-03-01',
  modality: 'MR',
  rows: 256,
  columns: 256,
  thumbnail: true,
  patient,
  study,
  created: null,
  revision: 1,
  problem: null,
} as const;

export const items: readonly ItemSummary[] = [
  {
    ...base,
    id: 'series0001',
    kind: 'series',
    title: 'T1 axial',
    slices: 30,
    bytes: 3_932_160,
    badges: [],
    seriesNumber: 2,
    origin: 'DICOM',
  },
  {
    ...base,
    id: 'series0002',
    kind: 'series',
    title: 'T2 FLAIR coronal with a rather long description of the sequence',
    slices: 24,
    bytes: 3_145_728,
    badges: ['incomplete'],
    seriesNumber: 3,
    origin: 'DICOM',
  },
  {
    ...base,
    id: 'scan000001',
    kind: 'scan',
    group: 'kspace',
    groupTitle: 'measurements',
    title: 'brain_4x.h5',
    slices: 8,
    bytes: 67_108_864,
    badges: ['simulated'],
    seriesNumber: null,
    origin: 'fastMRI',
    patient: null,
    study: null,
    thumbnail: false,
  },
  {
    ...base,
    id: 'broken0001',
    kind: 'series',
    group: 'kspace',
    groupTitle: 'measurements',
    title: 'old.dcm',
    slices: 0,
    rows: 0,
    columns: 0,
    bytes: 1024,
    badges: [],
    seriesNumber: null,
    origin: 'DICOM',
    patient: null,
    study: null,
    thumbnail: false,
    problem: 'Transfer syntax 1.2.840.10008.1.2.4.51 (JPEG extended 12-bit) has no decoder; convert it with dcmdjpeg.',
  },
  {
    ...base,
    id: 'result0001',
    kind: 'result',
    group: 'results',
    groupTitle: 'Results',
    title: 'T1 axial, 4× uniform',
    slices: 30,
    bytes: 7_864_320,
    badges: ['derived', 'simulated'],
    seriesNumber: null,
    origin: 'DDS',
    patient: null,
    study: null,
    created: '2026-11-24T15:00:00Z',
  },
];

export function describe(item: ItemSummary): ItemDescription {
  return {
    ...item,
    components: [
      {
        name: 'image',
        title: 'Image',
        role: 'image',
        format: 'float32',
        unit: 'arbitrary',
        shape: [item.slices, item.rows, item.columns],
        range: [0, 1000],
        window: { centre: 400, width: 800 },
        inverted: false,
        integer: true,
      },
    ],
    planes: [],
    spacingMm: [5, 0.9, 0.9],
    frameOfReference: null,
    thicknessMm: 5,
    transferSyntax: '1.2.840.10008.1.2.1',
    scan: null,
    result: null,
    artifacts: [],
    files: [],
    notes: [],
  };
}

const tag = (code: string, vr: string, name: string, value: string, items: TagNode[][] = []): TagNode => ({
  tag: code,
  vr,
  name,
  value,
  private: /^\(\w{3}[13579BDF]/.test(code),
  items,
});

export const tagsOf = (id: string, slice: number): TagNode[] => [
  tag('(0008,0008)', 'CS', 'ImageType', id === 'result0001' ? 'DERIVED\\SECONDARY\\OTHER\\DDS' : 'ORIGINAL\\PRIMARY'),
  tag('(0008,0060)', 'CS', 'Modality', 'MR'),
  tag(
    '(0008,2112)',
    'SQ',
    'SourceImageSequence',
    '1 item',
    id === 'result0001' ? [[tag('(0008,1155)', 'UI', 'ReferencedSOPInstanceUID', '1.2.3.4')]] : [],
  ),
  tag('(0009,1001)', 'LO', '', 'vendor text'),
  tag('(0010,0010)', 'PN', 'PatientName', 'Doe^Jane'),
  tag('(0018,0050)', 'DS', 'SliceThickness', '5'),
  tag('(0020,0013)', 'IS', 'InstanceNumber', String(slice + 1)),
];

export const job = (change: Partial<JobRecord>): JobRecord => ({
  id: 'j00000001',
  kind: 'reconstruct',
  title: 'DDS of T1 axial',
  state: 'running',
  created: '2026-11-24T15:10:00Z',
  ended: null,
  fraction: 0.42,
  stage: 'sampling',
  step: { index: 21, count: 50 },
  elapsedSeconds: 12,
  remainingSeconds: 17,
  memoryBytes: 600_000_000,
  note: null,
  preview: null,
  curves: {},
  warnings: [],
  result: null,
  downloads: [],
  saved: null,
  error: null,
  rows: [],
  resumable: false,
  output: null,
  ...change,
});

export const priors = [
  {
    name: 'brain-mri',
    title: 'Brain MRI, complex, any contrast',
    summary: 'Denoising of complex-valued brain MR images at every noise level.',
    modality: 'mri',
    licence: 'CC-BY-4.0',
    licenceKnown: true,
    channels: 2,
    parameters: 2_600_000,
    hash: '54744b78f5870dcbcac29010ede3eaeb',
    facts: [
      { name: 'Training data', value: 'Heads in all three planes with synthetic phase.' },
      { name: 'Intended use', value: 'Research on adult brain MRI.' },
      { name: 'Known limits', value: 'Not trained on tumours or implants.' },
    ],
  },
  {
    name: 'imported',
    title: 'Imported checkpoint',
    summary: 'A checkpoint whose origin its owner did not state.',
    modality: 'ct',
    licence: '',
    licenceKnown: false,
    channels: 1,
    parameters: 93_000_000,
    hash: 'aa11bb22cc33dd44',
    facts: [],
  },
];

const parameters = {
  type: 'object',
  properties: { steps: { type: 'integer', default: 50, minimum: 1, maximum: 1000, description: 'Denoising steps' } },
};

export const methods = {
  methods: [
    {
      id: 'dds',
      title: 'DDS',
      summary: 'Decomposed diffusion sampler',
      parameters,
      presets: [{ id: 'fast', title: 'Fast', summary: 'Few steps' }],
      usesPrior: true,
    },
    { id: 'cg-sense', title: 'CG-SENSE', summary: 'Least squares', parameters, presets: [], usesPrior: false },
  ],
  priors: ['brain-mri'],
  defaultMethod: 'dds',
  defaultPrior: 'brain-mri',
  defaultCompare: ['zero-filled', 'cg-sense'],
  needsSimulation: true,
  masks: ['uniform1d', 'gaussian1d'],
};

export const solvers = [
  {
    id: 'phantom-count',
    title: 'Counting phantom',
    group: 'Examples',
    summary: 'Counts bright pixels.',
    citation: 'None.',
    inputs: [{ name: 'image', types: ['image'], required: true, description: 'What is counted' }],
    outputs: [{ name: 'count', type: 'table', description: 'How many' }],
    parameters,
    unavailable: null,
  },
];
