/**
 * `tangent bench train-parity`: the same small network trained on the same images by `tangent priors train` and by
 * models/training/train.py, float32, no augmentation, the same held-out images. Both priors are opened alike and
 * measured by one rule, and both start from the same weights: how far so small a network gets depends on its first
 * weights by some 3 % (standard deviation). What differs is the order of the images, the noise, and the arithmetic.
 *
 * Options: --python=INTERPRETER (with torch), --size=64 --steps=1000 --batch=8 --width=8 --lr=0.001 --images=512 --keep=FOLDER.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { fillNormal } from '../../engine/arrays/random.ts';
import { quietContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { loadManifest, loadPrior } from '../../engine/prior/registry.ts';
import { writeSafetensors } from '../../engine/prior/safetensors.ts';
import { alphaBarOf } from '../../engine/prior/schedule.ts';
import { openTrainingImages } from '../../engine/prior/training/images/open-training-images.ts';
import { initialWeights } from '../../engine/prior/training/initialise.ts';
import { trainPrior } from '../../engine/prior/training/train-prior.ts';
import { parseTrainingConfig } from '../../engine/prior/training/training-config.ts';
import { encodePng } from '../../engine/recon/preview-png.ts';
import { openTensors } from '../../engine/tensor/backend.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { tensorBackend } from '../host/tensor-backend.ts';
import { heldOutFile, writeParityTask } from './train-parity-task.ts';

export const summary = 'Validation loss after the same small training, beside the PyTorch recipe.';

const execute = promisify(execFile);
const recipe = fileURLToPath(new URL('../../models/training/', import.meta.url));
const sigmaData = 0.25;
const levels = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3];
const mult = [1, 2, 4];
const blocks = [1, 1, 1];
const embedding = 64;
const decay = 0.3;
/** The two may differ by this share. */
const tolerance = 0.05;

export interface ParityOptions {
  size: number;
  steps: number;
  batch: number;
  width: number;
  lr: number;
  images: number;
  heldOut: number;
}

export interface ParitySide {
  /** Mean over the levels of the loss of the averaged weights. */
  validation: number;
  /** Per level. */
  losses: number[];
  seconds: number;
}

export interface Parity {
  task: ParityOptions & { levels: number[] };
  tangent: ParitySide;
  pytorch?: ParitySide & { torch: string };
  skipped?: string;
  /** Tangent's validation loss over PyTorch's. */
  ratio?: number;
  agrees?: boolean;
}

/** The preconditioned denoiser's loss per level, (σ² + s²)/s² · mean (ε̂ − ε)², on fixed noise. */
async function measure(
  folder: string,
  images: readonly Float32Array[],
  size: number,
  threads: number,
): Promise<number[]> {
  const prior = await loadPrior(folder, { threads });
  const noise = new Float32Array(size * size);
  const losses: number[] = [];
  for (const [j, sigma] of levels.entries()) {
    const alphaBar = alphaBarOf(sigma);
    let sum = 0;
    for (const [i, image] of images.entries()) {
      fillNormal(noise, { seed: 2, sample: i, slice: j, step: 0 });
      const x = image.map((v, k) => Math.sqrt(alphaBar) * v + Math.sqrt(1 - alphaBar) * noise[k]);
      const found = await prior.predictNoise(x, { batch: 1, height: size, width: size }, { t: 0, alphaBar });
      for (let k = 0; k < noise.length; k++) sum += (found.noise[k] - noise[k]) ** 2;
    }
    losses.push((((sigma ** 2 + sigmaData ** 2) / sigmaData ** 2) * sum) / (images.length * size * size));
  }
  await prior.dispose();
  return losses;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Version of torch, or why there is none. */
async function findTorch(python: string | undefined): Promise<{ torch: string } | { skipped: string }> {
  if (python === undefined) return { skipped: 'no --python=INTERPRETER with torch was given' };
  try {
    const { stdout } = await execute(python, ['-c', 'import torch, numpy; print(torch.__version__)']);
    return { torch: stdout.trim() };
  } catch (error) {
    const last = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
    return { skipped: `${python} cannot import torch and numpy: ${last}` };
  }
}

/** Runs a script of the recipe to its end; its words are shown when it fails. */
async function runPython(python: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const env = {
    MALLOC_MMAP_MAX_: '0',
    MALLOC_TRIM_THRESHOLD_: '4000000000',
    MALLOC_TOP_PAD_: '268435456',
    ...process.env,
  };
  const child = spawn(python, args, { cwd: recipe, env: { ...env, PYTHONDONTWRITEBYTECODE: '1' }, signal });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (signal.aborted) throw new EngineError('cancelled', 'cancelled');
  if (code !== 0)
    throw new EngineError(
      'internal',
      `${args[0]} ended with ${code}: ${said.trim().split('\n').slice(-3).join(' | ')}`,
    );
}

async function trainTangent(
  folder: string,
  data: string,
  options: ParityOptions,
  context: BenchContext,
): Promise<number> {
  const { size, steps, batch, width, lr, heldOut } = options;
  const settings = {
    title: 'Parity',
    data: { licence: 'CC0-1.0', provenance: 'generated' },
    complex: false,
    image: { rule: 'none' },
    augment: 'none',
    fit: 'crop',
    planes: { axial: 1, coronal: 0, sagittal: 0 },
    minimumHead: 0,
    maximumAnisotropy: 100,
    validation: { files: [heldOutFile], images: heldOut },
    architecture: { kind: 'film-resunet', width, mult, blocks, embedding },
    ...{ size, steps, batch, lr, decay, levels, sigmaData },
    validateEvery: steps,
    checkpointEvery: steps,
    earlyStop: { patience: 0 },
    seed: context.seed,
  };
  const config = parseTrainingConfig(JSON.stringify(settings), 'parity');
  let shown = 0;
  const quiet = quietContext({
    signal: context.signal,
    threads: context.threads,
    progress: ({ step, note }) => {
      if (step === undefined || step.index < shown) return;
      shown = step.index + steps / 5;
      context.note(`tangent: step ${step.index} of ${step.count}${note === undefined ? '' : `, ${note}`}`);
    },
  });
  const images = await openTrainingImages(data, config, quiet);
  const tensors = await openTensors(tensorBackend(context.device));
  const start = performance.now();
  await trainPrior({ config, images, tensors, out: folder, resume: false, encodePng }, quiet);
  return (performance.now() - start) / 1000;
}

/** Trains and exports with the recipe's own two scripts into `prior`, whose manifest differs in the weights alone. */
async function trainPytorch(
  python: string,
  { data, run, prior, like, first }: { data: string; run: string; prior: string; like: string; first: string },
  options: ParityOptions,
  context: BenchContext,
): Promise<number> {
  const { size, steps, batch, width, lr } = options;
  const values = {
    data,
    out: run,
    size,
    steps,
    batch,
    width,
    lr,
    decay,
    embedding,
    every: steps,
    seed: context.seed,
    init: first,
  };
  const words = Object.entries(values).map(([name, value]) => `--${name}=${value}`);
  const shape = [`--mult=${mult.join(',')}`, `--blocks=${blocks.join(',')}`, '--float32', '--task=folder'];
  const start = performance.now();
  await runPython(python, ['train.py', ...words, ...shape, `--threads=${context.threads}`], context.signal);
  const seconds = (performance.now() - start) / 1000;
  await writeFile(join(prior, 'manifest.json'), await readFile(join(like, 'manifest.json')));
  await runPython(python, ['export.py', `--run=${run}`, `--prior=${prior}`, '--float32'], context.signal);
  return seconds;
}

/** Both trainings and their figures; PyTorch's are absent when there is no interpreter for it. */
export async function benchParity(
  options: ParityOptions,
  python: string | undefined,
  folder: string,
  context: BenchContext,
): Promise<Parity> {
  const { size, images, heldOut } = options;
  const data = join(folder, 'data');
  const held = await writeParityTask(data, { size, count: images, heldOut, seed: context.seed });
  const own = join(folder, 'tangent');
  const side = async (prior: string, seconds: number): Promise<ParitySide> => {
    const losses = await measure(prior, held, size, context.threads);
    return { validation: mean(losses), losses, seconds };
  };
  const tangent = await side(own, await trainTangent(own, data, options, context));
  const task = { ...options, levels };
  const found = await findTorch(python);
  if ('skipped' in found || python === undefined)
    return { task, tangent, skipped: 'skipped' in found ? found.skipped : '' };
  context.note(`PyTorch ${found.torch}: ${options.steps} steps`);
  const prior = await mkdtemp(join(folder, 'pytorch-'));
  const run = join(folder, 'run');
  // The weights `trainPrior` draws for this seed.
  const first = join(folder, 'first.safetensors');
  const { manifest } = await loadManifest(own);
  if (manifest.architecture.kind === 'onnx') throw new EngineError('internal', 'the trained prior is an ONNX file');
  await writeSafetensors(first, initialWeights(manifest.architecture, context.seed));
  const seconds = await trainPytorch(python, { data, run, prior, like: own, first }, options, context);
  const pytorch = { ...(await side(prior, seconds)), torch: found.torch };
  const ratio = tangent.validation / pytorch.validation;
  return { task, tangent, pytorch, ratio, agrees: Math.abs(ratio - 1) <= tolerance };
}

export function formatParity({ task, tangent, pytorch, skipped, ratio, agrees }: Parity): string {
  const row = (name: string, side: ParitySide) =>
    `${[
      name.padEnd(9),
      side.validation.toFixed(4).padStart(9),
      ...side.losses.map((v) => v.toFixed(4).padStart(8)),
    ].join(' ')}  ${side.seconds.toFixed(0)} s`;
  const head = ['', 'mean loss', ...task.levels.map((sigma) => `σ ${sigma}`.padStart(8))];
  return [
    `${task.steps} steps of ${task.batch} images ${task.size}×${task.size}, width ${task.width}; ${task.heldOut} held-out images`,
    `${head[0].padEnd(9)} ${head.slice(1).join(' ')}`,
    row('tangent', tangent),
    ...(pytorch === undefined ? [`pytorch: skipped, ${skipped}`] : [row('pytorch', pytorch)]),
    ...(ratio === undefined
      ? []
      : [`ratio ${ratio.toFixed(3)}: ${agrees ? 'within' : 'NOT within'} ${tolerance * 100} %`]),
  ].join('\n');
}

function number(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= low && value <= high) return value;
  throw new EngineError('bad-usage', `--${name} is "${text}", expected a number from ${low} to ${high}`, {
    path: name,
  });
}

export async function run(args: readonly string[], context: BenchContext): Promise<Parity> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      python: { type: 'string' },
      keep: { type: 'string' },
      size: { type: 'string', default: '64' },
      steps: { type: 'string', default: '1000' },
      batch: { type: 'string', default: '8' },
      width: { type: 'string', default: '8' },
      lr: { type: 'string', default: '0.001' },
      images: { type: 'string', default: '512' },
    },
  });
  const options: ParityOptions = {
    size: number('size', values.size, 16, 512),
    steps: number('steps', values.steps, 1, 1e6),
    batch: number('batch', values.batch, 1, 1024),
    width: number('width', values.width, 1, 256),
    lr: number('lr', values.lr, 1e-9, 1),
    images: number('images', values.images, 1, 65_536),
    heldOut: 16,
  };
  const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'tangent-parity-')));
  try {
    const result = await benchParity(options, values.python, folder, context);
    context.print(formatParity(result));
    return result;
  } finally {
    if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}
