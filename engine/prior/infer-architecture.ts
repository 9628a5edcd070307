/**
 * Which network a set of named tensors belongs to. Everything shapes can tell is read from them; the rest (head width,
 * attention layout, image size) comes from a configuration or the defaults of the published models. A configuration
 * that contradicts the shapes is an error, by name.
 */
import type { z } from 'zod';
import { check, EngineError } from '../errors.ts';
import { type DescribedArchitecture, describeNetwork } from './architectures/architecture.ts';
import { type FilmResUNetConfig, filmResUNetConfig } from './architectures/film-resunet.ts';
import {
  aapm256,
  fastmri320,
  type GuidedDiffusionConfig,
  guidedDiffusionConfig,
} from './architectures/guided-diffusion.ts';
import { parameterShapes } from './graph.ts';
import type { ReferenceConfig } from './reference-config.ts';
import { checkWeights, type TensorInfo, type WeightSource } from './weights.ts';

export interface Inference {
  architecture: DescribedArchitecture;
  /** One of the published models, when it is one. */
  known?: 'AAPM-256' | 'fastMRI-320';
  /** What was assumed because neither shapes nor configuration say it. */
  assumed: string[];
}

const defaultHeadWidth = 64;
const defaultImageSize = 256;

type Tensors = ReadonlyMap<string, TensorInfo>;

/** Size of one axis of a tensor; `bad-input` by name when the tensor or the axis is missing. */
function axisOf(tensors: Tensors, name: string, axis: number, path: string): number {
  const value = tensors.get(name)?.shape[axis];
  check(value !== undefined, () => `the weights lack ${name}`, { code: 'mismatch', path });
  return value;
}

function parsedConfig<C>(parsed: z.ZodSafeParseResult<C>, path: string): C {
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError('unsupported', `the network cannot be built: ${issue.path.join('.')}: ${issue.message}`, {
    path,
  });
}

function inferFilmResUNet(tensors: Tensors, path: string): FilmResUNetConfig {
  const width = axisOf(tensors, 'head.weight', 0, path);
  const channels = axisOf(tensors, 'head.weight', 1, path);
  const embedding = axisOf(tensors, 'time1.weight', 0, path);
  const stages: string[] = [];
  while (tensors.has(`down_stages.${stages.length}.film.weight`)) stages.push(`down_stages.${stages.length}`);
  stages.push('middle');
  const blocksOf = (stage: string) => {
    let n = 0;
    while (tensors.has(`${stage}.blocks.${n}.conv1.weight`)) n++;
    return n;
  };
  const mult = stages.map((stage) => axisOf(tensors, `${stage}.film.weight`, 0, path) / 2 / width);
  check(mult.every(Number.isInteger), () => `stage widths are not multiples of ${width}`, { code: 'mismatch', path });
  const found = { kind: 'film-resunet', channels, width, mult, blocks: stages.map(blocksOf), embedding };
  return parsedConfig(filmResUNetConfig.safeParse(found), path);
}

/** Levels, residual blocks per level and attention places of a guided-diffusion network. */
function inferGuidedDiffusion(
  tensors: Tensors,
  path: string,
): Omit<GuidedDiffusionConfig, 'headWidth' | 'heads' | 'attentionOrder' | 'imageSize'> {
  const isRes = (name: string) => tensors.has(`${name}.in_layers.0.weight`);
  const isAttention = (name: string) => tensors.has(`${name}.qkv.weight`);
  for (const name of tensors.keys()) {
    const plain = /\.(op|conv)\.(weight|bias)$/.test(name);
    check(!plain, () => `${name} resamples outside residual blocks, which is not supported`, {
      code: 'unsupported',
      path,
    });
    check(name !== 'label_emb.weight', () => 'the network is conditioned on a class label, which is not supported', {
      code: 'unsupported',
      path,
    });
  }
  const width = axisOf(tensors, 'input_blocks.0.0.weight', 0, path);
  const inChannels = axisOf(tensors, 'input_blocks.0.0.weight', 1, path);
  const outChannels = axisOf(tensors, 'out.2.weight', 0, path);
  let blocks = 0;
  while (isRes(`output_blocks.${blocks}.0`)) blocks++;
  // Every level but the last to run ends with an up-sampling residual block after the others.
  const ups = Array.from({ length: blocks }, (_, i) => isRes(`output_blocks.${i}.1`) || isRes(`output_blocks.${i}.2`));
  const levels = ups.filter(Boolean).length + 1;
  check(
    blocks > 0 && blocks % levels === 0 && blocks / levels >= 2,
    () => `${blocks} decoder blocks do not divide into ${levels} levels`,
    { code: 'mismatch', path },
  );
  const perLevel = blocks / levels;
  const mult: number[] = [];
  const attentionFactors: number[] = [];
  for (let level = 0; level < levels; level++) {
    const first = `input_blocks.${1 + level * perLevel}`;
    const channels = axisOf(tensors, `${first}.0.in_layers.2.weight`, 0, path);
    check(channels % width === 0, () => `${first} has ${channels} channels, not a multiple of ${width}`, {
      code: 'mismatch',
      path,
    });
    mult.push(channels / width);
    if (isAttention(`${first}.1`)) attentionFactors.push(2 ** level);
    const film = axisOf(tensors, `${first}.0.emb_layers.1.weight`, 0, path);
    check(
      film === 2 * channels,
      () => `${first}.0.emb_layers.1 has ${film} outputs, expected ${2 * channels} (scale-shift norm)`,
      { code: 'unsupported', path },
    );
  }
  return { kind: 'guided-diffusion', inChannels, outChannels, width, mult, resBlocks: perLevel - 1, attentionFactors };
}

/** Compares what the configuration says with what the shapes say. */
function checkConfig(found: ReturnType<typeof inferGuidedDiffusion>, config: ReferenceConfig, path: string): void {
  const contradict = (name: keyof ReferenceConfig, shapes: unknown) => {
    const said = config[name];
    check(
      said === undefined || JSON.stringify(said) === JSON.stringify(shapes),
      () => `the configuration says ${name} = ${JSON.stringify(said)}, the weights say ${JSON.stringify(shapes)}`,
      {
        code: 'mismatch',
        path,
      },
    );
  };
  contradict('in_channels', found.inChannels);
  contradict('num_channels', found.width);
  contradict('num_res_blocks', found.resBlocks);
  contradict('use_scale_shift_norm', true);
  contradict('resblock_updown', true);
  contradict('class_cond', false);
  // An empty list means the reference's default for the image size; out_channels counts only the noise in some files.
  if (config.channel_mult?.length) contradict('channel_mult', found.mult);
  const learned = found.outChannels === 2 * found.inChannels;
  contradict('learn_sigma', learned);
  if (config.out_channels !== found.inChannels || !learned) contradict('out_channels', found.outChannels);
  if (config.attention_resolutions !== undefined && config.image_size !== undefined) {
    const { image_size: size } = config;
    const reached = found.mult.map((_, level) => 2 ** level);
    const wanted = config.attention_resolutions.map((r) => Math.floor(size / r)).filter((f) => reached.includes(f));
    const same = JSON.stringify([...new Set(wanted)].sort()) === JSON.stringify([...found.attentionFactors].sort());
    check(
      same,
      () =>
        `the configuration puts attention at resolutions ${config.attention_resolutions} of ${size}, the weights at 1/${found.attentionFactors.join(', 1/') || 'none'}`,
      {
        code: 'mismatch',
        path,
      },
    );
  }
}

const sameNetwork = (a: object, b: GuidedDiffusionConfig) =>
  Object.entries(a).every(([key, v]) => JSON.stringify(v) === JSON.stringify(Object(b)[key]));

function completeGuidedDiffusion(tensors: Tensors, config: ReferenceConfig, path: string): Inference {
  const found = inferGuidedDiffusion(tensors, path);
  checkConfig(found, config, path);
  // The MRI model names the factor 20, which is never reached: shapes show none.
  const known = sameNetwork(found, aapm256)
    ? 'AAPM-256'
    : sameNetwork(found, { ...fastmri320, attentionFactors: [] })
      ? 'fastMRI-320'
      : undefined;
  const assumed: string[] = [];
  const assume = <V>(value: V | undefined, fallback: V, what: string): V => {
    if (value === undefined && known === undefined) assumed.push(`${what} ${fallback}`);
    return value ?? fallback;
  };
  const imageSize = assume(config.image_size, known === 'fastMRI-320' ? 320 : defaultImageSize, 'image size');
  const order = assume(config.use_new_attention_order, false, 'new attention order');
  const unset = (v: number | undefined) => (v === undefined || v === -1 ? undefined : v);
  const heads = unset(config.num_head_channels) === undefined ? unset(config.num_heads) : undefined;
  const headWidth =
    heads === undefined ? assume(unset(config.num_head_channels), defaultHeadWidth, 'head width') : defaultHeadWidth;
  const attentionOrder = order ? 'new' : 'legacy';
  const whole = { ...found, imageSize, headWidth, attentionOrder, ...(heads === undefined ? {} : { heads }) };
  const architecture = parsedConfig(guidedDiffusionConfig.safeParse(whole), path);
  return { architecture, assumed, ...(known === undefined ? {} : { known }) };
}

/**
 * Architecture of a weight file. Throws `mismatch` for contradictions and for missing or unknown tensors (by name),
 * `unsupported` for networks of another family.
 */
export function inferArchitecture(
  source: Pick<WeightSource, 'tensors' | 'label'>,
  config: ReferenceConfig = {},
): Inference {
  const { tensors, label } = source;
  let inference: Inference;
  if (tensors.has('input_blocks.0.0.weight')) inference = completeGuidedDiffusion(tensors, config, label);
  else if (tensors.has('head.weight') && tensors.has('time1.weight'))
    inference = { architecture: inferFilmResUNet(tensors, label), assumed: [] };
  else {
    const names = [...tensors.keys()].slice(0, 3).join(', ');
    throw new EngineError('unsupported', `the weights (${names}, …) belong to no network this program knows`, {
      path: label,
      hint: 'guided-diffusion U-Nets and film-resunet are read from weights; export any other network to ONNX',
    });
  }
  checkWeights(parameterShapes(describeNetwork(inference.architecture)), source);
  return inference;
}
