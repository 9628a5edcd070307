/** Run by resume.test.ts as a process of its own, to be killed: CHECKPOINT_FOLDER OUTPUT_FILE INPUT_AS_JSON. */
import { writeFileSync } from 'node:fs';
import { quietContext } from '../../engine/context.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { checkpointFolder } from '../../engine/io/checkpoint-folder.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { ctVolumeScene } from './ct-volume-scene.ts';

const [folder, output, settings] = process.argv.slice(2);
const store = checkpointFolder(folder);
const { problem } = ctVolumeScene(12, 32, 8);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const context = quietContext({
  progress: ({ step }) => {
    if (!step) return;
    process.stdout.write('step\n');
    // Slow enough to be killed in time by a busy computer.
    Atomics.wait(sleeper, 0, 0, 25);
  },
  log: (_level, message) => {
    if (message.startsWith('going on')) process.stdout.write(`${message}\n`);
  },
});
const result = await sample(
  problem,
  gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 }),
  resolveParameters(JSON.parse(settings)),
  context,
  { checkpoint: { store, every: 1 } },
);
writeFileSync(output, new Uint8Array(result.image.buffer));
await store.remove();
