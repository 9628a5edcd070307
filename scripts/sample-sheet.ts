/**
 * Draws samples.png of any prior folder, also one whose weights come from models/training/train.py:
 *
 *     node scripts/sample-sheet.ts PRIOR --data FOLDER --config FILE [--out samples.png]
 *
 * FOLDER and FILE are those of `tangent priors train`; the images shown are the ones they hold out.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quietContext } from '../engine/context.ts';
import { writeFileAtomic } from '../engine/io/atomic-file.ts';
import { loadManifest, loadPrior } from '../engine/prior/registry.ts';
import { vpSchedule } from '../engine/prior/schedule.ts';
import { openTrainingImages } from '../engine/prior/training/images/open-training-images.ts';
import { sampleSheet } from '../engine/prior/training/sample-sheet.ts';
import { parseTrainingConfig } from '../engine/prior/training/training-config.ts';
import { encodePng } from '../engine/recon/preview-png.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string' }, config: { type: 'string' }, out: { type: 'string' } },
});
const [name] = positionals;
if (name === undefined || values.data === undefined || values.config === undefined) {
  console.error('usage: node scripts/sample-sheet.ts PRIOR --data FOLDER --config FILE [--out samples.png]');
  process.exit(2);
}
const config = parseTrainingConfig(await readFile(values.config, 'utf8'), values.config);
const images = await openTrainingImages(values.data, config, quietContext());
const { manifest, folder } = await loadManifest(name);
const prior = await loadPrior(name);
const picture = await sampleSheet(prior, images.validation, { schedule: vpSchedule(manifest.schedule) });
await prior.dispose();
const out = values.out ?? join(folder, 'samples.png');
await writeFileAtomic(out, encodePng(picture), { force: true });
console.log(`${out}: ${picture.width} × ${picture.height}`);
