import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import type { MriSlice } from '../../engine/physics/mri/slice.ts';
import { ctMethod, ctMethods, mriMethod, mriMethods, parseParameters } from '../../engine/recon/registry.ts';
import { combinations, tuneMethod } from '../../engine/recon/tune-method.ts';

function caught(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error;
  }
  throw new Error('expected an EngineError');
}

describe('method registry', () => {
  test('ids are the keys, and every method parses an empty object and its own tuning grid', () => {
    expect([...mriMethods.keys()]).toEqual(['zero-filled', 'cg-sense', 'l1-wavelet', 'tv']);
    expect([...ctMethods.keys()]).toEqual(['fbp', 'cg', 'sirt', 'tv', 'tv3d']);
    for (const [id, method] of [...mriMethods, ...ctMethods]) {
      expect(method.id).toBe(id);
      expect(method.summary).toMatch(/\.$/);
      const defaults = parseParameters(method);
      for (const set of combinations(method.tuning ?? {}))
        expect(parseParameters(method, set)).toEqual({ ...(defaults as object), ...set });
    }
  });

  test('an unknown method or parameter is a usage error that names what there is', () => {
    expect(caught(() => mriMethod('magic'))).toMatchObject({ code: 'bad-usage', path: 'method' });
    expect(caught(() => mriMethod('magic')).hint).toContain('l1-wavelet');
    expect(caught(() => ctMethod('cg-sense')).hint).toContain('fbp');
    const high = caught(() => parseParameters(mriMethod('cg-sense'), { lambda: 11 }));
    expect(high).toMatchObject({ code: 'bad-usage', path: 'lambda' });
    expect(high.message).toContain('10');
    expect(caught(() => parseParameters(mriMethod('tv'), { lamda: 1 })).hint).toContain('lambda');
    expect(caught(() => parseParameters(mriMethod('zero-filled'), { x: 1 })).hint).toContain('none');
  });
});

describe('tuneMethod', () => {
  // A full mask and one coil of ones: the image is y/(1 + λ), so the best λ of the grid is known.
  const values = Float32Array.from({ length: 128 }, (_, i) => (i % 2 === 0 ? 1 + i / 40 : 0));
  const slice: MriSlice = {
    kspace: ndarray('complex64', [1, 8, 8], new Float32Array(128)),
    mask: ndarray('uint8', [8, 8], new Uint8Array(64).fill(1)),
    maps: ndarray(
      'complex64',
      [1, 8, 8],
      Float32Array.from({ length: 128 }, (_, i) => (i % 2 === 0 ? 1 : 0)),
    ),
    sigma: 0,
  };
  slice.kspace.data[72] = 8; // DC: a constant image of 1

  test('picks the best combination and reports every trial', async () => {
    const reference = ndarray('float32', [8, 8], new Float32Array(64).fill(1 / 1.1));
    const result = await tuneMethod(mriMethod('cg-sense'), slice, reference, quietContext(), {
      lambda: [0, 0.1, 0.5],
      tolerance: [1e-6],
    });
    expect(result.parameters).toEqual({ lambda: 0.1, tolerance: 1e-6 });
    expect(result.metrics.psnr).toBeGreaterThan(80);
    expect(result.trials).toHaveLength(3);
    expect(result.atEdge).toBe(false);
    expect(result.image.data[0]).toBeCloseTo(1 / 1.1, 5);
  });

  test('says when the optimum lies at the edge of the grid', async () => {
    const reference = ndarray('float32', [8, 8], new Float32Array(64).fill(0.5));
    const result = await tuneMethod(mriMethod('cg-sense'), slice, reference, quietContext(), { lambda: [0, 0.1, 0.5] });
    expect(result.parameters).toEqual({ lambda: 0.5 });
    expect(result.atEdge).toBe(true);
  });

  test('refuses an empty candidate list and a value the method does not take', async () => {
    const reference = ndarray('complex64', [8, 8], values);
    const method = mriMethod('cg-sense');
    await expect(tuneMethod(method, slice, reference, quietContext(), { lambda: [] })).rejects.toThrow(
      /without candidates/,
    );
    await expect(tuneMethod(method, slice, reference, quietContext(), { lambda: [-1] })).rejects.toMatchObject({
      code: 'bad-usage',
      path: 'lambda',
    });
  });
});
