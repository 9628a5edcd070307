/** A prior's network as one file (and, for large ones, a data file beside it) for other programs. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { check } from '../errors.ts';
import { type FileContent, writeFilesAtomic } from '../io/atomic-file.ts';
import { describeNetwork } from './architectures/architecture.ts';
import { configKey, configOf, type ExportAs } from './embedded-config.ts';
import { verifiedWeights } from './load-prior.ts';
import type { Manifest } from './manifest.ts';
import { emitOnnx, protobufLimit } from './onnx/emit-onnx.ts';
import { epsTables } from './onnx/eps-graph.ts';
import type { Encoded } from './onnx/protobuf.ts';
import { loadManifest, priorRoots } from './prior-folder.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';
import type { WeightSource } from './weights.ts';

export interface ExportOptions {
  format: 'onnx' | 'safetensors';
  /** Default: as stored for safetensors, float32 for ONNX. */
  weights?: 'float32' | 'float16' | undefined;
  /** `eps`: the ONNX graph takes x_t and the time index and gives ε̂, whatever the network predicts. */
  as?: ExportAs;
  /** Keeps the weights of an ONNX file in FILE.data beside it; otherwise only where one file would pass 2 GiB. */
  external?: boolean;
  /** Replaces existing files. */
  force?: boolean;
  signal?: AbortSignal;
  roots?: string[];
}

export interface ExportedPrior {
  prior: string;
  /** Files written, the main one first. */
  files: { path: string; bytes: number }[];
  weights: 'float32' | 'float16';
  /** What the numbers mean: name → sentence. */
  conventions: [name: string, meaning: string][];
}

/** Room for the graph itself, which takes a few hundred kilobytes. */
const graphBytes = 16 * 2 ** 20;

/** Whether one ONNX file with these weights inside would pass what its format can hold. */
export function needsExternalData(source: Pick<WeightSource, 'tensors'>, weights: 'float32' | 'float16'): boolean {
  const width = weights === 'float16' ? 2 : 4;
  let bytes = graphBytes;
  for (const { shape } of source.tensors.values()) bytes += shape.reduce((n, s) => n * s, width);
  return bytes > protobufLimit;
}

const streamed =
  (content: Encoded): FileContent =>
  async (write) => {
    for (const chunk of content.chunks) await write(chunk instanceof Uint8Array ? chunk : await chunk.read());
  };

const times = {
  index: 'the time index',
  sigma: 'sigma = sqrt((1 - abar) / abar)',
  'log-sigma': 'ln sigma, sigma = sqrt((1 - abar) / abar)',
  'quarter-log-sigma': 'ln(sigma) / 4, sigma = sqrt((1 - abar) / abar)',
};
const outputs = {
  eps: 'the noise eps',
  x0: 'the clean image x0',
  v: 'v = sqrt(abar) eps - sqrt(1 - abar) x0',
  score: 'the score',
  'denoiser-edm': 'F of the preconditioned denoiser of Karras et al. 2022 (eq. 7)',
};

function conventionsOf(manifest: Manifest, as: ExportAs, multiple: number, learned: boolean): [string, string][] {
  const { schedule, channels, sigmaData } = manifest;
  const { steps, betaStart, betaEnd } = schedule;
  const vp = 'x_t = sqrt(abar) x0 + sqrt(1 - abar) eps';
  const scaled =
    manifest.prediction === 'denoiser-edm'
      ? `x_t / sqrt(1 - abar + abar s^2), s = ${sigmaData}, ${vp}`
      : manifest.parametrisation === 've'
        ? 'x_sigma = x0 + sigma eps'
        : vp;
  const eps = as === 'eps';
  const { rule, quantile, window } = manifest.scale;
  const largest = rule === 'quantile' ? `the ${quantile} quantile` : 'the maximum';
  return [
    ['x', `float32 [batch, ${channels}, height, width], sides multiples of ${multiple}: ${eps ? vp : scaled}`],
    ['t', `float32 [batch]: ${eps ? times.index : times[manifest.timeInput]}`],
    [
      'output',
      `${eps ? outputs.eps : outputs[manifest.prediction]}${learned ? `, then ${channels} channels of variance interpolation` : ''}`,
    ],
    ['schedule', `abar_t = product of (1 - beta), beta linear from ${betaStart} to ${betaEnd} in ${steps} steps`],
    ...(channels === 2 ? [['channels', 'real and imaginary part'] satisfies [string, string]] : []),
    ['scale', rule === 'none' ? 'as it is' : `${largest} of the magnitude of x0 is 1`],
    ...(window === undefined
      ? []
      : [['window', `${window[0]} HU is 0, ${window[1]} HU is 1`] satisfies [string, string]]),
  ];
}

/**
 * Writes a prior's network to `file`: ONNX with inputs `x` [batch, C, height, width] and `t` [batch] and output `eps_v`,
 * in the conventions of the manifest (prediction, timeInput) or as a predictor of ε, or safetensors. Its metadata hold
 * those conventions, so that importing the file gives the same prior. Throws `unsupported` for priors that are ONNX
 * files already, `bad-usage` when the file exists, and as `loadPrior` does.
 */
export async function exportPrior(nameOrFolder: string, file: string, options: ExportOptions): Promise<ExportedPrior> {
  const { format, as = 'network', force = false, signal } = options;
  const { manifest, folder } = await loadManifest(nameOrFolder, options.roots ?? priorRoots());
  const { architecture } = manifest;
  check(architecture.kind !== 'onnx', () => `prior ${manifest.id} is an ONNX file already`, {
    code: 'unsupported',
    path: folder,
    hint: `copy ${manifest.weights.file} from its folder`,
  });
  check(format === 'onnx' || (as === 'network' && options.external !== true), () => 'only ONNX files hold a graph', {
    code: 'bad-usage',
    hint: 'leave out --as and --external, or choose --format onnx',
  });
  const network = describeNetwork(architecture);
  const metadata = { [configKey]: JSON.stringify(configOf(manifest, as)) };
  const atomic = { force, ...(signal === undefined ? {} : { signal }) };
  const source = await openSafetensors(await verifiedWeights(manifest, folder));
  const half = [...source.tensors.values()].every(({ dtype }) => dtype === 'F16');
  const weights = options.weights ?? (half && format === 'safetensors' ? 'float16' : 'float32');
  const written = [file];
  try {
    if (format === 'safetensors')
      await writeSafetensors(file, source, { dtype: weights === 'float16' ? 'F16' : 'F32', metadata, ...atomic });
    else {
      const external = options.external === true || needsExternalData(source, weights);
      const { model, external: data } = emitOnnx(network, source, {
        weights,
        metadata,
        ...(as === 'eps' ? { wrap: epsTables(manifest, manifest.schedule) } : {}),
        ...(external ? { externalName: `${basename(file)}.data` } : {}),
      });
      if (data !== undefined) written.push(`${file}.data`);
      // The data first: the model appears only when they are there.
      const all: [string, FileContent][] = [[file, streamed(model)]];
      if (data !== undefined) all.unshift([`${file}.data`, streamed(data)]);
      await writeFilesAtomic(all, atomic);
    }
  } finally {
    await source.close();
  }
  const files = [];
  for (const path of written) files.push({ path, bytes: (await stat(path)).size });
  const conventions = conventionsOf(manifest, as, network.multiple, network.outputs > network.inputs);
  return { prior: manifest.id, files, weights, conventions };
}
