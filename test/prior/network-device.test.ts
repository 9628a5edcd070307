/** Networks on every device present, against float64 sums written out layer by layer. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filmResUNet } from '../../engine/prior/architectures/film-resunet.ts';
import { guidedDiffusion } from '../../engine/prior/architectures/guided-diffusion.ts';
import { loadPrior, openPriorNetwork } from '../../engine/prior/load-prior.ts';
import { collect, emitOnnx } from '../../engine/prior/onnx/emit-onnx.ts';
import { probeNetworkDevice } from '../../engine/prior/probe-device.ts';
import { type NetworkDevice, openSession } from '../../engine/prior/session.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import { plainFilmResUNet } from './plain-film-resunet.ts';
import { tinyConfig, tinyExpected, tinyImage, tinyTensors } from './reference-network.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { tinyFilmConfig, tinyFilmTensors, writeTinyPrior } from './tiny-prior.ts';

/** Where Debian's chromium keeps a Vulkan driver that runs on the processor. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (process.env.VK_DRIVER_FILES === undefined && existsSync(swiftShader)) process.env.VK_DRIVER_FILES = swiftShader;

const folder = temporaryFolder();
const ends = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' } as const;
const image = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(0.37 * i) + 0.3 * Math.cos(1.1 * i));

async function whyNot(device: NetworkDevice): Promise<string | undefined> {
  if (device === 'cpu') return undefined;
  try {
    await probeNetworkDevice(device);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** ‖a − b‖ / ‖b‖. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Two images [2, 2, 16, 20] and what the tiny film-resunet makes of them at two times, in float64. */
const batch = { x: image(2 * 2 * 16 * 20), shape: [2, 2, 16, 20] as const, t: Float32Array.of(-1.4, 0.7) };
function plainBatch(): Float64Array {
  const item = batch.x.length / 2;
  const out = new Float64Array(2 * item);
  batch.t.forEach((t, b) => {
    const data = Float64Array.from(batch.x.subarray(b * item, (b + 1) * item));
    out.set(plainFilmResUNet(tinyFilmConfig, tinyFilmTensors(), { c: 2, h: 16, w: 20, data }, t).data, b * item);
  });
  return out;
}

for (const device of ['cpu', 'webgpu', 'cuda'] as const) {
  const reason = await whyNot(device);
  if (reason !== undefined) console.log(`networks on ${device} are not tested: ${reason}`);
  // Graphics devices round sines, sigmoids and fused products more coarsely than the processor.
  const coarse = device !== 'cpu';
  const tolerance = coarse ? 1e-4 : 1e-6;

  describe.skipIf(reason !== undefined)(`networks on ${device}`, () => {
    it('compute a film-resunet', async () => {
      const model = await collect(emitOnnx(filmResUNet(tinyFilmConfig), memoryWeights(tinyFilmTensors())).model);
      const session = await openSession(model, ends, { device, threads: 1 }, 'test');
      for (const time of ['the first time', 'again']) {
        const { data, shape } = await session.run(batch.x, batch.shape, batch.t);
        expect(shape, time).toEqual([...batch.shape]);
        expect(relativeError(data, plainBatch()), time).toBeLessThan(tolerance);
      }
      await session.release();
    });

    it('compute a guided-diffusion network with attention as PyTorch does', async () => {
      const model = await collect(emitOnnx(guidedDiffusion(tinyConfig), memoryWeights(tinyTensors())).model);
      const session = await openSession(model, ends, { device, threads: 1 }, 'test');
      const { data } = await session.run(tinyImage(), [1, 1, 8, 8], Float32Array.of(500));
      const { first, norm } = tinyExpected[500];
      for (const [i, v] of first.entries()) expect(Math.abs(data[i] - v)).toBeLessThan(coarse ? 5e-4 : 1e-4);
      expect(Math.abs(Math.hypot(...data) - norm)).toBeLessThan(coarse ? 5e-4 : 1e-4);
      await session.release();
    });

    it('predict the same noise as the processor', async () => {
      const home = join(folder, 'tiny');
      await writeTinyPrior(home);
      const predict = async (on: NetworkDevice) => {
        const prior = await loadPrior(home, { device: on, cache: join(folder, 'cache') });
        const shape = { batch: 2, height: 13, width: 18 };
        const { noise } = await prior.predictNoise(image(2 * 2 * 13 * 18), shape, { t: 0, alphaBar: 0.6 });
        expect(prior.device?.()).toBe(on);
        await prior.dispose();
        return noise;
      };
      expect(relativeError(await predict(device), await predict('cpu'))).toBeLessThan(tolerance);
    });

    it('compute nearly the same in half precision, or say that the device cannot', async () => {
      const home = join(folder, 'tiny');
      await writeTinyPrior(home);
      const told: string[] = [];
      const open = await openPriorNetwork(home, {
        ...{ device, precision: 'float16', cache: join(folder, 'cache') },
        warn: (message) => told.push(message),
      });
      const error = relativeError((await open.session.run(batch.x, batch.shape, batch.t)).data, plainBatch());
      await open.session.release();
      expect(open.device()).toBe(told.length > 0 ? device : `${device}, float16`);
      // float16 keeps 11 bits: some ten layers add 2^-12 each.
      expect(error).toBeLessThan(told.length > 0 ? tolerance : 10 * 2 ** -12);
      if (told.length > 0) expect(told).toEqual([expect.stringMatching(/does not compute in half precision/)]);
      else expect(error).toBeGreaterThan(1e-6);
    });
  });
}
