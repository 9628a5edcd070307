/** The picture sections of the report: methods side by side, errors, evidence, uncertainty, all slices. */
import type { NdArray } from '../arrays/ndarray.ts';
import { type DisplayWindow, quantile, robustWindow } from './preview-window.ts';
import { html, htmlTable, number, raw } from './report-html.ts';
import {
  colourBar,
  errorPicture,
  evidencePicture,
  greyPicture,
  heatPicture,
  type Picture,
  priorShare,
} from './report-images.ts';
import type { QualityMetrics, ReconstructionResult } from './result.ts';

const errorGain = 5;
const mostThumbnails = 24;

/** Few pictures are shown larger. */
function grid(figures: readonly string[]): string {
  return html`<div class="grid${figures.length <= 3 ? ' few' : ''}">${raw(figures.join(''))}</div>`;
}

/** What the calibration table comes to. */
function verdict(rows: readonly { nominal: number; observed: number }[]): string {
  const gap = rows.reduce((sum, { nominal, observed }) => sum + observed - nominal, 0) / Math.max(1, rows.length);
  if (gap < -0.05) return 'The stated spread is too narrow here: true errors are larger than it says.';
  if (gap > 0.05) return 'The stated spread is wider than the true errors.';
  return 'The stated spread agrees with the true errors.';
}

export function commonWindow(result: ReconstructionResult): DisplayWindow {
  return robustWindow((result.reference ?? result.image).data);
}

const middle = (result: ReconstructionResult) => Math.floor(result.image.shape[0] / 2);

function figure(
  picture: Picture,
  title: string,
  detail: string,
  options: { main?: boolean; alt?: string } = {},
): string {
  return html`<figure${raw(options.main ? ' class="main"' : '')}><img class="scan" src="${picture.url}" width="${picture.width}" height="${picture.height}" alt="${options.alt ?? title}"><figcaption><b>${title}</b>${detail === '' ? '' : ` ${detail}`}</figcaption></figure>`;
}

function bar(kind: 'heat' | 'prior', from: string, to: string): string {
  return html`<div class="bar"><span>${from}</span><img src="${colourBar(kind).url}" alt="colour scale from ${from} to ${to}" width="200" height="12"><span>${to}</span></div>`;
}

interface Shown {
  title: string;
  image: NdArray<'float32'>;
  metrics: QualityMetrics | undefined;
  main: boolean;
}

function shownImages(result: ReconstructionResult): Shown[] {
  return [
    ...result.baselines.map(({ title, image, metrics }) => ({ title, image, metrics, main: false })),
    { title: result.methodTitle, image: result.image, metrics: result.metrics, main: true },
  ];
}

const decibel = (metrics: QualityMetrics | undefined) =>
  metrics !== undefined && Number.isFinite(metrics.psnr) ? `${metrics.psnr.toFixed(2)} dB` : '';

export function imageSection(result: ReconstructionResult): string {
  const window = commonWindow(result);
  const slice = middle(result);
  const shown = shownImages(result);
  const { reference } = result;
  const images = shown.map(({ title, image, metrics, main }) =>
    figure(greyPicture(image, slice, window), title, decibel(metrics), { main }),
  );
  if (reference !== undefined) images.push(figure(greyPicture(reference, slice, window), 'Reference', 'fully sampled'));
  const caption = `Slice ${result.sliceIndices[slice] ?? slice}. One window for all pictures: ${number(window.low)} to ${number(window.high)}, in the units of the input.`;
  const errors =
    reference === undefined
      ? ''
      : html`<h2>Error, ×${errorGain}</h2>${raw(
          grid(
            shown.map(({ title, image, metrics, main }) =>
              figure(errorPicture(image, reference, slice, window, errorGain), title, decibel(metrics), {
                main,
                alt: `Error of ${title}`,
              }),
            ),
          ),
        )}${raw(bar('heat', '0', number((window.high - window.low) / errorGain)))}<p class="soft">|image − reference|, shown with a gain of ${errorGain} against the window above.</p>`;
  return html`<h2>Images</h2>${raw(grid(images))}<p class="soft">${caption}</p>${raw(errors)}`;
}

export function evidenceSection(result: ReconstructionResult): string {
  const { evidence, image } = result;
  if (evidence === undefined) return '';
  const slice = middle(result);
  const share = number(100 * priorShare(image, evidence));
  const window = commonWindow(result);
  const picture = evidencePicture(image, evidence, slice, window);
  return html`<h2>Evidence: measured, or supplied by the prior</h2><div class="pair">${raw(
    figure(picture, 'Evidence map', `slice ${result.sliceIndices[slice] ?? slice}`, {
      alt: 'Image tinted where the prior supplied it',
    }),
  )}<div><p><span class="amber"></span> Amber shows what the measurement does not determine and the prior has filled in: ${share} % of this image’s signal. Grey is measured.</p>${raw(
    bar('prior', '0 %', '100 % from the prior'),
  )}<p class="soft">Fine detail in strongly coloured places is the model’s expectation. A finding there needs a second look at other data.</p></div></div>`;
}

export function uncertaintySection(result: ReconstructionResult): string {
  const { std } = result;
  if (std === undefined) return '';
  const slice = middle(result);
  const high = Math.max(quantile(std.data, 0.997), Number.MIN_VALUE);
  const calibration =
    result.calibration === undefined
      ? html`<p class="soft">Without a reference the spread cannot be checked against true errors.</p>`
      : html`<p>How often the true value lies inside the stated interval:</p>${raw(
          htmlTable(
            'Calibration',
            ['Stated', 'Observed'],
            result.calibration.map(({ nominal, observed }) => ({
              cells: [{ text: `${number(100 * nominal)} %` }, { text: `${number(100 * observed)} %` }],
            })),
          ),
        )}<p>${verdict(result.calibration)}</p>`;
  return html`<h2>Uncertainty</h2><div class="pair">${raw(
    figure(heatPicture(std, slice, high), 'Standard deviation', `slice ${result.sliceIndices[slice] ?? slice}`),
  )}<div><p>Standard deviation over posterior samples: where they disagree, the data leave room.</p>${raw(
    bar('heat', '0', number(high)),
  )}${raw(calibration)}</div></div>`;
}

export function stripSection(result: ReconstructionResult): string {
  const slices = result.image.shape[0];
  if (slices < 2) return '';
  const window = commonWindow(result);
  const shown = Math.min(slices, mostThumbnails);
  const figures = Array.from({ length: shown }, (_, i) => {
    const slice = Math.floor((i * slices) / shown);
    return figure(greyPicture(result.image, slice, window), String(result.sliceIndices[slice] ?? slice), '', {
      alt: `Slice ${result.sliceIndices[slice] ?? slice}`,
    });
  });
  const title = shown < slices ? `${shown} of ${slices} slices` : 'All slices';
  return html`<h2>${title}</h2><div class="strip">${raw(figures.join(''))}</div>`;
}
