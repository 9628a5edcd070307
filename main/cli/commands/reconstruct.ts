/** `tangent reconstruct INPUT --out DIR`: one scan to one result folder. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import { methodIds } from '../../../engine/recon/pipeline.ts';
import type { ResultJson } from '../../../engine/recon/result-json.ts';
import type { JobInput } from '../../host/job-table.ts';
import { command } from '../command.ts';
import {
  choices,
  commonOptions,
  deviceOptions,
  flag,
  integer,
  real,
  seedOption,
  sliceRange,
  text,
  viewRange,
} from '../option-types.ts';
import { removeTemporary, runJobFor } from '../run-job.ts';
import { looseValue, namedWords } from '../settings.ts';
import {
  ctSimulation,
  ctSimulationOptions,
  modalityOption,
  simulationDefaults,
  simulationOptions,
} from '../simulation-options.ts';
import { pairs, short } from '../table.ts';

const noiseLevel = z.string().transform((value, context) => {
  if (value === 'auto') return 'auto' as const;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(number) && number >= 0) return number;
  context.addIssue(`expected auto or a number not below 0, found "${value}"`);
  return z.NEVER;
});

const centreIndex = z.string().transform((value, context) => {
  if (value === 'auto') return 'auto' as const;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(number) && number >= 0) return number;
  context.addIssue(`expected auto or a detector index not below 0, found "${value}"`);
  return z.NEVER;
});

export const reconstructOptions = z.strictObject({
  out: text().meta({ value: 'DIR', description: 'Result folder; it must not exist yet.' }),
  method: text()
    .default('dds')
    .meta({
      value: 'NAME',
      description: `For MRI ${methodIds('MRI').join(', ')}; for CT ${methodIds('CT').join(', ')}.`,
      standard: 'dds',
    }),
  compare: text().optional().meta({
    value: 'LIST',
    description: 'Other methods to run on the same data and show in the report, comma separated.',
  }),
  prior: text().optional().meta({ value: 'NAME', description: 'Prior, by name or folder.', standard: 'by modality' }),
  steps: integer(1, 1000).optional().meta({ value: 'N', description: 'Sampling steps of dds.' }),
  eta: real(0, 1).optional().meta({ value: 'X', description: 'Share of fresh noise per step, 0 to 1.' }),
  cg: integer(0, 10_000)
    .optional()
    .meta({ value: 'N', description: 'Conjugate-gradient iterations of dds and cg-sense.' }),
  gamma: real(0, 1e12).optional().meta({ value: 'X', description: 'Weight of the data in each step.' }),
  noise: noiseLevel.optional().meta({
    value: 'SIGMA',
    description:
      'Noise per real component in k-space units, of CT per line integral, or auto. When simulating: noise to add, as a fraction of the 0.99 quantile of the image, of CT of the line integrals.',
  }),
  samples: integer(1, 1024)
    .optional()
    .meta({ value: 'K', description: 'Posterior samples; more than one give a mean and a spread.' }),
  batch: integer(1, 4096).optional().meta({ value: 'N', description: 'Images per network call; changes no pixel.' }),
  slices: sliceRange()
    .optional()
    .meta({ value: 'A:B', description: 'Slices A up to but not including B; negative from the end.', standard: 'all' }),
  maps: text().optional().meta({
    value: 'FILE',
    description: 'Coil maps (.npy, .npz), or estimate.',
    standard: 'from the scan, else estimated',
  }),
  reference: text().optional().meta({ value: 'FILE', description: 'Image (.npy, .npz) to compare with.' }),
  format: choices(['dicom', 'nifti', 'npy', 'png'])
    .default(['npy', 'png'])
    .meta({ value: 'LIST', description: 'dicom, nifti, npy, png, comma separated.', standard: 'npy,png' }),
  deidentify: flag('Write the derived DICOM (--format dicom) without identity: PS3.15 Basic Profile.'),
  'preview-every': integer(0, 1000).optional().meta({ value: 'N', description: 'Running estimate every N steps.' }),
  checkpoint: text().optional().meta({
    value: 'DIR',
    description:
      'Save where dds stands there, go on from what is found there, and remove it when the result is written.',
  }),
  'checkpoint-every': integer(1, 1000)
    .optional()
    .meta({ value: 'N', description: 'Save every N steps.', standard: '1' }),
  'max-memory': integer(16, 2 ** 24)
    .optional()
    .meta({
      value: 'MIB',
      description: 'Memory dds may plan with; larger volumes are tiled.',
      standard: 'what is free',
    }),
  set: z
    .array(text())
    .default([])
    .meta({ value: 'P=V', description: 'Any other parameter of the method; may be repeated.', multiple: true }),
  centre: centreIndex.optional().meta({
    value: 'INDEX',
    description: 'CT: detector index of the rotation axis, or auto to find it.',
    standard: 'from the file, else the middle',
  }),
  'image-size': integer(1, 8192)
    .optional()
    .meta({ value: 'N', description: 'CT: image of N × N pixels.', standard: 'what the detector sees' }),
  pixel: real(1e-6, 1e6)
    .optional()
    .meta({ value: 'MM', description: 'CT: width of a pixel.', standard: 'from the file, else a detector element' }),
  views: viewRange()
    .optional()
    .meta({ value: 'A:B:STEP', description: 'CT: measured views to use, B not included.', standard: 'all' }),
  'view-step': integer(1, 100_000).optional().meta({ value: 'N', description: 'CT: use every Nth measured view.' }),
  simulate: flag(
    'Undersample an image that is already reconstructed (DICOM, NIfTI); --coils and the like imply it, --angles means CT.',
  ),
  ...simulationOptions,
  ...ctSimulationOptions,
  ...modalityOption,
  force: flag('Replace an existing result folder.'),
  ...seedOption,
  ...deviceOptions,
  ...commonOptions,
});

export type ReconstructOptions = z.output<typeof reconstructOptions>;
type Options = ReconstructOptions;

/** The options that decide the result, without paths, for result.json and the report. */
function recordOf(given: Options): Record<string, z.core.util.JSONType> {
  const {
    out: _,
    json: _j,
    quiet: _q,
    verbose: _v,
    force: _f,
    threads: _t,
    checkpoint: _c,
    'checkpoint-every': _e,
    'max-memory': _m,
    set,
    slices,
    maps,
    reference,
    format,
    views,
    ...rest
  } = given;
  const record: Record<string, z.core.util.JSONType> = {};
  for (const [name, value] of Object.entries(rest)) if (value !== undefined && value !== false) record[name] = value;
  if (slices !== undefined) record.slices = `${slices.from}:${slices.to === Number.MAX_SAFE_INTEGER ? '' : slices.to}`;
  if (views !== undefined)
    record.views = `${views.from}:${views.to === Number.MAX_SAFE_INTEGER ? '' : views.to}:${views.step}`;
  if (maps !== undefined) record.maps = maps === 'estimate' ? maps : 'MAPS.npy';
  if (reference !== undefined) record.reference = 'REFERENCE.npy';
  if (set.length > 0) record.set = namedWords('set', set);
  // A prior given as a folder is named without the way to it.
  if (typeof record.prior === 'string') record.prior = record.prior.split(/[\\/]/).at(-1) ?? '';
  record.format = format.join(',');
  return record;
}

/** Options other methods have no use for: refused rather than ignored. */
const onlyForDds = [
  ...(['prior', 'steps', 'eta', 'gamma', 'samples', 'batch', 'preview-every'] as const),
  ...(['checkpoint', 'checkpoint-every', 'max-memory'] as const),
];

function checkOptions(given: Options): void {
  if (given['checkpoint-every'] !== undefined && given.checkpoint === undefined)
    throw new EngineError('bad-usage', 'there is no checkpoint folder', {
      path: '--checkpoint-every',
      hint: 'Name one with --checkpoint DIR.',
    });
  if (given.deidentify && !given.format.includes('dicom'))
    throw new EngineError('bad-usage', 'there is no DICOM to de-identify', {
      path: '--deidentify',
      hint: 'Add --format dicom; the other formats carry no identity.',
    });
  if (given.checkpoint !== undefined && resolve(given.checkpoint) === resolve(given.out))
    throw new EngineError('bad-usage', 'the checkpoint folder cannot be the result folder', {
      path: '--checkpoint',
      hint: 'Name another folder.',
    });
  if (given.method === 'dds') return;
  const stray = onlyForDds.find((name) => given[name] !== undefined);
  const wrong = stray ?? (given.cg !== undefined && !['cg-sense', 'cg'].includes(given.method) ? 'cg' : undefined);
  if (wrong !== undefined)
    throw new EngineError(
      'bad-usage',
      `the option is only for ${wrong === 'cg' ? 'dds, cg-sense and cg' : 'dds'}, not for ${given.method}`,
      {
        path: `--${wrong}`,
        hint: `Parameters of ${given.method} are given by --set NAME=VALUE.`,
      },
    );
}

/** Views by range or by step. */
function selectedViews(given: Options) {
  const { views, 'view-step': step } = given;
  if (views !== undefined && step !== undefined)
    throw new EngineError('bad-usage', '--views and --view-step exclude each other', {
      path: '--view-step',
      hint: 'Write --views A:B:STEP.',
    });
  return step === undefined ? views : { from: 0, to: Number.MAX_SAFE_INTEGER, step };
}

function ctReading(given: Options) {
  const { centre, 'image-size': imageSize, pixel: pixelMm } = given;
  const views = selectedViews(given);
  const reading = { centre, imageSize, pixelMm, views };
  return Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined));
}

function addedNoise({ noise }: Options): number | undefined {
  if (noise !== 'auto') return noise;
  throw new EngineError('bad-usage', 'the noise to simulate must be a number, found auto', { path: '--noise' });
}

function simulation(given: Options) {
  const { coils, mask, accel, acs } = given;
  const wanted = given.simulate || [coils, mask, accel, acs].some((value) => value !== undefined);
  if (!wanted) return undefined;
  const noise = addedNoise(given);
  return {
    coils: coils ?? simulationDefaults.coils,
    mask: mask ?? simulationDefaults.mask,
    accel: accel ?? simulationDefaults.accel,
    acs: acs ?? simulationDefaults.acs,
    noise: noise ?? simulationDefaults.noise,
  };
}

/** Everything the job is told but where to read and to write. Throws `bad-usage` for options that exclude each other. */
export function jobSettings(given: Options): Omit<JobInput<'reconstruct'>, 'input' | 'out' | 'force'> {
  checkOptions(given);
  const rays =
    given.angles === undefined
      ? ctSimulation({ ...given, noise: undefined })
      : ctSimulation({ ...given, noise: addedNoise(given) });
  const simulate = rays === undefined ? simulation(given) : undefined;
  const { method, prior, seed, steps, eta, cg, gamma, noise, samples, batch, slices, reference } = given;
  return {
    formats: given.format,
    deidentify: given.deidentify,
    method,
    compare: given.compare === undefined ? undefined : given.compare.split(',').map((name) => name.trim()),
    prior,
    seed,
    steps,
    eta,
    cg,
    gamma,
    noise: simulate === undefined && rays === undefined ? noise : undefined,
    samples,
    batch,
    slices,
    maps: given.maps === 'estimate' ? undefined : given.maps,
    estimateMaps: given.maps === 'estimate',
    reference,
    simulate,
    simulateCt: rays,
    modality: given.modality === undefined ? undefined : given.modality === 'ct' ? 'CT' : 'MR',
    ct: ctReading(given),
    previewEvery: given['preview-every'],
    checkpoint:
      given.checkpoint === undefined
        ? undefined
        : { folder: resolve(given.checkpoint), every: given['checkpoint-every'] ?? 1 },
    maxMemory: given['max-memory'] === undefined ? undefined : given['max-memory'] * 2 ** 20,
    parameters: Object.fromEntries(
      Object.entries(namedWords('set', given.set)).map(([name, value]) => [name, looseValue(value)]),
    ),
    command: { name: 'reconstruct', options: recordOf(given) },
  };
}

export function summary(result: ResultJson, folder: string): string {
  const rows: [string, string][] = [
    ['result', folder],
    ['method', result.method],
    ['prior', result.prior === null ? 'none' : `${result.prior.name} (${result.prior.hash.slice(0, 12)})`],
    ['image', `[${result.shape.join(', ')}]${result.unit === undefined ? '' : `, ${result.unit}`}`],
    ['measured', `${short(100 * result.measured_fraction)} %`],
    [
      'residual',
      `${short(result.residual.relative)}${result.residual.expected === null ? '' : ` (noise level ${short(result.residual.expected)})`}`,
    ],
  ];
  if (result.fit) rows.push(['fit', result.fit.message]);
  if (result.metrics !== undefined) {
    const { psnr, ssim, nmse } = result.metrics;
    rows.push([
      'metrics',
      `PSNR ${psnr === null ? 'infinite' : psnr.toFixed(2)} dB, SSIM ${ssim.toFixed(4)}, NMSE ${short(nmse)}`,
    ]);
  }
  rows.push(['seconds', short(result.seconds.total)], ['files', result.files.join(', ')]);
  return pairs(rows);
}

export const reconstruct = command({
  name: 'reconstruct',
  usage: 'INPUT --out DIR [options]',
  description: 'Reconstructs one scan and writes one result folder. The format is recognised by content, not by name.',
  positionals: [
    {
      name: 'INPUT',
      description: 'fastMRI or ISMRMRD .h5, BART .cfl, .npz, .npy, DICOM file or folder, NIfTI.',
      required: true,
    },
  ],
  options: reconstructOptions,
  examples: [
    'tangent reconstruct scan.h5 --out result',
    'tangent reconstruct series/ --simulate --accel 4 --out result --format dicom',
    'tangent reconstruct sinogram.npz --method fbp --centre auto --out result',
    'tangent reconstruct ct-series/ --angles 60 --out result --format dicom,npy',
  ],
  run: async ({ options: given, positionals }, terminal) => {
    const { out, force } = given;
    const done = await runJobFor(
      terminal,
      'reconstruct',
      { ...jobSettings(given), input: positionals[0], out, force },
      { device: given.device, threads: given.threads, afterKill: removeTemporary(out) },
    );
    for (const warning of done.result.warnings) terminal.note(`warning: ${warning.message}`);
    terminal.print(summary(done.result, done.folder));
    terminal.result({ ...done.result, folder: done.folder });
    return 0;
  },
});
