/** `--device` as a user meets it: with an emulated card, and with none. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readNpy } from '../../engine/io/npy.ts';
import { readResultJson } from '../../engine/recon/result-json.ts';
import { resolvePrecision, usesNetwork } from '../../main/host/resolve-device.ts';
import { temporaryFolder } from '../prior/temporary-folder.ts';
import { writeTinyPrior } from '../prior/tiny-prior.ts';
import { jsonOf, tangent } from './tangent-process.ts';
import { writeTinyScan } from './tiny-scan.ts';

/** Where Debian's chromium keeps a Vulkan driver that runs on the processor. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
const emulated = process.platform === 'linux' && existsSync(swiftShader);
if (!emulated) console.log(`--device webgpu is not tested on an emulated card: there is no ${swiftShader}`);
const linux = process.platform === 'linux';
if (!linux) console.log('--device without a card is not tested: only Vulkan can be told that there is none');

const folder = temporaryFolder();
const file = join(folder, 'scan.npz');
const prior = join(folder, 'tiny');

let runs = 0;
async function reconstruct(device: string, drivers: string) {
  const out = join(folder, `result-${runs++}`);
  const words = ['reconstruct', file, '--prior', prior, '--out', out, '--steps', '2', '--device', device, '--json'];
  const result = await tangent(words, { env: { VK_DRIVER_FILES: drivers, TANGENT_CACHE: join(folder, 'cache') } });
  return { result, out };
}

async function recordOf(out: string) {
  return readResultJson(await readFile(join(out, 'result.json'), 'utf8'), out);
}

describe('the device of a reconstruction', () => {
  beforeAll(async () => {
    await writeTinyScan(file, { slices: 1, size: 16 });
    await writeTinyPrior(prior);
  });

  test.skipIf(!emulated)('webgpu gives the image of the processor to rounding, and is recorded', async () => {
    const images = [];
    for (const device of ['cpu', 'webgpu']) {
      const { result, out } = await reconstruct(device, swiftShader);
      expect(result.code, result.stderr).toBe(0);
      expect((await recordOf(out)).device).toBe(device);
      images.push(readNpy(await readFile(join(out, 'image.npy'))).data as Float32Array);
    }
    const [cpu, webgpu] = images;
    const largest = cpu.reduce((most, v) => Math.max(most, v), 0);
    const difference = cpu.reduce((most, v, i) => Math.max(most, Math.abs(v - webgpu[i])), 0);
    expect(difference).toBeLessThan(1e-4 * largest);
  });

  test.skipIf(!emulated)('auto passes an emulated card over', async () => {
    const { result, out } = await reconstruct('auto', swiftShader);
    expect(result.code, result.stderr).toBe(0);
    expect((await recordOf(out)).device).toBe('cpu');
  });

  test.skipIf(!linux)('webgpu without a card ends with 2 and says what it needs; auto goes on without', async () => {
    const { result, out } = await reconstruct('webgpu', '/nonexistent.json');
    expect(result.code).toBe(2);
    expect(jsonOf(result)).toMatchObject({
      error: {
        code: 'unsupported',
        path: '--device',
        message: expect.stringMatching(/webgpu is not available: .*adapter/),
        hint: expect.stringMatching(/libvulkan1.*--device cpu/),
      },
    });
    expect(existsSync(out)).toBe(false);
    const auto = await reconstruct('auto', '/nonexistent.json');
    expect(auto.result.code, auto.result.stderr).toBe(0);
    expect((await recordOf(auto.out)).device).toBe('cpu');
  });
});

describe('what a job needs of a device', () => {
  test.each([
    ['reconstruct', { method: 'dds' }, true],
    ['reconstruct', { method: 'cg-sense' }, false],
    ['demo', {}, true],
    ['solve', { id: 'dds' }, true],
    ['solve', { id: 'sinkhorn' }, false],
    ['info', {}, false],
    ['toString', {}, false],
    ['reconstruct', null, false],
  ])('%s of %j', (job, input, needed) => {
    expect(usesNetwork(job, input)).toBe(needed);
  });

  test('the precision is float32 unless the environment says float16', () => {
    expect(resolvePrecision({})).toBe('float32');
    expect(resolvePrecision({ TANGENT_PRECISION: 'float16' })).toBe('float16');
    expect(() => resolvePrecision({ TANGENT_PRECISION: 'half' })).toThrow(
      expect.objectContaining({ code: 'bad-usage', path: 'TANGENT_PRECISION' }),
    );
  });
});
