import fc from 'fast-check';
import { describe, it } from 'vitest';
import { openTensors } from '../../engine/tensor/backend.ts';
import { expectSameAsCpu, sample } from './compare-backends.ts';
import { expectNoLeak } from './expect-no-leak.ts';

describe('rearranging on WebAssembly', () => {
  it('tiles any shape as the plain backend does', async () => {
    const axis = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 4 }), async (axes) => {
        const reps = axes.map(([, repeats]) => repeats);
        const x = sample(
          axes.map(([n]) => n),
          axes.length,
        );
        await expectSameAsCpu('wasm', [x], (tf, [t]) => tf.tile(t, reps), { tolerance: 1e-12 });
      }),
      { numRuns: 60 },
    );
  });

  it('transposes matrices of any size, with axes of one element anywhere', async () => {
    const size = fc.integer({ min: 1, max: 23 });
    await fc.assert(
      fc.asyncProperty(size, size, fc.nat(4), async (rows, columns, form) => {
        const [shape, perm] = [
          [
            [rows, columns],
            [1, 0],
          ],
          [
            [rows, 1, columns],
            [2, 1, 0],
          ],
          [
            [1, rows, columns],
            [0, 2, 1],
          ],
          [
            [rows, columns, 1],
            [2, 1, 0],
          ],
          [
            [2, rows, columns],
            [0, 2, 1],
          ],
        ][form];
        const x = sample(shape, rows);
        await expectSameAsCpu('wasm', [x], (tf, [t]) => tf.transpose(t, perm), { tolerance: 1e-12 });
      }),
      { numRuns: 80 },
    );
  });

  it('releases all memory', async () => {
    const tensors = await openTensors('wasm');
    const { tf } = tensors;
    const x = tf.randomNormal([37, 21]);
    await expectNoLeak(tensors, () => tf.tidy(() => void tf.tile(tf.transpose(x), [3, 2])));
    x.dispose();
  });
});
