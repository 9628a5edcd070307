/** A Prior whose ε̂ comes from a network session. */
import { check, EngineError } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import { cropCombine, paddedSize, padScaled } from './padding.ts';
import { precondition } from './preconditioning.ts';
import type { BatchShape, NoiseLevel, NoisePrediction, Prior } from './prior.ts';
import type { NetworkSession } from './session.ts';

function checkInput(x: Float32Array, channels: number, shape: BatchShape, manifest: Manifest): void {
  const { batch, height, width } = shape;
  const whole = [batch, height, width].every((n) => Number.isSafeInteger(n) && n > 0);
  check(
    whole && x.length === batch * channels * height * width,
    () => {
      return `prior ${manifest.id} needs [${batch}, ${channels}, ${height}, ${width}] numbers, found ${x.length}`;
    },
    { code: 'mismatch' },
  );
  const [h, w] = manifest.size;
  check(
    !manifest.fixedSize || (height === h && width === w),
    () => {
      return `prior ${manifest.id} works on ${h}×${w} images only, found ${height}×${width}`;
    },
    { code: 'mismatch', hint: 'pad or crop the image, or choose another prior' },
  );
}

function allFinite(data: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * 0;
  return sum === 0;
}

/** Wraps a session by its manifest: input scaling, time, padding to the network's multiple, and ε̂ from its output. */
export function networkPrior(manifest: Manifest, session: NetworkSession, multiple: number, outputs: number): Prior {
  const { channels } = manifest;
  let disposed = false;

  async function predictNoise(
    x: Float32Array,
    shape: BatchShape,
    level: NoiseLevel,
    signal?: AbortSignal,
  ): Promise<NoisePrediction> {
    check(!disposed, () => `prior ${manifest.id} was already disposed`, { code: 'internal' });
    if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
    checkInput(x, channels, shape, manifest);
    const { batch } = shape;
    const { inputFactor, time, keep, network } = precondition(manifest, level);
    const padded = paddedSize(shape, multiple);
    const input = padScaled(x, batch * channels, shape, padded, inputFactor);
    const dims = [batch, channels, padded.height, padded.width] as const;
    const result = await session.run(input, dims, new Float32Array(batch).fill(time));
    const expected = batch * outputs * padded.height * padded.width;
    check(
      result.data.length === expected,
      () => {
        return `prior ${manifest.id} returned [${result.shape}], expected [${batch}, ${outputs}, ${padded.height}, ${padded.width}]`;
      },
      { code: 'mismatch' },
    );
    if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
    const plane = padded.height * padded.width;
    check(
      allFinite(result.data),
      () => `prior ${manifest.id} returned numbers that are not finite at time index ${level.t}`,
      {
        code: 'numerical',
      },
    );
    if (outputs === channels) {
      return { noise: cropCombine(x, keep, result.data, network, batch * channels, shape, padded) };
    }
    // Learned variance: the first half of the output channels is the prediction, the second the interpolation v.
    const half = (which: 0 | 1): Float32Array => {
      const out = new Float32Array(batch * channels * plane);
      for (let b = 0; b < batch; b++) {
        const start = (b * outputs + which * channels) * plane;
        out.set(result.data.subarray(start, start + channels * plane), b * channels * plane);
      }
      return out;
    };
    return {
      noise: cropCombine(x, keep, half(0), network, batch * channels, shape, padded),
      variance: cropCombine(x, 0, half(1), 1, batch * channels, shape, padded),
    };
  }

  return {
    name: manifest.id,
    channels,
    variance: manifest.priorVar,
    hash: manifest.weights.sha256,
    scaleRule: manifest.scale.rule,
    ...(manifest.scale.window ? { window: manifest.scale.window } : {}),
    predictNoise,
    async dispose() {
      if (disposed) return;
      disposed = true;
      await session.release();
    },
  };
}
