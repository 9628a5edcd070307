/** What an ONNX file is, found by loading it and, where its ends do not say, by running it once on a tiny image. */
import type { InferenceSession } from 'onnxruntime-node';
import { check, EngineError } from '../errors.ts';
import type { OnnxConfig } from './architectures/architecture.ts';
import { embeddedConfig, mergeConfigs } from './embedded-config.ts';
import { type ExternalFile, externalFiles } from './onnx/external-data.ts';
import { readOnnx } from './onnx/read-onnx.ts';
import type { ReferenceConfig } from './reference-config.ts';
import { createInferenceSession, type NetworkSession, openSession } from './session.ts';

/** Sizes that networks with up to six halvings accept; the smallest that works is kept. */
const trialMultiples = [1, 2, 4, 8, 16, 32, 64];
/** Trial images are an odd number of multiples wide, at least this many pixels. */
const trialSide = 24;
const maxTrialNumbers = 2 ** 26;

type End = InferenceSession.ValueMetadata & { isTensor: true };

function tensors(ends: readonly InferenceSession.ValueMetadata[]): End[] {
  return ends.filter((e): e is End => e.isTensor);
}

const describe = (ends: readonly End[]) =>
  ends.map((e) => `${e.name} ${e.type}[${e.shape.join(', ')}]`).join('; ') || 'none';

/** The end the configuration names, or `undefined` when it names none. */
function namedEnd(ends: readonly End[], name: string | undefined, field: string, path: string): End | undefined {
  if (name === undefined) return undefined;
  const found = ends.find((e) => e.name === name);
  check(found !== undefined, () => `the configuration says ${field} = ${name}, the network has ${describe(ends)}`, {
    code: 'mismatch',
    path,
  });
  return found;
}

/** The image input is the named one or the one of rank 4, the time input the other one. */
function pickInputs(inputs: readonly End[], config: ReferenceConfig, path: string): { image: End; time: End } {
  const ofRank4 = inputs.filter((e) => e.shape.length === 4);
  const image =
    namedEnd(inputs, config.onnx_image, 'onnx_image', path) ?? (ofRank4.length === 1 ? ofRank4[0] : undefined);
  const time = namedEnd(inputs, config.onnx_time, 'onnx_time', path) ?? inputs.find((e) => e !== image);
  check(
    image !== undefined &&
      image.shape.length === 4 &&
      inputs.length === 2 &&
      time !== undefined &&
      time.shape.length <= 1,
    () =>
      `the network's inputs are ${describe(inputs)}; an image [batch, channels, height, width] and a time [batch] are needed`,
    {
      code: 'unsupported',
      path,
      hint: 'export it as a function of x and t alone, whatever it is conditioned on fixed',
    },
  );
  check(
    image.type === 'float32' && (time.type === 'float32' || time.type === 'int64'),
    () => `the network's inputs are ${describe(inputs)}; a float32 image and a float32 or int64 time are needed`,
    { code: 'unsupported', path },
  );
  return { image, time };
}

/** The output the configuration names, the only one, or the first that is an image. */
function pickOutput(outputs: readonly End[], config: ReferenceConfig, path: string): End {
  const output =
    namedEnd(outputs, config.onnx_output, 'onnx_output', path) ??
    (outputs.length === 1 ? outputs[0] : outputs.find((e) => e.type === 'float32' && e.shape.length === 4));
  check(
    output !== undefined && output.type === 'float32' && (output.shape.length === 4 || output.shape.length === 0),
    () => `the network's outputs are ${describe(outputs)}; a float32 image is needed`,
    { code: 'unsupported', path },
  );
  return output;
}

function axisSize(end: End, axis: number): number | undefined {
  const value = end.shape[axis];
  return typeof value === 'number' && value > 0 ? value : undefined;
}

/** Whether the network takes two images at once: a batch axis without a size may still be fixed inside the graph. */
async function takesBatches(session: NetworkSession, shape: readonly number[], path: string): Promise<boolean> {
  const [, channels, height, width] = shape;
  try {
    await tryShape(session, [2, channels, height, width], path);
    return true;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return false;
  }
}

/** Runs the network once on zeros; its number of output channels, or `unsupported`. */
async function tryShape(
  session: NetworkSession,
  shape: readonly [number, number, number, number],
  path: string,
): Promise<number> {
  const numbers = shape.reduce((n, s) => n * s, 1);
  check(numbers <= maxTrialNumbers, () => `the network asks for an image of [${shape}]`, { code: 'unsupported', path });
  const result = await session.run(new Float32Array(numbers), shape, new Float32Array(shape[0]).fill(1));
  const channels = result.shape[1];
  const [batch, , height, width] = shape;
  const [b, , h, w] = result.shape;
  const sameSize = result.shape.length === 4 && b === batch && h === height && w === width;
  check(
    result.data.every(Number.isFinite),
    () => 'the network turns an image of zeros into numbers that are not finite',
    { code: 'unsupported', path },
  );
  check(
    sameSize && (channels === shape[1] || channels === 2 * shape[1]),
    () => {
      return `the network turns [${shape}] into [${result.shape}]; the same size with once or twice the channels is needed`;
    },
    { code: 'unsupported', path },
  );
  return channels;
}

export interface OnnxProbe {
  architecture: OnnxConfig;
  /** [height, width], where the file fixes them. */
  size?: [number, number];
  inputs: string;
  outputs: string;
}

/**
 * Names, channels and sizes of an ONNX noise predictor. Throws `bad-input` when ONNX Runtime refuses the file,
 * `unsupported` when it is not a function of an image and a time, `mismatch` when the configuration says otherwise.
 */
export async function probeOnnx(path: string, config: ReferenceConfig = {}): Promise<OnnxProbe> {
  const options = { device: 'cpu', threads: 1 } as const;
  const session = await createInferenceSession(path, options, path);
  const inputs = tensors(session.inputMetadata);
  const outputs = tensors(session.outputMetadata);
  await session.release();
  const { image, time } = pickInputs(inputs, config, path);
  const output = pickOutput(outputs, config, path);
  const inChannels = axisSize(image, 1) ?? config.in_channels;
  check(inChannels !== undefined, () => 'the network does not say how many channels its image has', {
    path,
    hint: 'give in_channels in the configuration',
  });
  check(
    config.in_channels === undefined || config.in_channels === inChannels,
    () => `the configuration says in_channels = ${config.in_channels}, the network has ${inChannels}`,
    {
      code: 'mismatch',
      path,
    },
  );
  const height = axisSize(image, 2);
  const width = axisSize(image, 3);
  const batch = axisSize(image, 0) ?? 1;
  check(batch === 1, () => `the network works on batches of ${batch} only, expected 1 or any`, {
    code: 'unsupported',
    path,
  });
  const multiples =
    height !== undefined || width !== undefined ? [1] : config.size_multiple ? [config.size_multiple] : trialMultiples;
  const ends = {
    image: image.name,
    time: time.name,
    output: output.name,
    timeType: time.type === 'int64' ? 'int64' : 'float32',
  } as const;
  const trial = await openSession(path, ends, options, path);
  try {
    let failure: EngineError | undefined;
    for (const multiple of multiples) {
      const side = multiple * (2 * Math.ceil(trialSide / multiple / 2) + 1);
      const shape = [1, inChannels, height ?? side, width ?? side] as const;
      try {
        const outChannels = await tryShape(trial, shape, path);
        const architecture: OnnxConfig = {
          kind: 'onnx',
          inChannels,
          outChannels,
          ...ends,
          multiple,
          anyBatch: axisSize(image, 0) === undefined && (await takesBatches(trial, shape, path)),
        };
        const fixed = height !== undefined && width !== undefined ? { size: [height, width] as [number, number] } : {};
        return { architecture, ...fixed, inputs: describe(inputs), outputs: describe(outputs) };
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        failure ??= error;
      }
    }
    throw new EngineError('unsupported', failure?.message ?? 'the network accepts no image', { path, cause: failure });
  } finally {
    await trial.release();
  }
}

export interface InspectedOnnx extends OnnxProbe {
  /** The configuration given, over the one in the file's metadata. */
  config: ReferenceConfig;
  /** Data files beside it. */
  external: ExternalFile[];
}

/**
 * Everything about an ONNX file: structure and data files first, so that damage and locations outside its folder are
 * told before the runtime opens anything, then `probeOnnx`.
 */
export async function inspectOnnx(path: string, given: ReferenceConfig): Promise<InspectedOnnx> {
  const contents = await readOnnx(path);
  const external = await externalFiles(path, contents.external);
  const config = mergeConfigs(embeddedConfig(contents.metadata, path), given, path);
  return { ...(await probeOnnx(path, config)), config, external };
}
