/** Train, export, import: the same outputs at every step of the way. */
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import { evaluatePrior, exportPrior, importPrior } from '../../engine/prior/registry.ts';
import { trainPrior } from '../../engine/prior/training/train-prior.ts';
import { encodePng } from '../../engine/recon/preview-png.ts';
import { openTensors } from '../../engine/tensor/backend.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { toyConfig, toyImages } from './training-loop/toy-images.ts';

const root = temporaryFolder();
const trained = join(root, 'trained');
const x = ndarray(
  'float32',
  [2, 2, 16, 16],
  Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i * i)),
);
const run = async (prior: string, t: number) => (await evaluatePrior(prior, x, t, { cache: join(root, 'cache') })).data;

beforeAll(async () => {
  const tensors = await openTensors('wasm');
  const options = { config: toyConfig(), images: toyImages(), tensors, out: trained, resume: false, encodePng };
  await trainPrior(options, quietContext());
});

it.each([
  ['safetensors', 'network', 0],
  ['onnx', 'network', 1e-6],
  ['onnx', 'eps', 1e-6],
] as const)('as %s (%s) the trained network differs by at most %d', async (format, as, tolerance) => {
  const file = join(root, `${as}.${format}`);
  await exportPrior(trained, file, { format, as, weights: 'float32' });
  const { folder, warnings } = await importPrior(file, { out: `${file}.prior` });
  expect(warnings).toEqual([]);
  for (const t of [0, 250, 999]) {
    const expected = await run(trained, t);
    const found = await run(folder, t);
    const size = Math.max(1, ...expected.map(Math.abs));
    for (let i = 0; i < expected.length; i++)
      expect(Math.abs(found[i] - expected[i])).toBeLessThanOrEqual(tolerance * size);
  }
});
