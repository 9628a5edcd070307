import { describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import type { CtData } from '../../../engine/physics/ct/ct-data.ts';
import { parallelBeamGeometry, uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { parallelBeam } from '../../../engine/physics/ct/parallel-beam.ts';
import { psnr } from '../../../engine/recon/metrics.ts';
import { ctMethod, runCtMethod } from '../../../engine/recon/registry.ts';

const size = 64;

/** Two nested ellipses and a bar; line integrals with 0.5 % noise from `views` views over `arcDeg`. */
function scan(views: number, arcDeg = 180): { slice: CtData; truth: ReturnType<typeof ndarray<'float32'>> } {
  const x = new Float32Array(size * size);
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      const outer = ((r - 32) / 26) ** 2 + ((c - 31) / 20) ** 2 < 1;
      const inner = ((r - 38) / 9) ** 2 + ((c - 27) / 6) ** 2 < 1;
      x[r * size + c] = outer ? (inner ? 0.2 : 1) : 0;
      if (r > 18 && r < 23 && c > 24 && c < 42) x[r * size + c] = 1.6;
    }
  const geometry = parallelBeamGeometry({ size, anglesDeg: uniformAngles(views, arcDeg) });
  const projector = parallelBeam(geometry);
  const noise = new Float32Array(projector.range.length);
  fillNormal(noise, { seed: 1, sample: 0, slice: 0, step: 0 });
  const sinogram = projector.apply(x).map((value, i) => value / projector.scaling + 0.2 * noise[i]);
  return {
    slice: { geometry, sinogram: ndarray('float32', [1, views, geometry.detectors], sinogram), slices: 1, sigma: 0.2 },
    truth: ndarray('float32', [1, size, size], x),
  };
}

const run = async (id: string, slice: CtData, parameters: unknown = {}) =>
  runCtMethod(ctMethod(id), slice, parameters, quietContext());

describe('CT methods', () => {
  test('more views help filtered back-projection; twice the arc changes nothing', async () => {
    const few = scan(16);
    const many = scan(120);
    const twice = scan(240, 360);
    const low = psnr(await run('fbp', few.slice), few.truth);
    const high = psnr(await run('fbp', many.slice), many.truth);
    expect(high).toBeGreaterThan(low + 4);
    expect(Math.abs(psnr(await run('fbp', twice.slice), twice.truth) - high)).toBeLessThan(1.5);
  });

  test('total variation beats filtered back-projection from few views by more than 5 dB', async () => {
    const { slice, truth } = scan(16);
    const fbp = psnr(await run('fbp', slice), truth);
    const tv = await run('tv', slice);
    expect(psnr(tv, truth)).toBeGreaterThan(fbp + 5);
    expect(Math.min(...tv.data)).toBeGreaterThanOrEqual(0);
  });

  test('scaling the sinogram scales the image', async () => {
    const { slice } = scan(12);
    const scaled = {
      ...slice,
      sinogram: ndarray(
        'float32',
        slice.sinogram.shape,
        slice.sinogram.data.map((v) => 50 * v),
      ),
    };
    for (const id of ['fbp', 'tv']) {
      const a = await run(id, slice);
      const b = await run(id, scaled);
      a.data.forEach((value, i) => {
        expect(Math.abs(b.data[i] - 50 * value)).toBeLessThan(0.01);
      });
    }
  });

  test('a sinogram of another geometry or of zeros is refused', async () => {
    const { slice } = scan(12);
    const wrong = ndarray(
      'float32',
      [11, slice.geometry.detectors],
      slice.sinogram.data.subarray(slice.geometry.detectors),
    );
    await expect(run('fbp', { ...slice, sinogram: wrong })).rejects.toMatchObject({ code: 'mismatch' });
    await expect(run('tv', { ...slice, sinogram: wrong })).rejects.toMatchObject({ code: 'mismatch' });
    const zero = ndarray('float32', slice.sinogram.shape, new Float32Array(slice.sinogram.data.length));
    await expect(run('tv', { ...slice, sinogram: zero })).rejects.toMatchObject({ code: 'bad-input' });
  });
});
