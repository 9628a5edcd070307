/** One slice through the user's window, or all slices in one picture, as PNG. Nothing is drawn into it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { EngineError } from '../../../engine/errors.ts';
import { contactSheet } from '../../../engine/recon/preview-contact-sheet.ts';
import { encodePng, type IndexedImage } from '../../../engine/recon/preview-png.ts';
import { toLevels } from '../../../engine/recon/preview-window.ts';
import { type Exported, type ExportJob, type Shown, shownComponent } from './export-job.ts';
import { exportLabels, sidecarText } from './export-labels.ts';
import { freeName } from './free-name.ts';
import { guardPixels } from './guard-pixels.ts';

function drawn({ component, volume }: Shown, picture: ExportJob['request']['picture']): IndexedImage {
  const [slices, rows, columns] = component.shape;
  if (picture === undefined) return contactSheet(volume);
  const { slice, centre, width } = picture;
  if (slice >= slices)
    throw new EngineError('bad-usage', `slice ${slice} is not inside 0:${slices}`, { path: 'picture.slice' });
  const values = volume.data.subarray(slice * rows * columns, (slice + 1) * rows * columns);
  const pixels = toLevels(values, { low: centre - width / 2, high: centre + width / 2 });
  return { width: columns, height: rows, pixels };
}

/** "slice-COMPONENT-012.png" or "slices-COMPONENT.png", and its JSON; the same words stand in text chunks of the PNG. */
export async function exportPicture(job: ExportJob): Promise<Exported> {
  const { request, item, record, folder } = job;
  const warnings = await guardPixels(job);
  job.progress(0.2, 'reading values');
  const shown = await shownComponent(job);
  const { component } = shown;
  const finite = ndarray('float32', [...component.shape], shown.volume.data);
  const image = drawn({ component, volume: finite }, request.picture);
  if (component.inverted) for (let i = 0; i < image.pixels.length; i++) image.pixels[i] = 255 - image.pixels[i];
  const labels = exportLabels(record, component.title);
  const said = [...labels.statements, ...labels.warnings.map(({ code, message }) => `${code}: ${message}`)];
  const text = {
    Title: labels.title,
    Disclaimer: labels.notice.replace('–', '-'),
    Software: `Tangent ${job.version}`,
    ...(said.length === 0 ? {} : { Warning: said.join('\n') }),
  };
  const number = request.picture === undefined ? '' : `-${String(request.picture.slice + 1).padStart(3, '0')}`;
  const stem = `${request.picture === undefined ? 'slices' : 'slice'}-${component.name}${number}`;
  const name = await freeName(folder, stem, '.png');
  const sidecar = name.replace(/png$/, 'json');
  await writeFile(join(folder, name), encodePng({ ...image, text }));
  const facts = { shape: component.shape, unit: component.unit, spacing_mm: item.spacingMm };
  await writeFile(join(folder, sidecar), sidecarText(labels, name, facts, record));
  return { files: [name, sidecar], warnings };
}
