/** One ONNX Runtime session: a network evaluated on float32 images. */
import type { InferenceSession } from 'onnxruntime-node';
import { check, EngineError } from '../errors.ts';

export type NetworkDevice = 'cpu' | 'webgpu' | 'cuda';

export interface SessionOptions {
  device: NetworkDevice;
  threads: number;
  /** How the WebGPU provider lays out feature maps; for measurements, the result is the same up to rounding. */
  layout?: 'NCHW' | 'NHWC';
}

export interface SessionEnds {
  /** Names of the image input, the time input and the output. */
  image: string;
  time: string;
  output: string;
  timeType: 'float32' | 'int64';
}

export interface NetworkSession {
  /** x float32 [batch, channels, height, width], t [batch] → data and shape of the output. */
  run(
    x: Float32Array,
    shape: readonly [number, number, number, number],
    t: Float32Array,
  ): Promise<{ data: Float32Array; shape: readonly number[] }>;
  release(): Promise<void>;
}

/** The native library is loaded on first use, inside the process that computes. */
const runtime = () => import('onnxruntime-node');

/**
 * How pool threads wait for the next operation. Waking a sleeping thread takes longer than a small operation, so they
 * spin for about the time such an operation lasts, and within an evaluation only: longer spinning would take the cores
 * from other programs on a busy computer.
 */
const waiting = { intra_op: { allow_spinning: '1', spin_duration_us: '30' }, force_spinning_stop: '1' };

/** What each device runs on; operations a graphics provider lacks go to the CPU. */
function providers({ device, layout }: SessionOptions): InferenceSession.ExecutionProviderConfig[] {
  if (device === 'cpu') return ['cpu'];
  if (device === 'cuda') return ['cuda', 'cpu'];
  return [{ name: 'webgpu', preferredLayout: layout ?? 'NHWC' }, 'cpu'];
}

/** Where the runtime says what went wrong, without the place in its own source files before it. */
const sourcePlace = /^.*?\.(?:cc|cpp|h):\d+ .*? was false\. /;

/** First line of what the runtime said. */
export function runtimeReason(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0].replace(sourcePlace, '');
}

/** How the runtime and its providers word that memory could not be had. */
const outOfMemory = /bad_alloc|failed to allocate|allocation failed|out of memory|not enough memory|OOM\b/i;

export async function createInferenceSession(
  model: string | Uint8Array,
  options: SessionOptions,
  label: string,
): Promise<InferenceSession> {
  const ort = await runtime();
  const settings: InferenceSession.SessionOptions = {
    executionProviders: providers(options),
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    enableMemPattern: true,
    enableCpuMemArena: true,
    intraOpNumThreads: Math.max(1, Math.floor(options.threads)),
    interOpNumThreads: 1,
    // Errors come back as exceptions; the runtime's own lines on stderr would only repeat them.
    logSeverityLevel: 4,
    extra: { session: waiting },
  };
  try {
    return typeof model === 'string'
      ? await ort.InferenceSession.create(model, settings)
      : await ort.InferenceSession.create(model, settings);
  } catch (cause) {
    const reason = runtimeReason(cause);
    const onCpu = options.device === 'cpu';
    throw new EngineError(onCpu ? 'bad-input' : 'resource', `ONNX Runtime cannot load the network: ${reason}`, {
      path: label,
      cause,
      ...(onCpu ? {} : { hint: 'tangent doctor says what the device needs; --device cpu works without' }),
    });
  }
}

export async function openSession(
  model: string | Uint8Array,
  ends: SessionEnds,
  options: SessionOptions,
  label: string,
): Promise<NetworkSession> {
  const { Tensor } = await runtime();
  const session = await createInferenceSession(model, options, label);
  return {
    async run(x, shape, t) {
      const time =
        ends.timeType === 'int64'
          ? new Tensor(
              'int64',
              BigInt64Array.from(t, (v) => BigInt(Math.round(v))),
              [t.length],
            )
          : new Tensor('float32', t, [t.length]);
      let output: InferenceSession.ReturnType[string];
      try {
        const result = await session.run({ [ends.image]: new Tensor('float32', x, [...shape]), [ends.time]: time }, [
          ends.output,
        ]);
        output = result[ends.output];
      } catch (cause) {
        const reason = runtimeReason(cause);
        const full = outOfMemory.test(reason);
        throw new EngineError(full ? 'resource' : 'internal', `the network failed on [${shape}]: ${reason}`, {
          path: label,
          cause,
        });
      }
      const { data, dims } = output;
      check(data instanceof Float32Array, () => `the network returned ${output.type}, expected float32`, {
        path: label,
      });
      return { data, shape: dims };
    },
    release: () => session.release(),
  };
}

/** A session that gives the network one image at a time: for a batch size fixed at 1, or where that is faster. */
export function oneByOne(session: NetworkSession): NetworkSession {
  return {
    async run(x, [batch, channels, height, width], t) {
      const item = channels * height * width;
      const parts: Float32Array[] = [];
      let tail: readonly number[] = [];
      for (let b = 0; b < batch; b++) {
        const { data, shape } = await session.run(
          x.slice(b * item, (b + 1) * item),
          [1, channels, height, width],
          t.slice(b, b + 1),
        );
        parts.push(data);
        tail = shape.slice(1);
      }
      const data = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
      let at = 0;
      for (const part of parts) {
        data.set(part, at);
        at += part.length;
      }
      return { data, shape: [batch, ...tail] };
    },
    release: () => session.release(),
  };
}
