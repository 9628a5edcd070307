/**
 * Makes a prior's page, models/NAME/README.md: what its manifest says, and a gallery of where it fails, each picture
 * reconstructed anew from data nobody trained on, with its figures:
 *   node models/training/gallery.ts --prior models/brain-mri [--input SERIES]
 *   node models/training/gallery.ts --prior models/ct --input ../shared/data/ct/body_totalseg_3mm.nii.gz
 * brain-mri uses the bundled series unless told otherwise.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quietContext } from '../../engine/context.ts';
import { openScan } from '../../engine/io/recognise.ts';
import { loadManifest } from '../../engine/prior/prior-folder.ts';
import { encodePng } from '../../engine/recon/preview-png.ts';
import { bundledSeries } from '../../main/host/bundled-series.ts';
import { brainFailures } from './gallery-brain.ts';
import { ctFailures } from './gallery-ct.ts';
import { page } from './gallery-page.ts';
import { failureStrip } from './gallery-strip.ts';

const { values } = parseArgs({ options: { prior: { type: 'string' }, input: { type: 'string' } } });
if (values.prior === undefined) throw new Error('usage: node models/training/gallery.ts --prior FOLDER [--input SERIES]');
const { manifest, folder } = await loadManifest(join(values.prior, ''));
const scan = await openScan(values.input ?? bundledSeries('--input SERIES'));
if (scan.kind !== 'image' || scan.volume.dtype === 'complex64') throw new Error('the input is not a real image series');

const failures = (manifest.modality === 'ct' ? ctFailures : brainFailures)(scan, folder, quietContext({ threads: 2 }));
await mkdir(join(folder, 'gallery'), { recursive: true });
const shown = [];
for await (const failure of failures) {
  const file = `gallery/${failure.name}.png`;
  await writeFile(join(folder, file), encodePng(failureStrip(failure)));
  shown.push({ ...failure, file });
  console.log(`${failure.name}: ${failure.figures}`);
}
await writeFile(join(folder, 'README.md'), page(manifest, shown));
