/** Items of the viewer's test page; the same numbers on both sides of the wire. */
import type { Component, ItemDescription, ItemSummary } from '../../../main/host/api/item.ts';

const base = {
  group: 'study1',
  groupTitle: 'Doe, Jane',
  modality: 'MR',
  bytes: 0,
  badges: [],
  thumbnail: false,
  patient: { name: 'Doe^Jane', id: '4711', birthDate: '19600101', sex: 'F' },
  study: { date: '20260301', description: 'Brain', institution: 'General Hospital' },
  seriesNumber: 3,
  origin: 'DICOM',
  created: null,
  revision: 1,
  problem: null,
  frameOfReference: null,
  thicknessMm: 5,
  transferSyntax: null,
  scan: null,
  result: null,
  artifacts: [],
  files: [],
  notes: [],
} satisfies Partial<ItemDescription>;

const component = (shape: [number, number, number], change: Partial<Component>): Component => ({
  name: 'image',
  title: 'Image',
  role: 'image',
  format: 'float32',
  unit: 'arbitrary',
  shape,
  range: [0, 1000],
  window: null,
  inverted: false,
  integer: false,
  ...change,
});

type Kind = 'axial' | 'sagittal';

function planes(kind: Kind, count: number, gap: number, half: number): ItemDescription['planes'] {
  return Array.from({ length: count }, (_, i) =>
    kind === 'axial'
      ? { position: [-half, -half, (i - (count - 1) / 2) * gap], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0] }
      : { position: [(i - (count - 1) / 2) * gap, -half, half], rowCosines: [0, 1, 0], columnCosines: [0, 0, -1] },
  );
}

function series(
  id: string,
  title: string,
  shape: [number, number, number],
  spacing: [number | null, number | null, number | null],
  components: Partial<Component>[],
  change: Partial<ItemDescription> = {},
): ItemDescription {
  return {
    ...base,
    id,
    kind: 'series',
    title,
    slices: shape[0],
    rows: shape[1],
    columns: shape[2],
    spacingMm: spacing,
    planes: [],
    components: components.map((one) => component(shape, one)),
    ...change,
  };
}

const frame = { frameOfReference: '1.2.3' };

export const descriptions: readonly ItemDescription[] = [
  series('head000001', 'T1 axial', [30, 256, 256], [5, 0.9, 0.9], [{}], {
    ...frame,
    planes: planes('axial', 30, 5, 115),
  }),
  series('head000002', 'T1 sagittal', [24, 256, 256], [6, 0.9, 0.9], [{}], {
    ...frame,
    planes: planes('sagittal', 24, 6, 115),
  }),
  series('ramp000001', 'Ramp', [1, 16, 100], [null, null, null], [{ range: [0.001, 0.003] }]),
  series(
    'long000001',
    'CT thorax',
    [256, 512, 512],
    [1.25, 0.7, 0.7],
    [{ range: [-1024, 3071], integer: true, unit: 'HU', window: { centre: 40, width: 400 } }],
    {
      modality: 'CT',
      ...frame,
      planes: planes('axial', 256, 1.25, 179),
    },
  ),
  series('holes00001', 'With gaps', [1, 64, 64], [null, null, null], [{ range: [0, 1] }]),
  series(
    'result0001',
    'Brain, 4× uniform',
    [30, 256, 256],
    [5, 0.9, 0.9],
    [
      { name: 'image', title: 'Reconstruction' },
      { name: 'phase', title: 'Phase', role: 'phase', unit: 'rad', range: [-Math.PI, Math.PI] },
      { name: 'std', title: 'Standard deviation', role: 'uncertainty', range: [0, 60] },
      { name: 'evidence', title: 'Evidence', role: 'evidence', unit: '', range: [0, 1] },
      { name: 'reference', title: 'Reference' },
      { name: 'zero-filled', title: 'Zero-filled' },
      { name: 'cg-sense', title: 'CG-SENSE' },
    ],
    {
      kind: 'result',
      badges: ['derived', 'simulated'],
      origin: 'DDS',
      ...frame,
      planes: planes('axial', 30, 5, 115),
      result: {
        method: 'dds',
        seed: 7,
        parameters: { samples: 4 },
        residual: { relative: 0.041, expected: 0.039 },
        baselines: {
          'zero-filled': { residual: { relative: 0.002, expected: 0.039 } },
          'cg-sense': { residual: null },
        },
        warnings: [
          {
            code: 'prior-size',
            message: 'The image is 256 × 256 pixels, twice the 128 × 128 the prior was trained at.',
            value: 2,
          },
          {
            code: 'acs-small',
            message: 'Coil maps come from only 24 calibration lines and may be inaccurate.',
            value: 24,
          },
        ],
      },
    },
  ),
];

export function summaryOf(item: ItemDescription): ItemSummary {
  const {
    components,
    planes: _p,
    spacingMm,
    frameOfReference,
    thicknessMm,
    transferSyntax,
    scan,
    result,
    artifacts,
    files,
    notes,
    ...summary
  } = item;
  return summary;
}

const inside = (x: number, y: number, cx: number, cy: number, rx: number, ry: number) =>
  ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;

/** A head of 256 × 256 in the plane z of 30; what is called "noise" depends on the place alone. */
function head(z: number, blur: number): Float32Array {
  const side = 256;
  const pixels = new Float32Array(side * side);
  const size = Math.sqrt(Math.max(0.05, 1 - ((z - 14.5) / 17) ** 2));
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let value = 4;
      if (inside(x, y, 128, 128, 88 * size, 112 * size)) value = 700;
      if (inside(x, y, 128, 128, 80 * size, 104 * size)) value = 300 + 40 * Math.sin(x / 9) * Math.cos(y / 11);
      if (inside(x, y, 106, 118, 14 * size, 34 * size) || inside(x, y, 150, 118, 14 * size, 34 * size)) value = 90;
      if (inside(x, y, 150, 180, 7, 7)) value = 620;
      pixels[y * side + x] = value + blur * Math.sin(x * 1.7 + z) * Math.cos(y * 2.1);
    }
  return pixels;
}

let thorax: Float32Array | undefined;

/** Pixels of a slice; undefined for items that are not here. */
export function pixelsOf(id: string, part: string, slice: number): Float32Array | undefined {
  if (id.startsWith('head')) return head(slice, 6);
  if (id === 'ramp000001') return Float32Array.from({ length: 1600 }, (_, i) => 0.001 + (0.002 * (i % 100)) / 99);
  if (id === 'holes00001')
    return Float32Array.from({ length: 4096 }, (_, i) => (i % 64 > 40 && i > 2000 ? Number.NaN : (i % 64) / 63));
  if (id === 'long000001') {
    thorax ??= Float32Array.from({ length: 512 * 512 }, (_, i) => {
      const [x, y] = [i % 512, Math.floor(i / 512)];
      if (!inside(x, y, 256, 256, 220, 170)) return -1000;
      if (inside(x, y, 160, 240, 70, 100) || inside(x, y, 350, 240, 70, 100)) return -800 + ((x * 7 + y * 13) % 60);
      if (inside(x, y, 256, 380, 26, 26)) return 500;
      return 40 + ((x * 5 + y * 3) % 30);
    });
    const pixels = thorax.slice();
    for (let x = 0; x < 512; x++) pixels[(slice + 100) * 512 + x] = 1000;
    return pixels;
  }
  if (id !== 'result0001') return undefined;
  if (part === 'reference') return head(slice, 0);
  if (part === 'zero-filled') return head(slice, 60).map((value) => value * 0.9);
  if (part === 'cg-sense') return head(slice, 35);
  if (part === 'std') return head(slice, 0).map((value, i) => (value > 100 ? 10 + 8 * Math.abs(Math.sin(i / 700)) : 2));
  if (part === 'evidence')
    return head(slice, 0).map((_, i) => 0.5 + 0.5 * Math.sin((i % 256) / 20) * Math.cos(i / 256 / 24));
  if (part === 'phase') return head(slice, 0).map((_, i) => Math.PI * Math.sin(i / 5000));
  return head(slice, 12);
}
